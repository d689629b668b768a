/** Of `bytes` from `from` up to `to`, polynomial x^8 + x^2 + x + 1, as FLAC ends a frame's header with it (RFC 9639 section 9.1.8). */
export function crc8(bytes: Buffer, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum = TABLE_8[sum ^ bytes[at]!]!;
  return sum;
}

/** Goes on from `sum`; polynomial x^16 + x^15 + x^2 + 1; 0 over a whole FLAC frame (RFC 9639 section 9.3). */
export function crc16(bytes: Buffer, from: number, to: number, sum: number): number {
  let crc = sum;
  for (let at = from; at < to; at++) crc = ((crc << 8) & 0xffff) ^ TABLE_16[(crc >> 8) ^ bytes[at]!]!;
  return crc;
}

const TABLE_8 = Uint8Array.from({ length: 256 }, (_, byte) => remainder(byte, 8, 0x07));
const TABLE_16 = Uint16Array.from({ length: 256 }, (_, byte) => remainder(byte << 8, 16, 0x8005));

function remainder(value: number, width: number, polynomial: number): number {
  const top = 1 << (width - 1);
  let rest = value;
  for (let bit = 0; bit < 8; bit++) rest = rest & top ? (rest << 1) ^ polynomial : rest << 1;
  return rest & ((1 << width) - 1);
}
