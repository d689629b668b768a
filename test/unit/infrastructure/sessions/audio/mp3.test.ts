import { MetadataRecordingProbe } from '#infrastructure/sessions/metadata-recording-probe';
import { fixture, mp3Frames, patched, uint32 } from '#test/support/audio';
import { refusalOf, secondsOf, StoredBytes } from '#test/support/stored-bytes';

/** A tag of `bytes` bytes before the sound, as a cover makes it. */
function id3(bytes: number): Buffer {
  const size = [bytes >> 21, bytes >> 14, bytes >> 7, bytes].map((part) => part & 0x7f);
  return Buffer.concat([Buffer.from('ID3\x04\0\0', 'latin1'), Buffer.from(size), Buffer.alloc(bytes, 0x55)]);
}

describe('an MP3 file', () => {
  const honest = fixture('coaching.mp3');
  const framesAt = honest.indexOf('Info', 0, 'latin1') + 8;

  it.each([
    ['one second', 28],
    ['an hour', 100_000],
    ['nothing', 0],
    ['all that four bytes hold', 0xffffffff],
  ])('is as long as its frames, though its table of contents declares %s', async (_what, frames) => {
    expect(await secondsOf(patched(honest, framesAt, uint32(frames)))).toBe(21);
  });

  it('is as long as its frames when a tool appended sound and kept the table of contents', async () => {
    expect(await secondsOf(Buffer.concat([honest, honest, honest]))).toBe(62);
  });

  it('is as long as its frames without any table of contents', async () => {
    expect(await secondsOf(mp3Frames(50_000))).toBe(3600);
    expect(await secondsOf(mp3Frames(50_001))).toBe(3601);
  });

  it('is not longer for a cover before, between or behind its sound', async () => {
    const cover = id3(300_000);
    expect(await secondsOf(Buffer.concat([cover, cover, honest]))).toBe(21);
    const behind = Buffer.alloc(30_000, 0x41);
    expect(await secondsOf(Buffer.concat([honest, behind]))).toBe(21);
    expect(await secondsOf(Buffer.concat([mp3Frames(1000), id3(10_000), mp3Frames(1000)]))).toBe(144);
  });

  it('is found again behind strange bytes, wherever a piece of the file ends', async () => {
    for (const strange of [1442, 1443, 1444]) {
      const bytes = Buffer.concat([mp3Frames(70), Buffer.alloc(strange, 0x41), mp3Frames(69)]);
      const storage = new StoredBytes(() => [...bytes].map((byte) => Buffer.of(byte)), bytes.length);
      const recording = await new MetadataRecordingProbe(storage).measure('any');
      // 139 frames are 10.008 s, one less would be 9.936 s.
      expect(recording.duration.seconds).toBe(11);
    }
  });

  it('hides no sound in what looks like a tag between its frames', async () => {
    const tag = id3(0);
    tag.set([0x7f, 0x7f, 0x7f, 0x7f], 6);
    expect(await secondsOf(Buffer.concat([mp3Frames(100), tag, mp3Frames(50_000)]))).toBeGreaterThan(3600);
  });

  it('hides no sound by a byte of nothing between its frames', async () => {
    const parts = Array.from({ length: 50_000 }, () => [mp3Frames(1), Buffer.alloc(1)]).flat();
    expect(await secondsOf(Buffer.concat([mp3Frames(2), ...parts]))).toBeGreaterThanOrEqual(3600);
  });

  it('is refused when most of it is something else', async () => {
    expect(await refusalOf(Buffer.concat([mp3Frames(2), Buffer.alloc(100_000, 0x41)]))).toBe('unmeasurable_audio');
    expect(await refusalOf(Buffer.concat([mp3Frames(2), Buffer.alloc(100_000, 0xff)]))).toBe('unmeasurable_audio');
  });

  it('is refused when only its first bytes look like one', async () => {
    expect(await refusalOf(Buffer.concat([Buffer.from('fffb90c4', 'hex'), Buffer.alloc(5000, 0x20)]))).toBe(
      'not_audio',
    );
    expect(await refusalOf(Buffer.alloc(50_000, 0xff))).toBe('not_audio');
  });

  it('is empty when all it has is a table of contents', async () => {
    const at = honest.indexOf(0xff);
    const frame = honest.subarray(at, honest.indexOf(honest.subarray(at, at + 2), at + 2));
    expect(await refusalOf(frame)).toBe('empty_audio');
  });
});
