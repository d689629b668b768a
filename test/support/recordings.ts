import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { TranscriptionOrder } from '#application/sessions/transcriber';

/** A recording that is made while it is read; `bytesRead` says how far anybody got. */
export class StreamedRecording {
  bytesRead = 0;
  opened = 0;
  streams: Readable[] = [];

  private readonly blockBytes = EVERY_BYTE.length;

  constructor(readonly bytes: number) {}

  readonly open = async (): Promise<Readable> => {
    this.opened++;
    const stream = Readable.from(this.blocks(), { objectMode: false });
    this.streams.push(stream);
    return stream;
  };

  get sha256(): string {
    const hash = createHash('sha256');
    for (let at = 0; at < this.bytes; at += this.blockBytes) hash.update(this.block(at));
    return hash.digest('hex');
  }

  private *blocks(): Generator<Buffer> {
    for (let at = 0; at < this.bytes; at += this.blockBytes) {
      const block = this.block(at);
      this.bytesRead += block.length;
      yield block;
    }
  }

  private block(at: number): Buffer {
    const block = Buffer.from(EVERY_BYTE.subarray(0, Math.min(this.blockBytes, this.bytes - at)));
    block[0] = (at / this.blockBytes) % 256;
    return block;
  }
}

/** Line breaks and zeros included. */
const EVERY_BYTE = Buffer.from(Array.from({ length: 64 * 1024 }, (_, index) => (index * 7) % 256));

export function anOrder(
  recording: StreamedRecording = new StreamedRecording(1000),
  of: Partial<TranscriptionOrder> = {},
): TranscriptionOrder {
  return {
    attemptKey: '00000000-0000-4000-8000-00000000abcd:1',
    model: 'whisper-1',
    language: 'en-US',
    filename: 'First meeting with Ana.mp3',
    contentType: 'audio/mpeg',
    bytes: recording.bytes,
    seconds: 60,
    open: recording.open,
    ...of,
  };
}
