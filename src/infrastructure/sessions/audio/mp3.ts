import { RecordingRefused } from '#domain/sessions/recording';
import type { ByteReader } from './byte-reader.js';
import { skipId3 } from './id3.js';
import { unmeasurable, withoutPadding, type MeasuredAudio } from './measured-audio.js';

/** kbit/s of Layer III by the header's four bits; 0 is "free", 15 forbidden. Of MPEG-1, and of MPEG-2 and 2.5. */
const BIT_RATES = {
  1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;
const SAMPLE_RATES = [44_100, 48_000, 32_000];
/** A largest frame is 1441 bytes (MPEG-1, 320 kbit/s, 32 kHz, padded); the next header must follow it. */
const FRAME_AND_NEXT_HEADER = 1441 + 4;

/**
 * MPEG-1, 2 and 2.5 Layer III: walks every frame and adds up its samples. The frame count of a Xing, Info or VBRI
 * header is compared, never believed: it may be forged, and files cut by a tool keep the old one.
 * Frame layout: ISO/IEC 11172-3 section 2.4.1 and 13818-3.
 */
export async function measureMp3(file: ByteReader): Promise<MeasuredAudio> {
  let seconds = 0;
  let samples = 0;
  let sampleRate = 1;
  let frames = 0;
  let strangeBytes = 0;
  let declared: number | null = null;
  let kind: number | null = null;
  await skipId3(file);
  for (;;) {
    const window = file.ready(FRAME_AND_NEXT_HEADER) ?? (await file.window(FRAME_AND_NEXT_HEADER));
    if (window.length < 4) break;
    const frame = frameAt(window, 0);
    if (!frame || window.length < frame.bytes || !(frame.kind === kind || isFollowed(window, frame))) {
      const strange = bytesToNextHeader(window);
      strangeBytes += strange;
      file.consume(strange);
      // Covers and lyrics lie in tags; half a file of what no decoder plays is something else.
      if (strangeBytes > file.size / 2) {
        throw frames === 0 ? noFrame() : unmeasurable('Most of the file is no MP3 sound.');
      }
      continue;
    }
    const tag = frames === 0 ? declarationIn(window.subarray(0, frame.bytes), frame) : null;
    if (tag) declared = tag.seconds;
    else {
      if (frame.sampleRate !== sampleRate) {
        seconds += samples / sampleRate;
        samples = 0;
        sampleRate = frame.sampleRate;
      }
      samples += frame.samples;
    }
    frames++;
    kind = frame.kind;
    file.consume(frame.bytes);
  }
  if (frames === 0) throw noFrame();
  return { seconds: withoutPadding(seconds + samples / sampleRate, declared), hasPictures: false };
}

function noFrame(): RecordingRefused {
  return new RecordingRefused('not_audio', 'The file holds no MP3 frame.');
}

interface Frame {
  readonly bytes: number;
  readonly samples: number;
  readonly sampleRate: number;
  readonly sideInformation: number;
  /** Version, layer and sampling rate: what does not change within one stream. */
  readonly kind: number;
}

function frameAt(window: Buffer, at: number): Frame | null {
  if (window.length < at + 4 || window[at] !== 0xff) return null;
  const second = window[at + 1]!;
  const third = window[at + 2]!;
  const version = (second >> 3) & 3;
  const bitRateIndex = third >> 4;
  const sampleRateIndex = (third >> 2) & 3;
  if ((second & 0xe6) !== 0xe2 || version === 1 || bitRateIndex % 15 === 0 || sampleRateIndex === 3) return null;
  const mpeg1 = version === 3;
  const sampleRate = SAMPLE_RATES[sampleRateIndex]! / (mpeg1 ? 1 : version === 2 ? 2 : 4);
  const samples = mpeg1 ? 1152 : 576;
  const bitRate = BIT_RATES[mpeg1 ? 1 : 2][bitRateIndex]! * 1000;
  const mono = window[at + 3]! >> 6 === 3;
  return {
    bytes: Math.floor(((samples / 8) * bitRate) / sampleRate) + ((third >> 1) & 1),
    samples,
    sampleRate,
    sideInformation: mpeg1 ? (mono ? 17 : 32) : mono ? 9 : 17,
    kind: (second & 0xfe) * 4 + sampleRateIndex,
  };
}

/** Eleven bits of sync occur anywhere: a new kind of frame is believed when another follows it, or the end of the file. */
function isFollowed(window: Buffer, frame: Frame): boolean {
  return window.length < frame.bytes + 4 || frameAt(window, frame.bytes)?.kind === frame.kind;
}

/** To the next place where a frame may begin; the last three bytes may begin one. */
function bytesToNextHeader(window: Buffer): number {
  for (let at = 1; at + 4 <= window.length; at++) if (window[at] === 0xff && frameAt(window, at)) return at;
  return window.length - 3;
}

/** A first frame that carries a table of contents carries no sound. `seconds` is what it declares, less the encoder's padding. */
function declarationIn(bytes: Buffer, frame: Frame): { readonly seconds: number | null } | null {
  const at = 4 + frame.sideInformation;
  const name = bytes.toString('latin1', at, at + 4);
  if (name !== 'Xing' && name !== 'Info') {
    return bytes.toString('latin1', 36, 40) === 'VBRI' ? { seconds: null } : null;
  }
  if (bytes.length < at + 12) return { seconds: null };
  const flags = bytes.readUInt32BE(at + 4);
  if ((flags & 1) === 0) return { seconds: null };
  const lame = at + 8 + (flags & 1 ? 4 : 0) + (flags & 2 ? 4 : 0) + (flags & 4 ? 100 : 0) + (flags & 8 ? 4 : 0);
  const padding = bytes.length >= lame + 24 ? bytes.readUIntBE(lame + 21, 3) : 0;
  const samples = bytes.readUInt32BE(at + 8) * frame.samples - (padding >> 12) - (padding & 0xfff);
  return { seconds: samples / frame.sampleRate };
}
