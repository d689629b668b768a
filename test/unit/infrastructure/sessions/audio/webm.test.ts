import { element, fixture } from '#test/support/audio';
import { probed, refusalOf, secondsOf } from '#test/support/stored-bytes';

const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const TRACKS = 0x1654ae6b;
const CLUSTER = 0x1f43b675;

const uint = (value: number): Buffer => Buffer.from(value.toString(16).padStart(8, '0'), 'hex');
const float = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
};
const docType = element(0x1a45dfa3, element(0x4282, Buffer.from('webm')));
const OPUS_20_MS = [0x08, ...Array.from({ length: 40 }, () => 0x55)];

function track(codec = 'A_OPUS', type = 2, number = 1, extra: Buffer = Buffer.alloc(0)): Buffer {
  const [id, kind] = [element(0xd7, uint(number)), element(0x83, uint(type))];
  return element(0xae, Buffer.concat([id, kind, element(0x86, Buffer.from(codec)), extra]));
}

interface Sound {
  readonly packets: number;
  readonly millisecondsApart?: number;
  readonly packet?: readonly number[];
  readonly info?: readonly Buffer[];
  readonly tracks?: readonly Buffer[];
  readonly flags?: number;
}

/** As a browser's MediaRecorder writes it: open sizes, no Duration, a cluster a second. */
function recorded({ packets, millisecondsApart = 20, packet = OPUS_20_MS, flags = 0x80, ...head }: Sound): Buffer {
  const clusters: Buffer[] = [];
  for (let from = 0; from < packets; from += 50) {
    const blocks = Array.from({ length: Math.min(50, packets - from) }, (_, i) => {
      const block = Buffer.from([0x81, 0, 0, flags, ...packet]);
      block.writeInt16BE(i * millisecondsApart, 1);
      return element(0xa3, block);
    });
    const time = element(0xe7, uint(from * millisecondsApart));
    clusters.push(element(CLUSTER, Buffer.concat([time, ...blocks]), null));
  }
  const info = element(INFO, Buffer.concat([...(head.info ?? [])]));
  const tracks = element(TRACKS, Buffer.concat([...(head.tracks ?? [track()])]));
  return Buffer.concat([docType, element(SEGMENT, Buffer.concat([info, tracks, ...clusters]), null)]);
}

describe('a WebM file', () => {
  it('is as long as its packets, without any Duration', async () => {
    expect(await secondsOf(recorded({ packets: 50 * 600 }))).toBe(600);
    expect(await secondsOf(recorded({ packets: 50 * 600 + 1 }))).toBe(601);
    expect(fixture('coaching-live.webm').includes(Buffer.from('4489', 'hex'))).toBe(false);
  });

  it.each([1, 0, 1e9, -5, Number.NaN, Number.POSITIVE_INFINITY])(
    'is as long as its packets, though its Duration says %s ms',
    async (duration) => {
      expect(await secondsOf(recorded({ packets: 500, info: [element(0x4489, float(duration))] }))).toBe(10);
    },
  );

  it('is as long as its packets when its timestamps stand still, or count in nothing', async () => {
    expect(await secondsOf(recorded({ packets: 50 * 60, millisecondsApart: 0 }))).toBe(60);
    expect(await secondsOf(recorded({ packets: 50 * 60, info: [element(0x2ad7b1, uint(0))] }))).toBe(60);
  });

  it('reaches as far as its timestamps where there are holes between the packets', async () => {
    expect(await secondsOf(recorded({ packets: 500, millisecondsApart: 40 }))).toBe(20);
  });

  it('is refused when its timestamps reach further than so few bytes can sound', async () => {
    const info = [element(0x2ad7b1, uint(1_000_000_000))];
    expect(await refusalOf(recorded({ packets: 500, info }))).toBe('unmeasurable_audio');
  });

  it('is not longer for what the encoder put before and behind the sound, by not even a billionth', async () => {
    // 6.5 ms of pre-skip in the Opus header and 13.5 ms to discard, of 129.02 s.
    const head = Buffer.concat([Buffer.from('OpusHead\x01\x01', 'latin1'), Buffer.from([56, 1]), Buffer.alloc(7)]);
    const bytes = recorded({ packets: 129 * 50 + 1, tracks: [track('A_OPUS', 2, 1, element(0x63a2, head))] });
    expect(await secondsOf(bytes)).toBe(130);
    expect(await secondsOf(Buffer.concat([bytes, element(0x75a2, uint(13_500_000))]))).toBe(129);
  });

  it('is added up when one recording was appended to another', async () => {
    const live = fixture('coaching-live.webm');
    expect(await secondsOf(Buffer.concat([live, live]))).toBe(41);
  });

  it('is as long as its whole packets when the recorder was cut off', async () => {
    const bytes = recorded({ packets: 501 });
    expect(await secondsOf(bytes)).toBe(11);
    expect(await secondsOf(bytes.subarray(0, bytes.length - 1))).toBe(10);
    expect(await secondsOf(bytes.subarray(0, Math.floor(bytes.length / 2)))).toBeLessThanOrEqual(6);
  });

  it('is measured by its sound, not by its pictures', async () => {
    const tracks = [track('V_VP8', 1, 2), track()];
    expect(await probed(recorded({ packets: 50, tracks }))).toMatchObject({
      contentType: 'video/webm',
      duration: { seconds: 1 },
    });
    expect(await refusalOf(recorded({ packets: 50, tracks: [track('V_VP8', 1)] }))).toBe('not_audio');
  });

  it('hides no packet by what its clusters say about tracks', async () => {
    const bytes = recorded({ packets: 50 * 60 });
    const at = bytes.indexOf(Buffer.from('1f43b675', 'hex'), 1000);
    const lies = Buffer.concat([element(0xd7, uint(9)), element(0x83, uint(1)), element(0x86, Buffer.from('V_VP8'))]);
    const cluster = element(CLUSTER, lies, null);
    expect(await secondsOf(Buffer.concat([bytes.subarray(0, at), cluster, bytes.subarray(at)]))).toBe(60);
  });

  it('is empty without packets', async () => {
    expect(await refusalOf(recorded({ packets: 0 }))).toBe('empty_audio');
    expect(await refusalOf(recorded({ packets: 10, packet: [] }))).toBe('empty_audio');
  });

  it('is refused in a coding, an encoding or a lacing that cannot be counted', async () => {
    expect(await refusalOf(recorded({ packets: 50, tracks: [track('A_PCM/FLOAT/IEEE')] }))).toBe('unmeasurable_audio');
    const packed = track('A_OPUS', 2, 1, element(0x6d80, Buffer.alloc(4)));
    expect(await refusalOf(recorded({ packets: 50, tracks: [packed] }))).toBe('unmeasurable_audio');
    expect(await refusalOf(recorded({ packets: 50, flags: 0x84 }))).toBe('unmeasurable_audio');
    expect(await refusalOf(recorded({ packets: 50, tracks: [track('A_VORBIS')] }))).toBe('unmeasurable_audio');
  });

  it.each([
    ['an element without a name', Buffer.alloc(40)],
    ['an element without a size', Buffer.concat([Buffer.from([0xa3]), Buffer.alloc(40)])],
    ['a value of open size', element(0xd7, Buffer.alloc(40), null)],
    ['a value that is a novel', element(0xae, element(0x86, Buffer.alloc(300_000)))],
    ['a thousand tracks', Buffer.concat(Array.from({ length: 1000 }, () => track()))],
  ])('is refused, not waited for, with %s', async (_what, strange) => {
    expect(await refusalOf(Buffer.concat([recorded({ packets: 50 }), strange]))).toBe('unmeasurable_audio');
  });

  it('costs nothing to nest a hundred thousand deep, or to fill with nothing', async () => {
    const nested = Buffer.concat(Array.from({ length: 100_000 }, () => element(CLUSTER, Buffer.alloc(0), null)));
    const voids = Buffer.from('ec80'.repeat(100_000), 'hex');
    expect(await secondsOf(Buffer.concat([recorded({ packets: 50 }), nested, voids]))).toBe(1);
  });
});
