import { RecordingRefused } from '#domain/sessions/recording';
import type { ByteReader } from './byte-reader.js';
import { crc16, crc8 } from './crc.js';
import { skipId3 } from './id3.js';
import { unmeasurable, type MeasuredAudio } from './measured-audio.js';

const STREAMINFO = 0;
const LONGEST_HEADER = 16;
/** What a frame spends beside its samples, and an ID3v1 tag behind the last one. */
const FRAME_ALLOWANCE = 512;
/** By the header's three bits; where it leaves the size to STREAMINFO, or it is reserved, as large as may be. */
const SAMPLE_BITS = [32, 8, 12, 32, 16, 20, 24, 32];
const SAMPLE_RATES = [0, 88_200, 176_400, 192_000, 8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];
const BLOCK_SIZES = [0, 192, 576, 1152, 2304, 4608, 0, 0, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768];

/**
 * FLAC: finds every frame and adds up its samples; the total in STREAMINFO is not used. A frame ends where its own
 * check sum comes out and the next header stands, so each byte belongs to a frame and no frame can be hidden:
 * what stays longer than its samples would be uncompressed is refused. Format: RFC 9639.
 */
export async function measureFlac(file: ByteReader): Promise<MeasuredAudio> {
  await skipId3(file);
  const signature = (await file.take(4)).toString('latin1');
  if (signature !== 'fLaC') throw new RecordingRefused('not_audio', 'The file is not FLAC.');
  const declaredRate = await sampleRateInMetadata(file);
  let frame = frameAt(await file.window(LONGEST_HEADER), 0);
  if (!frame) {
    if (file.left > FRAME_ALLOWANCE) throw unmeasurable('No FLAC frame follows the header.');
    return { seconds: 0, hasPictures: false };
  }
  const sampleRate = frame.sampleRate || declaredRate;
  if (sampleRate === 0) throw unmeasurable('The FLAC file does not say how fast it is played.');
  let samples = 0;
  while (frame) {
    samples += frame.blockSize;
    frame = await nextFrame(file, frame);
  }
  return { seconds: samples / sampleRate, hasPictures: false };
}

interface Frame {
  readonly blockSize: number;
  /** 0 when the frame leaves it to STREAMINFO. */
  readonly sampleRate: number;
  readonly number: number;
  readonly nextNumber: number;
  readonly largest: number;
  /** What all frames of one stream share: numbering, sampling rate, sample size. */
  readonly kind: number;
}

async function sampleRateInMetadata(file: ByteReader): Promise<number> {
  let sampleRate = 0;
  for (let last = false; !last;) {
    const header = await file.take(4);
    const size = header.readUIntBE(1, 3);
    last = (header[0]! & 0x80) !== 0;
    if ((header[0]! & 0x7f) === STREAMINFO && size >= 18) {
      const information = await file.take(18);
      sampleRate = information.readUIntBE(10, 3) >> 4;
      await file.skip(size - 18);
    } else {
      await file.skip(size);
    }
  }
  return sampleRate;
}

/** Moves from the beginning of `frame` to that of the next one; null at the end of the file. */
async function nextFrame(file: ByteReader, frame: Frame): Promise<Frame | null> {
  let sum = 0;
  for (let passed = 0; ;) {
    const window = await file.window(2 * LONGEST_HEADER);
    const isEnd = window.length < 2 * LONGEST_HEADER;
    const until = isEnd ? window.length : window.length - LONGEST_HEADER;
    let from = 0;
    while (from < until) {
      const found = window.indexOf(0xff, passed + from === 0 ? 1 : from);
      const at = found < 0 || found > until ? until : found;
      sum = crc16(window, from, at, sum);
      from = at;
      if (passed + from > frame.largest) {
        throw unmeasurable('The FLAC file is damaged: a frame does not end.', { at_byte: file.position + from });
      }
      const next = at < until ? frameAt(window, at) : null;
      if (next && next.kind === frame.kind && (sum === 0 || next.number === frame.nextNumber)) {
        file.consume(at);
        return next;
      }
      if (at < until) sum = crc16(window, from, ++from, sum);
    }
    file.consume(from);
    passed += from;
    if (isEnd) return null;
  }
}

function frameAt(window: Buffer, at: number): Frame | null {
  if (window.length < at + 6 || window[at] !== 0xff || (window[at + 1]! & 0xfe) !== 0xf8) return null;
  const sizes = window[at + 2]!;
  const channelCode = window[at + 3]! >> 4;
  if (sizes >> 4 === 0 || (sizes & 15) === 15 || channelCode > 10 || (window[at + 3]! & 1) !== 0) return null;
  const coded = numberAt(window, at + 4);
  if (!coded) return null;
  let end = coded.end;
  const read = (bytes: number): number => {
    end += bytes;
    return window.length < end ? 0 : window.readUIntBE(end - bytes, bytes);
  };
  const blockCode = sizes >> 4;
  const blockSize = blockCode === 6 ? read(1) + 1 : blockCode === 7 ? read(2) + 1 : BLOCK_SIZES[blockCode]!;
  const rateCode = sizes & 15;
  const sampleRate =
    rateCode === 12
      ? read(1) * 1000
      : rateCode === 13
        ? read(2)
        : rateCode === 14
          ? read(2) * 10
          : SAMPLE_RATES[rateCode]!;
  if (window.length <= end || crc8(window, at, end) !== window[end]) return null;
  const isVariable = (window[at + 1]! & 1) === 1;
  const bits = SAMPLE_BITS[(window[at + 3]! >> 1) & 7]!;
  const channels = channelCode < 8 ? channelCode + 1 : 2;
  return {
    blockSize,
    sampleRate,
    number: coded.number,
    nextNumber: coded.number + (isVariable ? blockSize : 1),
    // The difference of two channels needs one bit more than either.
    largest: Math.ceil((blockSize * channels * (bits + 1)) / 8) + FRAME_ALLOWANCE,
    kind: (isVariable ? 256 : 0) + rateCode * 16 + ((window[at + 3]! >> 1) & 7),
  };
}

/** A number of up to 36 bits, written as UTF-8 writes a character. */
function numberAt(window: Buffer, at: number): { readonly number: number; readonly end: number } | null {
  const first = window[at]!;
  if (first < 0x80) return { number: first, end: at + 1 };
  const length = Math.clz32(~(first << 24));
  if (length < 2 || length > 7 || window.length < at + length) return null;
  let number = first & (0x7f >> length);
  for (let i = 1; i < length; i++) {
    const next = window[at + i]!;
    if (next >> 6 !== 2) return null;
    number = number * 64 + (next & 0x3f);
  }
  return { number, end: at + length };
}
