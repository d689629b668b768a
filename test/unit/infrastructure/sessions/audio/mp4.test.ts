import { box, fixture, patched, uint32 } from '#test/support/audio';
import { probed, refusalOf, secondsOf } from '#test/support/stored-bytes';

interface Film {
  /** Frames of AAC-LC, 16 kHz: 1024 samples, 64 ms each. */
  readonly frames: number;
  readonly frameBytes?: number;
  readonly mediaBytes?: number;
  readonly declaredSeconds?: number;
  readonly editedSeconds?: number;
  readonly chunkAt?: number;
  readonly ticksPerFrame?: number;
  readonly coding?: string;
  /** In place of the AudioSpecificConfig of AAC-LC, 16 kHz, mono. */
  readonly config?: readonly number[];
}

const ftyp = box('ftyp', Buffer.from('M4A \0\0\0\0M4A mp42'));
const nothing = uint32(0);

/** A file that is all sound, with an index that may lie. */
function film({ frames, frameBytes = 100, ...claims }: Film): Buffer {
  return Buffer.concat([
    ftyp,
    index({ frames, frameBytes, ...claims }),
    media(claims.mediaBytes ?? frames * frameBytes),
  ]);
}

function media(bytes: number): Buffer {
  return box('mdat', Buffer.alloc(bytes, 0x21));
}

function index({ frames, frameBytes = 100, declaredSeconds = frames * 0.064, ...claims }: Film): Buffer {
  const edit = (units: number, from: number): Buffer => Buffer.concat([uint32(units), uint32(from), uint32(65_536)]);
  // What begins nowhere (-1) is a pause before the sound.
  const pauseAndSound = [edit(5000, 0xffffffff), edit(1000 * (claims.editedSeconds ?? 0), 0)];
  const edits = box('edts', box('elst', nothing, uint32(2), ...pauseAndSound));
  const header = Buffer.concat([Buffer.alloc(12), uint32(16_000), uint32(declaredSeconds * 16_000), nothing]);
  const table = box(
    'stbl',
    box('stsd', nothing, uint32(1), sampleEntry(claims.coding ?? 'mp4a', claims.config ?? [0x14, 0x08])),
    box('stts', nothing, uint32(1), uint32(frames), uint32(claims.ticksPerFrame ?? 1024)),
    box('stsz', nothing, uint32(frameBytes), uint32(frames)),
    box('stco', nothing, uint32(1), uint32(claims.chunkAt ?? 28)),
  );
  const track = box(
    'trak',
    box('tkhd', Buffer.alloc(84)),
    ...(claims.editedSeconds === undefined ? [] : [edits]),
    mdia(header, table),
  );
  return box('moov', box('mvhd', Buffer.alloc(12), uint32(1000), Buffer.alloc(84)), track);
}

function mdia(header: Buffer, table: Buffer): Buffer {
  const handler = box('hdlr', nothing, nothing, Buffer.from('soun'), Buffer.alloc(13));
  return box('mdia', box('mdhd', header), handler, box('minf', table));
}

function sampleEntry(coding: string, config: readonly number[]): Buffer {
  const decoder = [
    0x04,
    15 + config.length,
    0x40,
    0x15,
    ...Array.from({ length: 11 }, () => 0),
    0x05,
    config.length,
    ...config,
  ];
  const descriptor = Buffer.from([0x03, 3 + decoder.length, 0, 1, 0, ...decoder]);
  return box(coding, Buffer.alloc(28), box('esds', nothing, descriptor));
}

describe('an MP4 file', () => {
  it('is as long as its AAC frames, however long it declares to be', async () => {
    expect(await secondsOf(film({ frames: 56_250 }))).toBe(3600);
    expect(await secondsOf(film({ frames: 56_250, declaredSeconds: 1 }))).toBe(3600);
    expect(await secondsOf(film({ frames: 56_250, declaredSeconds: 200_000 }))).toBe(3600);
    expect(await secondsOf(film({ frames: 56_250, editedSeconds: 1 }))).toBe(3600);
    expect(await secondsOf(film({ frames: 56_250, ticksPerFrame: 1 }))).toBe(3600);
    expect(await secondsOf(film({ frames: 56_250, ticksPerFrame: 100_000 }))).toBe(3600);
  });

  it('is not longer for the padding of its encoder', async () => {
    expect(await secondsOf(film({ frames: 48 }))).toBe(4);
    expect(await secondsOf(film({ frames: 48, declaredSeconds: 3 }))).toBe(3);
    expect(await secondsOf(film({ frames: 48, editedSeconds: 3 }))).toBe(3);
  });

  it('knows frames of 960 samples, written-out sampling rates and wrapped HE-AAC', async () => {
    expect(await secondsOf(film({ frames: 100, config: [0x14, 0x0c] }))).toBe(6);
    // 5 bits kind 2, 4 bits 15, 24 bits 32 000, 4 bits mono.
    expect(await secondsOf(film({ frames: 100, config: [0x17, 0x80, 0x3e, 0x80, 0x08] }))).toBe(4);
    // Kind 5 around kind 2: 8 kHz inside, 16 kHz outside.
    expect(await secondsOf(film({ frames: 100, config: [0x2d, 0x8c, 0x08] }))).toBe(13);
  });

  it('may have its index behind the media, wide sizes and free space', async () => {
    const wide = Buffer.concat([uint32(1), Buffer.from('mdat'), nothing, uint32(16 + 10_000), Buffer.alloc(10_000)]);
    const bytes = [ftyp, box('free', Buffer.alloc(100)), wide, index({ frames: 100 }), box('free', Buffer.alloc(9))];
    expect(await secondsOf(Buffer.concat(bytes))).toBe(7);
    const open = Buffer.concat([nothing, Buffer.from('mdat'), Buffer.alloc(10_000)]);
    expect(await secondsOf(Buffer.concat([ftyp, index({ frames: 100 }), open]))).toBe(7);
  });

  it('is told apart from a film by its tracks, not by its name', async () => {
    expect((await probed(fixture('coaching.mp4'))).contentType).toBe('video/mp4');
    expect((await probed(fixture('short-opus.mp4'))).contentType).toBe('audio/mp4');
  });

  it('is refused when its index hides most of the media', async () => {
    expect(await refusalOf(film({ frames: 16, mediaBytes: 5_625_000 }))).toBe('unmeasurable_audio');
  });

  it('is refused when its index invents media', async () => {
    expect(await refusalOf(film({ frames: 56_250, mediaBytes: 1000 }))).toBe('unmeasurable_audio');
    expect(await refusalOf(film({ frames: 100, chunkAt: 1_000_000 }))).toBe('unmeasurable_audio');
    expect(await refusalOf(film({ frames: 1_350_000, frameBytes: 1, mediaBytes: 1_350_000 }))).toBe(
      'unmeasurable_audio',
    );
    expect(await refusalOf(film({ frames: 0xffffffff, frameBytes: 0, mediaBytes: 100, declaredSeconds: 1 }))).toBe(
      'unmeasurable_audio',
    );
  });

  it('is refused when another coding declares what so many bytes cannot hold', async () => {
    const opus = fixture('short-opus.mp4');
    const times = opus.indexOf('stts') + 8;
    const [count, ticks] = [opus.readUInt32BE(times + 4), opus.readUInt32BE(times + 8)];
    expect(await secondsOf(patched(opus, times + 8, uint32(ticks)))).toBe(3);
    expect(await refusalOf(patched(opus, times + 8, uint32(Math.floor(ticks / 20))))).toBe('unmeasurable_audio');
    expect(await refusalOf(patched(opus, times + 8, uint32(ticks * 20)))).toBe('unmeasurable_audio');
    expect(count).toBeGreaterThan(100);
    const rate = { coding: 'alac', frames: 1000, frameBytes: 4000 };
    expect(await secondsOf(film(rate))).toBe(64);
    expect(await refusalOf(film({ ...rate, ticksPerFrame: 1 }))).toBe('unmeasurable_audio');
    expect(await refusalOf(film({ ...rate, ticksPerFrame: 100_000_000 }))).toBe('unmeasurable_audio');
    expect(await refusalOf(film({ ...rate, coding: 'enca' }))).toBe('unmeasurable_audio');
  });

  it('is refused when its samples have several descriptions, of which one could lie', async () => {
    const honest = film({ frames: 100 });
    const at = honest.indexOf('stsd') + 8;
    expect(await refusalOf(patched(honest, at, uint32(2)))).toBe('unmeasurable_audio');
    const second = box('stsd', nothing, uint32(1), sampleEntry('mp4a', [0x10, 0x08]));
    const index = honest.indexOf('stbl') - 4;
    expect(await secondsOf(honest)).toBe(7);
    const spoilt = Buffer.concat([honest.subarray(0, index + 8), second, honest.subarray(index + 8)]);
    expect(await refusalOf(spoilt)).toBe('unmeasurable_audio');
  });

  it('may have other tracks, whose descriptions are short', async () => {
    const handler = box('hdlr', nothing, nothing, Buffer.from('tmcd'));
    const timecode = box(
      'trak',
      box('mdia', handler, box('minf', box('stbl', box('stsd', nothing, uint32(1), box('tmcd'))))),
    );
    expect(await secondsOf(Buffer.concat([film({ frames: 100 }), timecode]))).toBe(7);
  });

  it('is refused when it is cut off, before its index or in its media', async () => {
    const behind = Buffer.concat([ftyp, media(10_000), index({ frames: 100 })]);
    expect(await refusalOf(behind.subarray(0, 5000))).toBe('unmeasurable_audio');
    expect(await refusalOf(behind.subarray(0, 10_036))).toBe('unmeasurable_audio');
    const before = film({ frames: 100 });
    expect(await refusalOf(before.subarray(0, before.length - 1))).toBe('unmeasurable_audio');
    expect(await refusalOf(before.subarray(0, before.indexOf('mdat') - 4))).toBe('unmeasurable_audio');
  });

  it('is empty with a sound track of no samples, and no recording with no sound track', async () => {
    expect(await refusalOf(film({ frames: 0 }))).toBe('empty_audio');
    expect(await refusalOf(fixture('silent-video.mp4'))).toBe('not_audio');
  });

  it('adds its fragments, whose frames count as much', async () => {
    const bytes = fixture('short-fragmented.mp4');
    const first = bytes.indexOf('moof') - 4;
    const fragments = bytes.subarray(first, bytes.indexOf('mfra') - 4);
    expect(
      await secondsOf(Buffer.concat([bytes.subarray(0, first), ...Array.from({ length: 20 }, () => fragments)])),
    ).toBe(62);
  });

  it.each([
    ['a box smaller than its own head', box('trak').fill(7, 3, 4)],
    ['a box larger than any file', Buffer.concat([uint32(1), Buffer.from('free'), Buffer.alloc(8, 0xff)])],
    ['a table longer than its box', box('trak', box('stsz', nothing, nothing, uint32(0xffffffff), Buffer.alloc(40)))],
    [
      'a table that runs into the next box',
      box('trak', box('stsz', nothing, nothing, uint32(9)), box('free', Buffer.alloc(99))),
    ],
    ['a wide header in a narrow box', box('trak', box('mdhd', Buffer.from([1]), Buffer.alloc(23)))],
    ['a header that is a novel', box('trak', box('mdhd', Buffer.alloc(100_000)))],
    ['a header that is nothing', box('trak', box('mdhd', Buffer.alloc(3)))],
    ['a thousand tracks', Buffer.concat(Array.from({ length: 1000 }, () => box('trak')))],
    ['a run without its table', box('trak', box('trun', uint32(0xf01), uint32(0xffffffff)))],
  ])('is refused, not waited for, with %s', async (_what, strange) => {
    expect(await refusalOf(Buffer.concat([film({ frames: 100 }), strange]))).toBe('unmeasurable_audio');
  });

  it('costs nothing to nest a hundred thousand deep', async () => {
    const nested = Buffer.concat(
      Array.from({ length: 100_000 }, (_, depth) => Buffer.concat([uint32(800_000 - depth * 8), Buffer.from('moov')])),
    );
    expect(await secondsOf(Buffer.concat([film({ frames: 100 }), nested]))).toBe(7);
  });
});
