import type { Readable } from 'node:stream';

/** What a client needs for one upload, and for nothing else. */
export interface UploadTicket {
  readonly url: string;
  readonly method: 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAt: Date;
}

/** Where recordings lie between upload and deletion. Keys are made by the server: `<user>/<session>/<upload>.<ext>`. */
export abstract class UploadStorage {
  /** A signed address for one key, one method, at most `maxBytes`, until `expiresAt`. It can be used once. */
  abstract authorize(key: string, maxBytes: number, expiresAt: Date): UploadTicket;

  /** Size in bytes, or null when nothing (complete) lies there. */
  abstract size(key: string): Promise<number | null>;

  /** The bytes from the beginning. Rejects when nothing lies there. */
  abstract open(key: string): Promise<Readable>;

  /** Removes what lies there; nothing there is no error. */
  abstract remove(key: string): Promise<void>;
}
