import { aacFrameIn } from './aac.js';
import { insistOnPlausibleRate, unmeasurable, withoutPadding } from './measured-audio.js';

/** Codings whose length the sample table tells, within what so many bytes can hold. AAC is counted by its frames. */
const TIMED_CODINGS = new Set([
  ...['mp4a', '.mp3', 'Opus', 'fLaC', 'alac', 'ac-3', 'ec-3', 'ulaw', 'alaw', 'samr', 'sawb'],
  ...['lpcm', 'ipcm', 'fpcm', 'sowt', 'twos', 'in24', 'in32', 'fl32', 'fl64'],
]);
/** RFC 6716 section 2.1.4: a packet is 2.5 to 120 ms. */
const OPUS_PACKET_SECONDS = [0.0025, 0.12] as const;

/** One track of an MP4 file: what its boxes said so far. Times are in units of `timescale`. */
export class Mp4Track {
  id = 0;
  handler = '';
  coding = '';
  timescale = 0;
  declaredUnits = 0;
  /** By the edit list, in units of the whole movie; null without one. */
  editedUnits: number | null = null;
  defaultUnits = 0;
  defaultBytes = 0;
  samples = 0;
  units = 0;
  bytes = 0;
  furthestChunk = 0;
  private descriptions = 0;
  private frameSeconds: number | null = null;

  get isSound(): boolean {
    return this.handler === 'soun';
  }

  get isPicture(): boolean {
    return this.handler === 'vide';
  }

  /** From the content of a sample description box (`stsd`). */
  describe(box: Buffer): void {
    const entry = box.subarray(8);
    this.descriptions += box.readUInt32BE(4);
    this.coding = entry.toString('latin1', 4, 8);
    const aac = this.coding === 'mp4a' ? aacFrameIn(entry) : null;
    this.frameSeconds = aac && aac.samples / aac.sampleRate;
  }

  /** Throws RecordingRefused for a coding that cannot be measured and a length that cannot be true. */
  seconds(movieTimescale: number): number {
    if (this.samples === 0) return 0;
    // With several descriptions, the samples that use the second one may last longer than the first one tells.
    if (this.descriptions !== 1 || !TIMED_CODINGS.has(this.coding)) {
      throw unmeasurable('The sound of the MP4 file is in a coding that cannot be measured.', { coding: this.coding });
    }
    if (this.timescale === 0) throw unmeasurable('The MP4 file does not say how fast it is played.');
    const timed = this.units / this.timescale;
    const [shortest, longest] = OPUS_PACKET_SECONDS;
    if (this.coding === 'Opus' && (timed < (this.samples - 1) * shortest || timed > this.samples * longest)) {
      throw unmeasurable('The MP4 file declares a length that its packets cannot have.', { packets: this.samples });
    }
    const seconds = this.frameSeconds === null ? timed : this.samples * this.frameSeconds;
    insistOnPlausibleRate(seconds, this.bytes);
    const edited = this.editedUnits !== null && movieTimescale > 0 ? this.editedUnits / movieTimescale : null;
    return withoutPadding(seconds, edited ?? this.declaredUnits / this.timescale);
  }
}
