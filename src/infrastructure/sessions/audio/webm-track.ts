import { insistOnPlausibleRate, unmeasurable, withoutPadding } from './measured-audio.js';
import { OPUS_RATE, samplesOfOpusPacket } from './opus.js';
import { VorbisPackets } from './vorbis.js';

/** Drifting clocks and dropped packets leave holes between packets; less than this is rounding of the timestamps. */
const LEAST_HOLE_SECONDS = 0.25;

const VIDEO = 1;
const AUDIO = 2;

/** One track of a WebM file: what its entry said so far, and what its packets have added up to. */
export class WebmTrack {
  number = 0;
  type = 0;
  codec = '';
  codecPrivate: Buffer = Buffer.alloc(0);
  isEncoded = false;
  private vorbis: VorbisPackets | null = null;
  private samples = 0;
  private beginTime: number | null = null;
  private endTime = 0;
  private bytes = 0;
  private discarded = 0;

  get isSound(): boolean {
    return this.type === AUDIO;
  }

  get isPicture(): boolean {
    return this.type === VIDEO;
  }

  /** Throws RecordingRefused when the timestamps reach further than so few bytes can sound. */
  get seconds(): number {
    const played = this.samples / this.rate;
    const span = this.endTime - (this.beginTime ?? 0);
    const seconds = span > played + LEAST_HOLE_SECONDS ? span : played;
    insistOnPlausibleRate(seconds, this.bytes);
    return withoutPadding(seconds, seconds - this.preSkip / OPUS_RATE - this.discarded / 1e9);
  }

  /** A packet that sounds from `time` on, in seconds; `bytes` is its length, `packet` at least its beginning. */
  add(packet: Buffer, bytes: number, time: number): void {
    const samples = this.samplesOf(packet);
    this.samples += samples;
    this.beginTime = Math.min(this.beginTime ?? time, time);
    this.endTime = Math.max(this.endTime, time + samples / this.rate);
    this.bytes += bytes;
  }

  /** Of the sound added so far, this much is the encoder's and not to be played. */
  discard(nanoseconds: number): void {
    this.discarded += nanoseconds;
  }

  private get rate(): number {
    return this.vorbis?.sampleRate ?? OPUS_RATE;
  }

  /** The decoder leaves out what its own header tells it to, whatever CodecDelay says (RFC 7845 section 5.1). */
  private get preSkip(): number {
    return this.codec === 'A_OPUS' && this.codecPrivate.length >= 12 ? this.codecPrivate.readUInt16LE(10) : 0;
  }

  private samplesOf(packet: Buffer): number {
    if (this.isEncoded || (this.codec !== 'A_OPUS' && this.codec !== 'A_VORBIS')) {
      const codec = this.codec.slice(0, 32);
      throw unmeasurable('Of WebM files, those with Opus or Vorbis sound can be measured.', { codec });
    }
    if (this.codec === 'A_OPUS') return samplesOfOpusPacket(packet);
    this.vorbis ??= vorbisIn(this.codecPrivate);
    return this.vorbis.samplesOf(packet);
  }
}

/** The three Vorbis headers behind one another; the sizes of the first two stand before them (RFC 9559, A_VORBIS). */
function vorbisIn(codecPrivate: Buffer): VorbisPackets {
  let at = 1;
  const sizes = [0, 0];
  for (const i of [0, 1]) {
    for (let more = true; more && at < codecPrivate.length; at++) {
      sizes[i]! += codecPrivate[at]!;
      more = codecPrivate[at] === 255;
    }
  }
  const [identification, comment] = sizes as [number, number];
  return new VorbisPackets(
    codecPrivate.subarray(at, at + identification),
    codecPrivate.subarray(at + identification + comment),
  );
}
