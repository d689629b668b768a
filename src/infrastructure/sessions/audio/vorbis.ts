import { unmeasurable } from './measured-audio.js';

/**
 * Counts what Vorbis packets decode to. Each packet names its mode, each mode one of two block sizes, and two
 * neighbouring blocks overlap: a quarter of both is new (Vorbis I specification, sections 1.3.2, 4.2 and 4.3).
 */
export class VorbisPackets {
  readonly sampleRate: number;
  private readonly blockSizes: readonly number[];
  private readonly modeBits: number;
  private previousBlock = 0;

  /** From the first and the third header packet. Throws RecordingRefused when they are not Vorbis. */
  constructor(identification: Buffer, setup: Buffer) {
    if (!isHeader(identification, 1) || identification.length < 30 || !isHeader(setup, 5)) {
      throw unmeasurable('The Vorbis headers are damaged.');
    }
    this.sampleRate = identification.readUInt32LE(12);
    const [short, long] = [1 << (identification[28]! & 15), 1 << (identification[28]! >> 4)];
    const isLong = modesIn(setup);
    if (this.sampleRate < 1000 || short < 64 || long < short || long > 8192) {
      throw unmeasurable('The Vorbis headers describe no sound that exists.', { sample_rate: this.sampleRate });
    }
    this.blockSizes = isLong.map((long_) => (long_ ? long : short));
    this.modeBits = 32 - Math.clz32(isLong.length - 1);
  }

  /** How many samples `packet` adds. The first one adds none. */
  samplesOf(packet: Buffer): number {
    const first = packet[0];
    const block =
      first === undefined || (first & 1) === 1 ? 0 : this.blockSizes[(first >> 1) & ((1 << this.modeBits) - 1)];
    if (!block) return 0;
    const samples = this.previousBlock === 0 ? 0 : (this.previousBlock + block) / 4;
    this.previousBlock = block;
    return samples;
  }
}

function isHeader(packet: Buffer, type: number): boolean {
  return packet[0] === type && packet.toString('latin1', 1, 7) === 'vorbis';
}

/**
 * Which modes use the long block. The modes are the last thing in the setup header: six bits with their number less one,
 * then 41 bits each (block flag, 16 zeros, 16 zeros, mapping), then a set bit. All that comes before them is codebooks,
 * so they are read from the end: the number that agrees with its own position is the right one.
 */
function modesIn(setup: Buffer): readonly boolean[] {
  let end = setup.length * 8;
  while (end > 0 && bitsAt(setup, end - 1, 1) === 0) end--;
  end--;
  let found: boolean[] = [];
  const modes: boolean[] = [];
  for (let begin = end - 41; begin > 62 && modes.length < 64; begin -= 41) {
    const mapping = bitsAt(setup, begin + 33, 8);
    if (bitsAt(setup, begin + 1, 16) !== 0 || bitsAt(setup, begin + 17, 16) !== 0 || mapping > 63) break;
    modes.unshift(bitsAt(setup, begin, 1) === 1);
    if (bitsAt(setup, begin - 6, 6) === modes.length - 1) found = [...modes];
  }
  if (found.length === 0) throw unmeasurable('The Vorbis set-up header is damaged.');
  return found;
}

/** `count` bits from bit `at` on, least significant first. */
function bitsAt(bytes: Buffer, at: number, count: number): number {
  let value = 0;
  for (let bit = 0; bit < count; bit++) {
    const place = at + bit;
    value += ((bytes[place >> 3]! >> (place & 7)) & 1) * 2 ** bit;
  }
  return value;
}
