import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';

/** A multipart/form-data body (RFC 7578) that is written while the recording is read, its length known beforehand. */
export class TranscriptionForm {
  private readonly head: Buffer;
  private readonly tail: Buffer;
  readonly contentType: string;

  /** Fields and the file's name and type are ours, never a user's: nothing in them needs escaping. */
  constructor(
    fields: Readonly<Record<string, string>>,
    private readonly file: { readonly name: string; readonly contentType: string; readonly bytes: number },
  ) {
    // Random, because whoever made the recording may have put any known boundary into it.
    const boundary = `minutebook-${randomBytes(16).toString('hex')}`;
    const part = (disposition: string, rest: string) =>
      `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n${rest}`;
    this.contentType = `multipart/form-data; boundary=${boundary}`;
    this.head = Buffer.from(
      Object.entries(fields)
        .map(([name, value]) => part(`name="${name}"`, `\r\n${value}\r\n`))
        .join('') + part(`name="file"; filename="${file.name}"`, `Content-Type: ${file.contentType}\r\n\r\n`),
    );
    this.tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  }

  get bytes(): number {
    return this.head.length + this.file.bytes + this.tail.length;
  }

  /** Throws RecordingChanged when the recording is not as long as was said, RecordingUnreadable when it breaks off. */
  async *write(recording: Readable): AsyncGenerator<Buffer, void, void> {
    yield this.head;
    let bytes = 0;
    const chunks = recording[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    for (let next = await read(chunks); next !== null; next = await read(chunks)) {
      bytes += next.length;
      if (bytes > this.file.bytes) break;
      yield next;
    }
    if (bytes !== this.file.bytes) throw new RecordingChanged(this.file.bytes);
    yield this.tail;
  }
}

/** The stored recording is not the one that was measured. */
export class RecordingChanged extends Error {
  constructor(expectedBytes: number) {
    super(`The stored recording does not have the ${expectedBytes} bytes that were measured.`);
    this.name = 'RecordingChanged';
  }
}

/** Our own storage failed, not the provider; `cause` is what it threw. */
export class RecordingUnreadable extends Error {
  constructor(cause: unknown) {
    super('The stored recording could not be read to its end.', { cause });
    this.name = 'RecordingUnreadable';
  }
}

async function read(chunks: AsyncIterator<Buffer>): Promise<Buffer | null> {
  try {
    const next = await chunks.next();
    return next.done === true ? null : next.value;
  } catch (error) {
    throw new RecordingUnreadable(error);
  }
}
