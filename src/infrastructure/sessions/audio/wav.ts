import type { ByteReader } from './byte-reader.js';
import { unmeasurable, type MeasuredAudio } from './measured-audio.js';

const PCM = 1;
const MS_ADPCM = 2;
const FLOAT = 3;
const A_LAW = 6;
const MU_LAW = 7;
const IMA_ADPCM = 0x11;
const EXTENSIBLE = 0xfffe;

/**
 * RIFF WAVE: counts the sample bytes that are really there. The size that the data chunk declares only decides where
 * other chunks may begin; a recorder that crashed leaves 0 there, a pipe 0xFFFFFFFF, a forger one second.
 * Sizes of a frame are computed from channels and bits; the header's own byte rate and block size are not used.
 * Layout: "Multimedia Programming Interface and Data Specifications 1.0", IBM and Microsoft, 1991.
 */
export async function measureWav(file: ByteReader): Promise<MeasuredAudio> {
  await file.take(12);
  let coding: Coding | null = null;
  let soundBytes = 0;
  let soundBegan = false;
  for (;;) {
    const header = await file.window(8);
    if (soundBegan && !isChunk(header, file.left)) {
      soundBytes += await file.skip(file.left);
      break;
    }
    if (header.length < 8) break;
    const id = header.toString('latin1', 0, 4);
    const size = header.readUInt32LE(4);
    file.consume(8);
    if (id === 'fmt ' && !soundBegan) {
      const format = await file.take(Math.min(size, 40));
      coding = codingOf(format);
      await file.skip(size - format.length);
    } else if (id === 'data') {
      soundBegan = true;
      soundBytes += await file.skip(size);
    } else {
      await file.skip(size);
    }
    if (size % 2 === 1) await file.skip(1);
  }
  if (!coding) throw unmeasurable('The WAV file does not say how its samples are written.');
  const samples = Math.floor(soundBytes / coding.blockBytes) * coding.samplesPerBlock;
  return { seconds: samples / coding.sampleRate, hasPictures: false };
}

interface Coding {
  readonly sampleRate: number;
  readonly blockBytes: number;
  readonly samplesPerBlock: number;
}

/** What follows the samples is believed to be a chunk when it is named in letters and ends within the file. */
function isChunk(header: Buffer, left: number): boolean {
  return header.length >= 8 && /^[ -~]{4}$/.test(header.toString('latin1', 0, 4)) && 8 + header.readUInt32LE(4) <= left;
}

function codingOf(format: Buffer): Coding {
  if (format.length < 16) throw unmeasurable('The WAV header is too short.');
  const tag = format.readUInt16LE(0);
  const channels = format.readUInt16LE(2);
  const sampleRate = format.readUInt32LE(4);
  const declaredBlock = format.readUInt16LE(12);
  const bits = format.readUInt16LE(14);
  const kind = tag === EXTENSIBLE && format.length >= 26 ? format.readUInt16LE(24) : tag;
  if (channels < 1 || channels > 64 || sampleRate < 100 || sampleRate > 192_000) {
    throw unmeasurable('The WAV header describes no sound that exists.', { channels, sample_rate: sampleRate });
  }
  if ([PCM, FLOAT, A_LAW, MU_LAW].includes(kind) && bits >= 1 && bits <= 64) {
    return { sampleRate, blockBytes: channels * Math.ceil(bits / 8), samplesPerBlock: 1 };
  }
  // Four bits a sample after a preamble of each channel that holds its first one or two.
  if (kind === IMA_ADPCM && declaredBlock > 4 * channels) {
    return {
      sampleRate,
      blockBytes: declaredBlock,
      samplesPerBlock: ((declaredBlock - 4 * channels) * 2) / channels + 1,
    };
  }
  if (kind === MS_ADPCM && declaredBlock > 7 * channels) {
    return {
      sampleRate,
      blockBytes: declaredBlock,
      samplesPerBlock: ((declaredBlock - 7 * channels) * 2) / channels + 2,
    };
  }
  throw unmeasurable('The WAV file is written in a coding that cannot be measured.', { wav_format: kind, bits });
}
