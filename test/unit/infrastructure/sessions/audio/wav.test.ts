import { chunk, fixture, patched, wav } from '#test/support/audio';
import { refusalOf, secondsOf } from '#test/support/stored-bytes';

const HOUR = 3600;
const uint32le = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);

describe('a WAV file', () => {
  it.each([
    ['one second', 8000],
    ['nothing, as a recorder that crashed leaves it', 0],
    ['endlessly much, as a pipe writes it', 0xffffffff],
    ['more than there is', 90_000_000],
    ['an odd number of bytes', 8001],
  ])('is as long as its samples, though its header declares %s', async (_what, declaredDataBytes) => {
    expect(await secondsOf(wav({ seconds: HOUR, declaredDataBytes }))).toBe(HOUR);
  });

  it('is as long as its samples, though its header declares ten times the byte rate and the frame size', async () => {
    expect(await secondsOf(wav({ seconds: 60, declaredByteRate: 80_000, declaredBlockBytes: 10 }))).toBe(60);
  });

  it('does not count what stands in other chunks, before or behind the samples', async () => {
    const cover = chunk('LIST', Buffer.alloc(400_001));
    const padded = Buffer.concat([cover, Buffer.alloc(1)]);
    expect(await secondsOf(wav({ seconds: 2, before: padded, behind: padded }))).toBe(2);
  });

  it('counts what stands behind the samples when it is no chunk', async () => {
    const lying = wav({ seconds: 1, behind: Buffer.alloc(8000 * 59, 0x80) });
    expect(await secondsOf(lying)).toBe(60);
  });

  it('may be as slow as 100 samples a second, which makes long recordings small', async () => {
    const bytes = wav({ seconds: 200 * 60, sampleRate: 100 });
    expect([bytes.length, await secondsOf(bytes)]).toEqual([1_200_044, 12_000]);
  });

  it.each([
    ['8 bit stereo', { channels: 2 }],
    ['16 bit', { bits: 16 }],
    ['24 bit with six channels', { bits: 24, channels: 6, sampleRate: 96_000 }],
    ['32 bit floats', { bits: 32, formatTag: 3, sampleRate: 44_100 }],
    ['A-law', { formatTag: 6 }],
    ['mu-law', { formatTag: 7 }],
  ] as const)('is measured in %s', async (_name, shape) => {
    expect(await secondsOf(wav({ seconds: 2.5, ...shape }))).toBe(3);
    expect(await secondsOf(wav({ seconds: 2, ...shape }))).toBe(2);
  });

  it('is measured in IMA ADPCM by whole blocks', async () => {
    const format = Buffer.concat([fixture('short-3s.wav').subarray(20, 36), Buffer.from([2, 0, 0xf9, 1])]);
    format.writeUInt16LE(0x11, 0);
    format.writeUInt16LE(256, 12);
    format.writeUInt16LE(4, 14);
    // 505 samples in a block of 256 bytes at 16 kHz: 95 blocks are 2.9984 s.
    const content = [Buffer.from('WAVE'), chunk('fmt ', format), chunk('data', Buffer.alloc(95 * 256))];
    expect(await secondsOf(chunk('RIFF', Buffer.concat(content)))).toBe(3);
  });

  it('is measured in the extensible layout by the format within', async () => {
    const plain = fixture('short-3s.wav').subarray(20, 36);
    const guid = Buffer.from('0100000000001000800000aa00389b71', 'hex');
    const format = Buffer.concat([plain, Buffer.from([22, 0, 16, 0, 4, 0, 0, 0]), guid]);
    format.writeUInt16LE(0xfffe, 0);
    const content = [Buffer.from('WAVE'), chunk('fmt ', format), chunk('data', Buffer.alloc(96_000))];
    expect(await secondsOf(chunk('RIFF', Buffer.concat(content)))).toBe(3);
  });

  it('is refused without a format, with a format of another world and in a coding we cannot count', async () => {
    const short = wav({ seconds: 1 });
    expect(await refusalOf(patched(short, 12, Buffer.from('junk')))).toBe('unmeasurable_audio');
    expect(await refusalOf(patched(short, 16, uint32le(4)))).toBe('unmeasurable_audio');
    expect(await refusalOf(patched(short, 22, Buffer.alloc(2)))).toBe('unmeasurable_audio');
    expect(await refusalOf(patched(short, 24, uint32le(0)))).toBe('unmeasurable_audio');
    expect(await refusalOf(patched(short, 24, uint32le(0xffffffff)))).toBe('unmeasurable_audio');
    expect(await refusalOf(patched(short, 34, Buffer.alloc(2)))).toBe('unmeasurable_audio');
    expect(await refusalOf(wav({ seconds: 1, formatTag: 0x55 }))).toBe('unmeasurable_audio');
  });
});
