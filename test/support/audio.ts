import { readFileSync } from 'node:fs';

const FIXTURES = new URL('../fixtures/audio/', import.meta.url);

/** The bytes of a recording in test/fixtures/audio. */
export function fixture(name: string): Buffer {
  return readFileSync(new URL(name, FIXTURES));
}

export interface WavShape {
  readonly seconds: number;
  readonly sampleRate?: number;
  readonly channels?: number;
  readonly bits?: 8 | 16 | 24 | 32;
  /** What the header claims instead of the truth. */
  readonly declaredDataBytes?: number;
  readonly declaredByteRate?: number;
  readonly declaredBlockBytes?: number;
  readonly formatTag?: number;
  /** Chunks before and behind the samples. */
  readonly before?: Buffer;
  readonly behind?: Buffer;
}

/** A WAV file of exactly `seconds`, 8 kHz and 8 bit mono unless said otherwise, with a header that may lie. */
export function wav({ seconds, behind = Buffer.alloc(0), ...shape }: WavShape): Buffer {
  const frameBytes = ((shape.channels ?? 1) * (shape.bits ?? 8)) / 8;
  const samples = Buffer.alloc(Math.round(seconds * (shape.sampleRate ?? 8000)) * frameBytes, TONE);
  return Buffer.concat([wavHeader(samples.length + behind.length, shape, samples.length), samples, behind]);
}

/** Speech is not needed where only the length counts: 100 bytes a second, so that 200 minutes have 1.2 MB. */
export function tinyWav(seconds: number): Buffer {
  return wav({ seconds, sampleRate: 100 });
}

/** A WAV file piece by piece, for lengths that nobody wants in memory. `bytes` is the size of the whole file. */
export function endlessWav(shape: WavShape): { readonly bytes: number; readonly pieces: () => Iterable<Buffer> } {
  const frameBytes = ((shape.channels ?? 1) * (shape.bits ?? 8)) / 8;
  const dataBytes = Math.round(shape.seconds * (shape.sampleRate ?? 8000)) * frameBytes;
  const header = wavHeader(Math.min(dataBytes, 0xffffff00), shape, Math.min(dataBytes, 0xffffffff));
  const piece = Buffer.alloc(1024 * 1024, TONE);
  return {
    bytes: header.length + dataBytes,
    *pieces() {
      yield header;
      for (let left = dataBytes; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length));
    },
  };
}

function wavHeader(following: number, shape: Omit<WavShape, 'seconds'>, dataBytes: number): Buffer {
  const { sampleRate = 8000, channels = 1, bits = 8, before = Buffer.alloc(0) } = shape;
  const format = Buffer.alloc(16);
  format.writeUInt16LE(shape.formatTag ?? 1, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(sampleRate, 4);
  format.writeUInt32LE(shape.declaredByteRate ?? (sampleRate * channels * bits) / 8, 8);
  format.writeUInt16LE(shape.declaredBlockBytes ?? (channels * bits) / 8, 12);
  format.writeUInt16LE(bits, 14);
  const data = chunk('data', Buffer.alloc(0), shape.declaredDataBytes ?? dataBytes);
  const content = Buffer.concat([Buffer.from('WAVE'), chunk('fmt ', format), before, data]);
  return Buffer.concat([chunk('RIFF', Buffer.alloc(0), (content.length + following) % 2 ** 32), content]);
}

/** One RIFF chunk, which may claim another size than it has. */
export function chunk(id: string, content: Buffer, declared = content.length): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  head.writeUInt32LE(declared, 4);
  return Buffer.concat([head, content]);
}

/** MPEG-2.5 Layer III of 8 kHz and 8 kbit/s: frames of 72 bytes and 72 ms without content. */
export function mp3Frames(count: number): Buffer {
  const frame = Buffer.alloc(72);
  frame.writeUInt32BE(0xffe318c4);
  return Buffer.concat(Array.from({ length: count }, () => frame));
}

/** An ISO media box. */
export function box(name: string, ...content: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.reduce((sum, { length }) => sum + length, 0));
  head.write(name, 4, 'latin1');
  return Buffer.concat([head, ...content]);
}

/** An EBML element; `size` null leaves the size open, as browsers do. */
export function element(id: number, content: Buffer, size: number | null = content.length): Buffer {
  const name = Buffer.from(id.toString(16).padStart(2, '0'), 'hex');
  const length = Buffer.alloc(8, 0xff);
  length[0] = 0x01;
  if (size !== null) length.writeUIntBE(size, 2, 6);
  if (size !== null) length[1] = 0;
  return Buffer.concat([name, length, content]);
}

/** `bytes` with `change` written over what is there from `at` on. */
export function patched(bytes: Buffer, at: number, change: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  change.copy(copy, at);
  return copy;
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Something that is not silence. */
const TONE = Buffer.from(Array.from({ length: 24 }, (_, at) => 128 + Math.round(90 * Math.sin((at * Math.PI) / 12))));
