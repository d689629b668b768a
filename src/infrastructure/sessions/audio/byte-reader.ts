import type { Readable } from 'node:stream';
import { unmeasurable } from './measured-audio.js';

const LARGEST_WINDOW = 1024 * 1024;
/**
 * A day of 20 ms packets beside 60 pictures a second asks 10 million times; a file made of nothing but tiny elements would
 * go on for ever. 12 million questions took 2 to 5 s on one core, in turns of one piece of the file.
 */
const MOST_QUESTIONS = 12_000_000;

/** Reads a recording once, forward, holding one piece at a time: half a gigabyte costs no more memory than a kilobyte. */
export class ByteReader {
  private readonly pieces: AsyncIterator<Buffer>;
  private held: Buffer = Buffer.alloc(0);
  /** Of the next byte: within `held`, and of the first held byte within the file. */
  private at = 0;
  private heldFrom = 0;
  private ended = false;
  private questions = 0;

  /** `size` in bytes as the storage knows it; `most` questions are answered. The caller destroys the stream. */
  constructor(
    stream: Readable,
    readonly size: number,
    private readonly most = MOST_QUESTIONS,
  ) {
    this.pieces = stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  }

  /** Of the next byte, from the beginning of the file. */
  get position(): number {
    return this.heldFrom + this.at;
  }

  get left(): number {
    return Math.max(0, this.size - this.position);
  }

  /** What `window` would answer, when that needs no waiting: waiting for what is there costs more than reading it. */
  ready(wanted: number): Buffer | null {
    if (this.held.length - this.at < wanted && !this.ended) return null;
    this.ask(wanted);
    return this.held.subarray(this.at);
  }

  /**
   * What is held from `position` on, at least `wanted` bytes unless the file ends before; consumes nothing.
   * Rejects with the storage's own error, and with RecordingRefused when a file asks too often to be measured.
   */
  async window(wanted: number): Promise<Buffer> {
    this.ask(wanted);
    while (this.held.length - this.at < wanted && !this.ended) await this.hold();
    return this.held.subarray(this.at);
  }

  /** Moves on within what `window` showed. */
  consume(bytes: number): void {
    this.at = Math.min(this.at + bytes, this.held.length);
  }

  /** The next `bytes` bytes. Throws RecordingRefused when the file ends before. */
  async take(bytes: number): Promise<Buffer> {
    const window = await this.window(bytes);
    if (window.length < bytes) throw unmeasurable('The file ends in the middle of a part.', { file_bytes: this.size });
    this.consume(bytes);
    return window.subarray(0, bytes);
  }

  /** Leaves out `bytes` bytes, or what is left of them; answers how many there were. */
  async skip(bytes: number): Promise<number> {
    const from = this.position;
    for (;;) {
      this.consume(bytes - (this.position - from));
      if (this.position - from === bytes || this.ended) return this.position - from;
      await this.hold();
    }
  }

  private ask(wanted: number): void {
    if (++this.questions > this.most) {
      throw unmeasurable('The file is made of too many parts to be measured.', { parts: this.most });
    }
    if (wanted > LARGEST_WINDOW) {
      throw unmeasurable('A part of the file is too large to be read.', {
        part_bytes: wanted,
        limit_bytes: LARGEST_WINDOW,
      });
    }
  }

  private async hold(): Promise<void> {
    const next = await this.pieces.next();
    if (next.done) {
      this.ended = true;
      return;
    }
    this.heldFrom += this.at;
    this.held = this.at === this.held.length ? next.value : Buffer.concat([this.held.subarray(this.at), next.value]);
    this.at = 0;
  }
}
