import type { ByteReader } from './byte-reader.js';

/** Leaves out the ID3v2 tags a file may begin with. Their four size bytes carry seven bits each (id3.org, ID3v2.4 section 3.1). */
export async function skipId3(file: ByteReader): Promise<void> {
  for (;;) {
    const header = await file.window(10);
    if (header.length < 10 || header.toString('latin1', 0, 3) !== 'ID3') return;
    const footer = (header[5]! & 0x10) !== 0 ? 10 : 0;
    const size = header.subarray(6, 10).reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
    await file.skip(10 + size + footer);
  }
}
