import type { ByteReader } from './byte-reader.js';
import { unmeasurable, withoutPadding, type MeasuredAudio } from './measured-audio.js';
import { OPUS_RATE, samplesOfOpusPacket } from './opus.js';
import { VorbisPackets } from './vorbis.js';

/** A page has 27 bytes of header, up to 255 lacing values, and as many bytes as they add up to (RFC 3533 section 6). */
const PAGE_HEADER = 27;
const LARGEST_PAGE = PAGE_HEADER + 255 + 255 * 255;
const CAPTURE_PATTERN = 0x4f676753;
const CONTINUES_PACKET = 1;
const BEGINS_STREAM = 2;
const IDENTIFICATION_BYTES = 64;
const LARGEST_SETUP = 1024 * 1024;
const MOST_STREAMS = 64;

/**
 * Ogg with Opus or Vorbis: adds up what every packet decodes to. The granule positions, which any tool may rewrite,
 * only tell how much of the end is padding. Streams one after another (chained) are added. RFC 3533, 7845.
 */
export async function measureOgg(file: ByteReader): Promise<MeasuredAudio> {
  const streams = new Map<number, LogicalStream>();
  let seconds = 0;
  let strangeBytes = 0;
  let begun = 0;
  for (;;) {
    const window = file.ready(LARGEST_PAGE) ?? (await file.window(LARGEST_PAGE));
    if (window.length < PAGE_HEADER) break;
    if (window.readUInt32BE(0) !== CAPTURE_PATTERN) {
      const next = window.indexOf('OggS', 1, 'latin1');
      const strange = next > 0 ? next : window.length - 3;
      strangeBytes += strange;
      file.consume(strange);
      if (strangeBytes > file.size / 2) throw unmeasurable('Most of the file is no Ogg page.');
      continue;
    }
    const bodyFrom = PAGE_HEADER + window[26]!;
    const lacing = window.subarray(PAGE_HEADER, bodyFrom);
    const end = lacing.reduce((sum, value) => sum + value, bodyFrom);
    if (window.length < end) break;
    const [flags, serial] = [window[5]!, window.readUInt32LE(14)];
    if ((flags & BEGINS_STREAM) !== 0) {
      if (++begun > MOST_STREAMS) throw unmeasurable('The Ogg file has too many streams.', { streams: MOST_STREAMS });
      seconds += streams.get(serial)?.seconds ?? 0;
      streams.set(serial, new LogicalStream());
    }
    const isContinued = (flags & CONTINUES_PACKET) !== 0;
    streams.get(serial)?.page(window.subarray(bodyFrom, end), lacing, isContinued, window.readBigInt64LE(6));
    file.consume(end);
  }
  for (const stream of streams.values()) seconds += stream.seconds;
  return { seconds, hasPictures: false };
}

/** The packets of one serial number. Of most packets the first two bytes are enough; of no stream more than a megabyte is held. */
class LogicalStream {
  private codec: 'opus' | 'vorbis' | null = null;
  private vorbis: VorbisPackets | null = null;
  private identification: Buffer = Buffer.alloc(0);
  private headersToCome = Number.POSITIVE_INFINITY;
  private unfinished: Buffer[] = [];
  private unfinishedBytes = 0;
  private preSkip = 0;
  private samples = 0;
  private lastGranule = 0;

  get seconds(): number {
    const rate = this.vorbis?.sampleRate ?? OPUS_RATE;
    const declared = this.lastGranule - this.preSkip;
    return withoutPadding(Math.max(0, this.samples - this.preSkip) / rate, declared > 0 ? declared / rate : null);
  }

  page(body: Buffer, lacing: Buffer, isContinued: boolean, granule: bigint): void {
    if (!isContinued) this.forget();
    let begin = 0;
    let end = 0;
    for (const value of lacing) {
      end += value;
      if (value === 255) continue;
      this.keep(body.subarray(begin, end));
      this.packet();
      begin = end;
    }
    if (begin < end) this.keep(body.subarray(begin, end));
    if (granule >= 0n) this.lastGranule = Number(granule);
  }

  private packet(): void {
    const packet = this.unfinished.length === 1 ? this.unfinished[0]! : Buffer.concat(this.unfinished);
    this.forget();
    if (this.codec === null) this.begin(packet);
    else if (this.headersToCome > 0) this.header(packet);
    else if (this.codec === 'opus') this.samples += samplesOfOpusPacket(packet);
    else this.samples += this.vorbis?.samplesOf(packet) ?? 0;
  }

  private begin(first: Buffer): void {
    if (first.toString('latin1', 0, 8) === 'OpusHead' && first.length >= 19) {
      this.codec = 'opus';
      this.preSkip = first.readUInt16LE(10);
      this.headersToCome = 1;
    } else if (first.toString('latin1', 0, 7) === '\x01vorbis') {
      this.codec = 'vorbis';
      this.identification = Buffer.from(first);
      this.headersToCome = 2;
    } else {
      throw unmeasurable('Of Ogg files, those with Opus or Vorbis sound can be measured.');
    }
  }

  private header(packet: Buffer): void {
    this.headersToCome--;
    if (this.headersToCome === 0 && this.codec === 'vorbis')
      this.vorbis = new VorbisPackets(this.identification, packet);
  }

  private keep(part: Buffer): void {
    const isSetup = this.codec === 'vorbis' && this.headersToCome === 1;
    const wanted = this.codec === null ? IDENTIFICATION_BYTES : isSetup ? LARGEST_SETUP : 2;
    const kept = part.subarray(0, Math.max(0, wanted - this.unfinishedBytes));
    if (kept.length > 0) this.unfinished.push(kept);
    this.unfinishedBytes += kept.length;
  }

  private forget(): void {
    this.unfinished = [];
    this.unfinishedBytes = 0;
  }
}
