import { Readable } from 'node:stream';
import type { UploadStorage, UploadTicket } from '#application/sessions/upload-storage';
import { RecordingRefused, type Recording } from '#domain/sessions/recording';
import { MetadataRecordingProbe } from '#infrastructure/sessions/metadata-recording-probe';

/** An upload storage that holds one recording, whatever the key: in memory, or made while it is read. */
export class StoredBytes implements UploadStorage {
  /** Every stream that was opened, so that a test can see them closed. */
  readonly streams: Readable[] = [];

  constructor(
    private readonly content: Buffer | (() => Iterable<Buffer> | AsyncIterable<Buffer>),
    private readonly bytes: number = Buffer.isBuffer(content) ? content.length : 0,
  ) {}

  authorize(): UploadTicket {
    throw new Error('Nothing is uploaded here.');
  }

  async size(): Promise<number> {
    return this.bytes;
  }

  async open(): Promise<Readable> {
    const { content } = this;
    const stream = Readable.from(Buffer.isBuffer(content) ? piecesOf(content) : content(), { objectMode: false });
    this.streams.push(stream);
    return stream;
  }

  async remove(): Promise<void> {
    throw new Error('Nothing is removed here.');
  }
}

function* piecesOf(content: Buffer): Generator<Buffer> {
  for (let at = 0; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536);
}

/** What the probe makes of these bytes. */
export function probed(content: Buffer): Promise<Recording> {
  return new MetadataRecordingProbe(new StoredBytes(content)).measure('any');
}

export async function secondsOf(content: Buffer): Promise<number> {
  return (await probed(content)).duration.seconds;
}

/** The code of the refusal, or the seconds when there was none; anything else that is thrown goes on. */
export async function refusalOf(content: Buffer): Promise<string | number> {
  try {
    return await secondsOf(content);
  } catch (error) {
    if (error instanceof RecordingRefused) return error.code;
    throw error;
  }
}
