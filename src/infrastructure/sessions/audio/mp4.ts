import type { ByteReader } from './byte-reader.js';
import { unmeasurable, type MeasuredAudio } from './measured-audio.js';
import { Mp4Movie } from './mp4-movie.js';

const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'edts', 'mvex', 'moof', 'traf']);

/**
 * MP4 and M4A, whole or in fragments, with or without pictures: counts the samples of the sound track and the bytes
 * they take. AAC is measured by its frames; other codings by the sample table, within what their bytes can hold.
 * Boxes: ISO/IEC 14496-12. Containers are entered without a stack, so endless nesting costs nothing.
 */
export async function measureMp4(file: ByteReader): Promise<MeasuredAudio> {
  const movie = new Mp4Movie(file);
  for (;;) {
    const head = file.ready(16) ?? (await file.window(16));
    if (head.length < 8) return movie.measured();
    const name = head.toString('latin1', 4, 8);
    const short = head.readUInt32BE(0);
    const isLong = short === 1 && head.length >= 16;
    const size = isLong ? Number(head.readBigUInt64BE(8)) : short === 0 ? file.left : short;
    const headBytes = isLong ? 16 : 8;
    if (size < headBytes)
      throw unmeasurable('The MP4 file is damaged: a box is too small.', { at_byte: file.position });
    if (size > file.left) throw unmeasurable('The MP4 file is cut off.', { box_bytes: size, file_bytes: file.size });
    file.consume(headBytes);
    if (CONTAINERS.has(name)) movie.enter(name);
    else await movie.box(name, size - headBytes);
  }
}
