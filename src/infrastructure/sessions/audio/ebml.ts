import type { ByteReader } from './byte-reader.js';
import { unmeasurable } from './measured-audio.js';

/** An identifier has up to four bytes, a size up to eight (RFC 8794 sections 5 and 6). */
export const LARGEST_ELEMENT_HEAD = 12;
const LARGEST_VALUE = 256 * 1024;

/** The head of one EBML element. */
export interface Element {
  readonly id: number;
  /** Of the content in bytes; null where the writer left it open. */
  readonly size: number | null;
  /** Bytes of identifier and size. */
  readonly head: number;
}

/** The element that `window` begins with; null at the end of the file. Throws RecordingRefused where no element can begin. */
export function elementIn(window: Buffer, position: number): Element | null {
  const idBytes = vintLength(window[0] ?? 0);
  const sizeBytes = vintLength(window[idBytes] ?? 0);
  if (window.length < 2) return null;
  if (idBytes > 4) throw unmeasurable('The file is damaged: no element begins here.', { at_byte: position });
  if (window.length < idBytes + sizeBytes) return null;
  if (sizeBytes > 8) throw unmeasurable('The file is damaged: an element has no size.', { at_byte: position });
  return { id: window.readUIntBE(0, idBytes), size: vint(window, idBytes), head: idBytes + sizeBytes };
}

/** Bytes of the variable-length number that begins with `first`; more than 8 for none. */
export function vintLength(first: number): number {
  return Math.clz32(first) - 23;
}

/** The variable-length number at `at`, which must be whole; null when all its bits are set, which means unknown. */
export function vint(bytes: Buffer, at: number): number | null {
  const length = vintLength(bytes[at]!);
  let number = bytes[at]! & (0xff >> length);
  let isUnknown = number === 0xff >> length;
  for (let i = 1; i < length; i++) {
    number = number * 256 + bytes[at + i]!;
    isUnknown &&= bytes[at + i] === 0xff;
  }
  return isUnknown ? null : number;
}

/** The content of an element as bytes. Throws RecordingRefused when it is larger than any value that is read. */
export async function contentOf(file: ByteReader, size: number): Promise<Buffer> {
  if (size > LARGEST_VALUE)
    throw unmeasurable('A value in the file is too large.', { value_bytes: size, limit_bytes: LARGEST_VALUE });
  return file.take(size);
}

/** The content of an element as a whole number without sign. */
export async function numberOf(file: ByteReader, size: number): Promise<number> {
  return (await contentOf(file, size)).subarray(0, 8).reduce((sum, byte) => sum * 256 + byte, 0);
}
