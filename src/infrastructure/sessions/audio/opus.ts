export const OPUS_RATE = 48_000;

/** Samples of one frame at 48 kHz by the configuration number (RFC 6716 section 3.1, table 2). */
const FRAME_SAMPLES = [
  ...[480, 960, 1920, 2880, 480, 960, 1920, 2880, 480, 960, 1920, 2880],
  ...[480, 960, 480, 960],
  ...[120, 240, 480, 960, 120, 240, 480, 960, 120, 240, 480, 960, 120, 240, 480, 960],
];

/** How many samples an Opus packet decodes to, by its first two bytes; at most 120 ms (RFC 6716 sections 3.1 and 3.2). */
export function samplesOfOpusPacket(packet: Buffer): number {
  const first = packet[0];
  if (first === undefined) return 0;
  const code = first & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 0) & 0x3f;
  return Math.min(frames * FRAME_SAMPLES[first >> 3]!, 5760);
}
