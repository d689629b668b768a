import { Readable } from 'node:stream';
import { fileTypeFromBuffer } from 'file-type';
import { injectable } from 'inversify';
import { RecordingProbe } from '#application/sessions/recording-probe';
import { UploadStorage } from '#application/sessions/upload-storage';
import {
  LONGEST_RECORDING_SECONDS,
  RecordingRefused,
  type AudioFormat,
  type Recording,
} from '#domain/sessions/recording';
import { Duration } from '#domain/shared/duration';
import { ByteReader } from './audio/byte-reader.js';
import { measureFlac } from './audio/flac.js';
import { unmeasurable, type MeasuredAudio } from './audio/measured-audio.js';
import { measureMp3 } from './audio/mp3.js';
import { measureMp4 } from './audio/mp4.js';
import { measureOgg } from './audio/ogg.js';
import { measureWav } from './audio/wav.js';
import { measureWebm } from './audio/webm.js';

/** What file-type looks at; it asks for no more. */
const SIGNATURE_BYTES = 4100;

type Container = 'mp3' | 'wav' | 'flac' | 'ogg' | 'mp4' | 'webm';

/** file-type's extensions that are containers we measure, under the format name we give them. */
const FORMATS: Readonly<Record<string, readonly [AudioFormat, Container]>> = {
  mp3: ['mp3', 'mp3'],
  wav: ['wav', 'wav'],
  flac: ['flac', 'flac'],
  ogg: ['ogg', 'ogg'],
  opus: ['ogg', 'ogg'],
  m4a: ['m4a', 'mp4'],
  m4b: ['m4a', 'mp4'],
  m4v: ['mp4', 'mp4'],
  mp4: ['mp4', 'mp4'],
  webm: ['webm', 'webm'],
};

const MEASURES: Readonly<Record<Container, (file: ByteReader) => Promise<MeasuredAudio>>> = {
  mp3: measureMp3,
  wav: measureWav,
  flac: measureFlac,
  ogg: measureOgg,
  mp4: measureMp4,
  webm: measureWebm,
};

/** Of a file without pictures, and of one with them. */
const CONTENT_TYPES: Readonly<Record<AudioFormat, readonly [sound: string, pictures: string]>> = {
  mp3: ['audio/mpeg', 'audio/mpeg'],
  wav: ['audio/wav', 'audio/wav'],
  flac: ['audio/flac', 'audio/flac'],
  ogg: ['audio/ogg', 'audio/ogg'],
  m4a: ['audio/mp4', 'video/mp4'],
  mp4: ['audio/mp4', 'video/mp4'],
  webm: ['audio/webm', 'video/webm'],
};

/**
 * Tells the format by magic bytes and the length by walking the whole recording once, a piece at a time. The length
 * that a file declares in its headers is what a client says, so nothing is counted by it. A metadata library would do that:
 * music-metadata 11 takes one second for twenty in each of a WAV, MP3, FLAC, Ogg, M4A and WebM file whose header says so.
 */
@injectable()
export class MetadataRecordingProbe implements RecordingProbe {
  constructor(private readonly storage: UploadStorage) {}

  async measure(key: string): Promise<Recording> {
    const stream = await this.storage.open(key);
    try {
      const bytes = await this.storage.size(key);
      if (bytes === null) throw new Error(`The upload ${key} vanished while it was measured.`);
      return await recordingIn(new ByteReader(stream, bytes));
    } finally {
      stream.destroy();
    }
  }

  async measureBytes(bytes: Uint8Array): Promise<Recording> {
    return recordingIn(new ByteReader(Readable.from(piecesOf(bytes)), bytes.length));
  }
}

const PIECE_BYTES = 64 * 1024;

/** In pieces as they come from a disk, so that a large recording does not keep everybody else waiting. */
function* piecesOf(bytes: Uint8Array): Generator<Buffer> {
  const { buffer, byteOffset, length } = bytes;
  for (let at = 0; at < length; at += PIECE_BYTES) {
    yield Buffer.from(buffer, byteOffset + at, Math.min(PIECE_BYTES, length - at));
  }
}

async function recordingIn(file: ByteReader): Promise<Recording> {
  const known = await formatOf(await file.window(SIGNATURE_BYTES));
  if (!known) throw new RecordingRefused('not_audio', 'The file is no recording in a format we know.');
  const [format, container] = known;
  const { seconds, hasPictures } = await measured(file, container);
  if (!Number.isFinite(seconds)) throw unmeasurable('The length of the recording cannot be told.');
  if (seconds <= 0) throw new RecordingRefused('empty_audio', 'The recording holds no sound.', { duration_seconds: 0 });
  // Samples are counted in whole numbers; a sum of quotients may miss one by a billionth, and a started second costs.
  const exact = Math.round(seconds * 1e6) / 1e6;
  if (exact > LONGEST_RECORDING_SECONDS) {
    throw new RecordingRefused('audio_too_long', 'The recording is longer than 24 hours.', {
      duration_seconds: Math.ceil(exact),
      limit_seconds: LONGEST_RECORDING_SECONDS,
    });
  }
  return {
    format,
    contentType: CONTENT_TYPES[format][hasPictures ? 1 : 0],
    bytes: file.size,
    duration: Duration.ofStartedSeconds(exact),
  };
}

async function formatOf(beginning: Buffer): Promise<readonly [AudioFormat, Container] | null> {
  try {
    const type = await fileTypeFromBuffer(beginning.subarray(0, SIGNATURE_BYTES));
    return (type && FORMATS[type.ext]) ?? null;
  } catch {
    // These bytes are in memory: what file-type stumbles over is their content, never an outage.
    return null;
  }
}

async function measured(file: ByteReader, container: Container): Promise<MeasuredAudio> {
  try {
    return await MEASURES[container](file);
  } catch (error) {
    // Sizes in the file that contradict each other lead beyond a buffer. Everything else is a refusal or a fault already.
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_OUT_OF_RANGE' || code === 'ERR_BUFFER_OUT_OF_BOUNDS') {
      throw unmeasurable('The file is damaged: its own sizes contradict each other.');
    }
    throw error;
  }
}
