import type { Readable } from 'node:stream';
import { DomainException } from '#domain/shared/domain-exception';

/** What a request to a signed upload address claims; nothing of it is true before it is verified. */
export interface UploadClaim {
  readonly method: string;
  readonly key: string;
  /** Unix seconds. */
  readonly expires: number;
  readonly maxBytes: number;
  readonly signature: string;
}

/** The receiving end of an UploadTicket, where this service itself is the storage. */
export abstract class UploadReceiver {
  /** Throws UploadUrlRefused: `upload_url_invalid` unless we signed this very claim, `upload_url_expired` from then on. */
  abstract verify(claim: UploadClaim, now: Date): void;

  /**
   * Stores `body` under `key` and answers how many bytes there were. All of it or nothing: what is refused, breaks off or
   * fails leaves nothing behind. Of several uploads to one key exactly one is kept. Does not destroy `body`: what was
   * not read remains to be read. Throws UploadTooLarge and UploadAlreadyReceived; rejects with the error of `body`.
   */
  abstract receive(key: string, maxBytes: number, body: Readable): Promise<number>;
}

/** 403: the address is not one of ours, or no longer. */
export class UploadUrlRefused extends DomainException {
  constructor(code: 'upload_url_invalid' | 'upload_url_expired', message: string) {
    super(code, message);
  }
}

/** 413: more bytes than the address was signed for. */
export class UploadTooLarge extends DomainException {
  constructor(limitBytes: number) {
    super(
      'file_size_exceeded',
      `This address takes at most ${limitBytes} bytes.`,
      { limit_bytes: limitBytes },
      'too_large',
    );
  }
}

/** 409: an address can be used once. */
export class UploadAlreadyReceived extends DomainException {
  constructor() {
    super(
      'upload_already_received',
      'A file was uploaded to this address already. Ask for a new upload URL to send another one.',
      {},
      'conflict',
    );
  }
}
