import { Readable } from 'node:stream';
import type { UploadStorage, UploadTicket } from '#application/sessions/upload-storage';

/** Files by key. It belongs to the world outside: no transaction undoes what is done here. */
export class InMemoryUploadStorage implements UploadStorage {
  readonly files = new Map<string, Buffer>();
  readonly tickets: { readonly key: string; readonly maxBytes: number; readonly expiresAt: Date }[] = [];

  authorize(key: string, maxBytes: number, expiresAt: Date): UploadTicket {
    this.tickets.push({ key, maxBytes, expiresAt });
    return { url: `https://uploads.test/${key}`, method: 'PUT', headers: {}, expiresAt };
  }

  async size(key: string): Promise<number | null> {
    return this.files.get(key)?.length ?? null;
  }

  async open(key: string): Promise<Readable> {
    const file = this.files.get(key);
    if (!file) throw new Error(`There is no file ${key}.`);
    return Readable.from([file]);
  }

  async remove(key: string): Promise<void> {
    this.files.delete(key);
  }
}
