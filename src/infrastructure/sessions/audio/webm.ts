import { RecordingRefused } from '#domain/sessions/recording';
import type { ByteReader } from './byte-reader.js';
import { contentOf, elementIn, LARGEST_ELEMENT_HEAD, numberOf, vint, vintLength } from './ebml.js';
import { unmeasurable, type MeasuredAudio } from './measured-audio.js';
import { WebmTrack } from './webm-track.js';

/** Elements of Matroska that are read, by their identifiers (RFC 9559 section 5.1). */
const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const TIMESTAMP_SCALE = 0x2ad7b1;
const TRACKS = 0x1654ae6b;
const TRACK_ENTRY = 0xae;
const TRACK_NUMBER = 0xd7;
const TRACK_TYPE = 0x83;
const CODEC_ID = 0x86;
const CODEC_PRIVATE = 0x63a2;
const CONTENT_ENCODINGS = 0x6d80;
const CLUSTER = 0x1f43b675;
const CLUSTER_TIMESTAMP = 0xe7;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const SIMPLE_BLOCK = 0xa3;
const DISCARD_PADDING = 0x75a2;

const MASTERS = new Set([SEGMENT, INFO, TRACKS, TRACK_ENTRY, CLUSTER, BLOCK_GROUP]);

/** What a block begins with: track number (up to 8 bytes), time, flags; then the first bytes of the packet. */
const BLOCK_HEAD = 8 + 2 + 1 + 2;
const LONGEST_BEGINNING = LARGEST_ELEMENT_HEAD + BLOCK_HEAD;
const MOST_TRACKS = 64;

/**
 * WebM: adds up what every Opus or Vorbis packet decodes to; where there are holes between packets, how far their
 * timestamps reach. The Duration element is not read: a browser's MediaRecorder writes none, a forger any.
 * Masters are entered without a stack, so sizes that browsers leave open need no care and endless nesting costs nothing.
 */
export async function measureWebm(file: ByteReader): Promise<MeasuredAudio> {
  const tracks: WebmTrack[] = [];
  let scale = 1_000_000;
  let clusterTime = 0;
  let entry: WebmTrack | null = null;
  let latest: WebmTrack | null = null;
  for (;;) {
    const window = file.ready(LONGEST_BEGINNING) ?? (await file.window(LONGEST_BEGINNING));
    const element = elementIn(window, file.position);
    if (!element) break;
    file.consume(element.head);
    const { id, size } = element;
    if (MASTERS.has(id)) {
      // What stands outside a track entry, as in a cluster, describes no track.
      entry = id === TRACK_ENTRY ? new WebmTrack() : null;
      if (entry && tracks.push(entry) > MOST_TRACKS) {
        throw unmeasurable('The WebM file has too many tracks.', { tracks: MOST_TRACKS });
      }
      continue;
    }
    if (size === null) throw unmeasurable('The WebM file is damaged: a value has no end.', { at_byte: file.position });
    if (id === SIMPLE_BLOCK || id === BLOCK) {
      // What the file ends in the middle of cannot be played.
      if (size <= file.left) latest = add(window.subarray(element.head), size, tracks, clusterTime, scale);
      await file.skip(size);
    } else if (id === CLUSTER_TIMESTAMP) clusterTime = await numberOf(file, size);
    else if (id === DISCARD_PADDING) latest?.discard(await numberOf(file, size));
    else if (id === TIMESTAMP_SCALE) scale = await numberOf(file, size);
    else if (entry && id === TRACK_NUMBER) entry.number = await numberOf(file, size);
    else if (entry && id === TRACK_TYPE) entry.type = await numberOf(file, size);
    else if (entry && id === CODEC_ID) entry.codec = (await contentOf(file, size)).toString('latin1');
    else if (entry && id === CODEC_PRIVATE) entry.codecPrivate = Buffer.from(await contentOf(file, size));
    else {
      if (entry && id === CONTENT_ENCODINGS) entry.isEncoded = true;
      await file.skip(size);
    }
  }
  const sound = tracks.filter((track) => track.isSound);
  if (sound.length === 0) throw new RecordingRefused('not_audio', 'The WebM file has no sound track.');
  return {
    seconds: Math.max(...sound.map((track) => track.seconds)),
    hasPictures: tracks.some((track) => track.isPicture),
  };
}

/** Hands the packet of a block to its sound track, and answers that track; null when the block belongs to another. */
function add(
  block: Buffer,
  size: number,
  tracks: readonly WebmTrack[],
  clusterTime: number,
  scale: number,
): WebmTrack | null {
  const at = vintLength(block[0] ?? 0);
  if (at > 8 || size < at + 3) return null;
  const number = vint(block, 0);
  const track = tracks.find((entry) => entry.number === number);
  if (!track?.isSound) return null;
  if ((block[at + 2]! & 0x06) !== 0) throw unmeasurable('The WebM file puts several packets into one block.');
  const time = ((clusterTime + block.readInt16BE(at)) * scale) / 1e9;
  track.add(block.subarray(at + 3, size), size - at - 3, time);
  return track;
}
