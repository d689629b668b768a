import { crc16, crc8 } from '#infrastructure/sessions/audio/crc';
import { fixture, patched } from '#test/support/audio';
import { refusalOf, secondsOf } from '#test/support/stored-bytes';

const honest = fixture('coaching.flac');
const firstFrame = honest.indexOf(Buffer.from('fff8', 'hex'));
const beginning = honest.subarray(0, firstFrame);

/** A frame of 4096 samples of silence, 16 kHz mono: 10 bytes. `number` below 128. */
function silence(number: number, spoiltSum = false): Buffer {
  const header = Buffer.from([0xff, 0xf8, 0xc5, 0x08, number]);
  const frame = Buffer.concat([header, Buffer.from([crc8(header, 0, 5)]), Buffer.from([0, 0, 0])]);
  const sum = crc16(frame, 0, frame.length, 0) ^ (spoiltSum ? 1 : 0);
  return Buffer.concat([frame, Buffer.from([sum >> 8, sum & 0xff])]);
}

describe('a FLAC file', () => {
  it.each([
    ['one second', 16_000],
    ['a day', 16_000 * 86_400],
    ['an unknown length', 0],
  ])('is as long as its frames, though STREAMINFO declares %s', async (_what, samples) => {
    const total = Buffer.alloc(5);
    total.writeUIntBE(samples, 0, 5);
    total[0]! |= honest[21]! & 0xf0;
    expect(await secondsOf(patched(honest, 21, total))).toBe(21);
  });

  it('is longer by each frame of silence, little as that takes', async () => {
    const frames = Array.from({ length: 125 }, (_, number) => silence(number));
    expect(await secondsOf(Buffer.concat([beginning, ...frames]))).toBe(32);
  });

  it('hides no frame by a wrong number', async () => {
    const frames = Array.from({ length: 125 }, () => silence(7));
    expect(await secondsOf(Buffer.concat([beginning, ...frames]))).toBe(32);
  });

  it('hides no frame by a wrong check sum', async () => {
    const frames = Array.from({ length: 125 }, (_, number) => silence(number, true));
    expect(await secondsOf(Buffer.concat([beginning, ...frames]))).toBe(32);
  });

  it('is refused when a frame is larger than its samples can be, as where frames were spoilt to hide them', async () => {
    const spoilt = Buffer.from(honest);
    for (let at = firstFrame + 2; at < spoilt.length - 1; at++) {
      if (spoilt[at] === 0xff && spoilt[at + 1] === 0xf8) spoilt[at + 3]! ^= 0x10;
    }
    expect(await refusalOf(spoilt)).toBe('unmeasurable_audio');
    expect(await refusalOf(Buffer.concat([honest, Buffer.alloc(50_000, 0xff)]))).toBe('unmeasurable_audio');
  });

  it('is empty without frames, and refused with something else in their place', async () => {
    expect(await refusalOf(beginning)).toBe('empty_audio');
    expect(await refusalOf(Buffer.concat([beginning, Buffer.alloc(50_000, 7)]))).toBe('unmeasurable_audio');
  });

  it('may begin with a tag and end with one', async () => {
    const tag = Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\x01\0', 'latin1'), Buffer.alloc(128)]);
    const last = Buffer.concat([Buffer.from('TAG'), Buffer.alloc(125)]);
    expect(await secondsOf(Buffer.concat([tag, honest, last]))).toBe(21);
  });
});
