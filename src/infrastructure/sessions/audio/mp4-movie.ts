import { RecordingRefused } from '#domain/sessions/recording';
import type { ByteReader } from './byte-reader.js';
import { unmeasurable, type MeasuredAudio } from './measured-audio.js';
import { Mp4Track } from './mp4-track.js';

const MOST_TRACKS = 64;
/** Of a box that is read whole. Sample descriptions of pictures may carry a few kilobytes. */
const LARGEST_BOX = 64 * 1024;
/** Media that no sample names: alignment, what an editor left behind. */
const UNUSED_ALLOWANCE = 64 * 1024;

/** What the boxes of one MP4 file said so far. Boxes that tell nothing about length are left out. */
export class Mp4Movie {
  private readonly tracks: Mp4Track[] = [];
  private current: Mp4Track | null = null;
  private timescale = 0;
  private hasMovie = false;
  private mediaBytes = 0;

  constructor(private readonly file: ByteReader) {}

  enter(container: string): void {
    if (container === 'moov') this.hasMovie = true;
    if (container !== 'trak') return;
    this.current = new Mp4Track();
    if (this.tracks.push(this.current) > MOST_TRACKS) {
      throw unmeasurable('The MP4 file has too many tracks.', { tracks: MOST_TRACKS });
    }
  }

  /** Reads or leaves out a box whose content of `size` bytes comes next. */
  async box(name: string, size: number): Promise<void> {
    const end = this.file.position + size;
    const track = this.current;
    if (name === 'mdat') this.mediaBytes += size;
    else if (name === 'mvhd') this.timescale = times(await this.read(size, 28)).timescale;
    else if (name === 'trex') this.extend(await this.read(size, 24));
    else if (name === 'tfhd') this.fragment(await this.read(size, 8));
    else if (track && name === 'tkhd') track.id = trackId(await this.read(size, 24));
    else if (track && name === 'mdhd') Object.assign(track, times(await this.read(size, 24)));
    else if (track && name === 'hdlr') track.handler ||= (await this.read(size, 12)).toString('latin1', 8, 12);
    else if (track && name === 'stsd') track.describe(await this.read(size, 8));
    else if (track && name === 'elst') await this.edits(track, end);
    else if (track && name === 'stts') await this.durations(track, end);
    else if (track && name === 'stsz') await this.sizes(track, end);
    else if (track && (name === 'stco' || name === 'co64')) await this.chunks(track, name === 'stco' ? 4 : 8, end);
    else if (track && name === 'trun') await this.run(track, end);
    await this.file.skip(end - this.file.position);
  }

  /**
   * Throws RecordingRefused. The samples' bytes must be in the file, and most of its media must be theirs: a table that
   * invents sound or hides it is refused.
   */
  measured(): MeasuredAudio {
    if (!this.hasMovie) throw unmeasurable('The MP4 file has no index (moov box); it may be cut off.');
    const sound = this.tracks.filter((track) => track.isSound);
    if (sound.length === 0) throw new RecordingRefused('not_audio', 'The MP4 file has no sound track.');
    const named = this.tracks.reduce((sum, track) => sum + track.bytes, 0);
    const furthest = Math.max(...this.tracks.map((track) => track.furthestChunk));
    const isHidden = named < this.mediaBytes / 2 && this.mediaBytes - named > UNUSED_ALLOWANCE;
    if (sound.some((track) => track.bytes > this.mediaBytes) || furthest > this.file.size || isHidden) {
      throw unmeasurable('The index of the MP4 file does not fit the media in it.', {
        media_bytes: this.mediaBytes,
        indexed_bytes: named,
      });
    }
    return {
      seconds: Math.max(...sound.map((track) => track.seconds(this.timescale))),
      hasPictures: this.tracks.some((track) => track.isPicture),
    };
  }

  private async read(size: number, least: number): Promise<Buffer> {
    if (size > LARGEST_BOX || size < least) {
      throw unmeasurable('A box of the MP4 file has no possible size.', { box_bytes: size });
    }
    return this.file.take(size);
  }

  private extend(trex: Buffer): void {
    const track = this.tracks.find(({ id }) => id === trex.readUInt32BE(4));
    if (track) Object.assign(track, { defaultUnits: trex.readUInt32BE(12), defaultBytes: trex.readUInt32BE(16) });
  }

  private fragment(tfhd: Buffer): void {
    const flags = tfhd.readUInt32BE(0);
    this.current = this.tracks.find(({ id }) => id === tfhd.readUInt32BE(4)) ?? null;
    let at = 8 + (flags & 1 ? 8 : 0) + (flags & 2 ? 4 : 0);
    if (this.current && flags & 8) this.current.defaultUnits = tfhd.readUInt32BE(at);
    if (flags & 8) at += 4;
    if (this.current && flags & 16) this.current.defaultBytes = tfhd.readUInt32BE(at);
  }

  private async edits(track: Mp4Track, end: number): Promise<void> {
    const isWide = (await this.file.take(4))[0] === 1;
    track.editedUnits = 0;
    await this.entries(end, isWide ? 20 : 12, (entry) => {
      const isEmpty = isWide ? entry.readBigInt64BE(8) === -1n : entry.readInt32BE(4) === -1;
      const units = isWide ? Number(entry.readBigUInt64BE(0)) : entry.readUInt32BE(0);
      if (!isEmpty) track.editedUnits! += units;
    });
  }

  private async durations(track: Mp4Track, end: number): Promise<void> {
    await this.file.take(4);
    await this.entries(end, 8, (entry) => (track.units += entry.readUInt32BE(0) * entry.readUInt32BE(4)));
  }

  private async sizes(track: Mp4Track, end: number): Promise<void> {
    const uniform = (await this.file.take(8)).readUInt32BE(4);
    if (uniform === 0) {
      const count = await this.entries(end, 4, (entry) => (track.bytes += entry.readUInt32BE(0)));
      track.samples += count;
    } else {
      const count = (await this.file.take(4)).readUInt32BE(0);
      track.samples += count;
      track.bytes += count * uniform;
    }
  }

  private async chunks(track: Mp4Track, bytes: 4 | 8, end: number): Promise<void> {
    await this.file.take(4);
    await this.entries(end, bytes, (entry) => {
      const offset = bytes === 4 ? entry.readUInt32BE(0) : Number(entry.readBigUInt64BE(0));
      track.furthestChunk = Math.max(track.furthestChunk, offset);
    });
  }

  private async run(track: Mp4Track, end: number): Promise<void> {
    const head = await this.file.take(4);
    const flags = head.readUInt32BE(0);
    const count = (await this.file.window(4)).readUInt32BE(0);
    const extras = (flags & 1 ? 4 : 0) + (flags & 4 ? 4 : 0);
    const width = 4 * [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length;
    track.samples += count;
    if ((flags & 0x100) === 0) track.units += count * track.defaultUnits;
    if ((flags & 0x200) === 0) track.bytes += count * track.defaultBytes;
    if (width === 0) return;
    await this.entries(
      end,
      width,
      (entry) => {
        if (flags & 0x100) track.units += entry.readUInt32BE(0);
        if (flags & 0x200) track.bytes += entry.readUInt32BE(flags & 0x100 ? 4 : 0);
      },
      extras,
    );
  }

  /** Reads a count, leaves out `extras` bytes, and shows each entry of a table that must end before `end`. */
  private async entries(end: number, bytes: number, show: (entry: Buffer) => void, extras = 0): Promise<number> {
    const count = (await this.file.take(4)).readUInt32BE(0);
    await this.file.skip(extras);
    if (this.file.position + count * bytes > end) {
      throw unmeasurable('A table of the MP4 file is longer than its box.', { entries: count });
    }
    for (let left = count; left > 0;) {
      const window = await this.file.window(bytes);
      const here = Math.min(left, Math.floor(window.length / bytes));
      if (here === 0) throw unmeasurable('The MP4 file is cut off.', { file_bytes: this.file.size });
      for (let i = 0; i < here; i++) show(window.subarray(i * bytes, (i + 1) * bytes));
      this.file.consume(here * bytes);
      left -= here;
    }
    return count;
  }
}

/** Time scale and length of an `mvhd` or `mdhd` box, whose version 1 has wide times. */
function times(box: Buffer): { readonly timescale: number; readonly declaredUnits: number } {
  return box[0] === 1
    ? { timescale: box.readUInt32BE(20), declaredUnits: Number(box.readBigUInt64BE(24)) }
    : { timescale: box.readUInt32BE(12), declaredUnits: box.readUInt32BE(16) };
}

function trackId(tkhd: Buffer): number {
  return tkhd.readUInt32BE(tkhd[0] === 1 ? 20 : 12);
}
