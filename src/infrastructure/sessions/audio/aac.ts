/** Hz by the index of four bits (ISO/IEC 14496-3, table 1.18). */
const SAMPLE_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
];
/** Main, LC, SSR, LTP and scalable AAC: a frame is 1024 samples, or 960. */
const PLAIN_AAC = [1, 2, 3, 4, 6];
/** Spectral band replication and parametric stereo, wrapped around one of the others: its sampling rate stands first. */
const EXTENSIONS = [5, 29];
const ESCAPED_RATE = 15;

/**
 * What one frame of an `mp4a` sample entry lasts, by the AudioSpecificConfig in its elementary stream descriptor
 * (ISO/IEC 14496-1 section 7.2.6 and 14496-3 section 1.6.2.1); null for other codings than AAC and for its kinds
 * with frames of another size.
 */
export function aacFrameIn(sampleEntry: Buffer): { readonly samples: number; readonly sampleRate: number } | null {
  const config = configIn(sampleEntry);
  if (!config || config.length < 2) return null;
  let at = 0;
  const bits = (count: number): number => {
    let value = 0;
    for (let end = at + count; at < end; at++) value = value * 2 + (((config[at >> 3] ?? 0) >> (7 - (at & 7))) & 1);
    return value;
  };
  const readRate = (): number => {
    const index = bits(4);
    return index === ESCAPED_RATE ? bits(24) : (SAMPLE_RATES[index] ?? 0);
  };
  let kind = bits(5);
  const sampleRate = readRate();
  bits(4);
  if (EXTENSIONS.includes(kind)) {
    readRate();
    kind = bits(5);
  }
  if (!PLAIN_AAC.includes(kind) || sampleRate < 1000) return null;
  return { samples: bits(1) === 1 ? 960 : 1024, sampleRate };
}

/** The decoder's own configuration within the `esds` box: descriptor 5 in descriptor 4 in descriptor 3. */
function configIn(sampleEntry: Buffer): Buffer | null {
  const esds = sampleEntry.indexOf('esds', 28, 'latin1');
  if (esds < 0) return null;
  let at = esds + 8;
  const enter = (tag: number, fixedBytes: number): number | null => {
    if (sampleEntry[at++] !== tag) return null;
    let size = 0;
    for (let more = true; more && at < sampleEntry.length; at++) {
      size = size * 128 + (sampleEntry[at]! & 0x7f);
      more = (sampleEntry[at]! & 0x80) !== 0;
    }
    at += fixedBytes;
    return size;
  };
  if (enter(3, 3) === null) return null;
  const flags = sampleEntry[at - 1] ?? 0;
  if ((flags & 0x80) !== 0) at += 2;
  if ((flags & 0x40) !== 0) at += 1 + (sampleEntry[at] ?? 0);
  if ((flags & 0x20) !== 0) at += 2;
  if (enter(4, 13) === null) return null;
  const isAac = [0x40, 0x66, 0x67, 0x68].includes(sampleEntry[at - 13] ?? 0);
  const size = enter(5, 0);
  return isAac && size !== null ? sampleEntry.subarray(at, at + size) : null;
}
