import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { parseBuffer } from 'music-metadata';
import { RecordingRefused } from '#domain/sessions/recording';
import { MetadataRecordingProbe } from '#infrastructure/sessions/metadata-recording-probe';
import { endlessWav, fixture, tinyWav, wav } from '#test/support/audio';
import { probed, refusalOf, secondsOf, StoredBytes } from '#test/support/stored-bytes';

const RECORDINGS = [
  ['coaching.wav', 'wav', 'audio/wav', 21],
  ['coaching.mp3', 'mp3', 'audio/mpeg', 21],
  ['coaching.flac', 'flac', 'audio/flac', 21],
  ['coaching.ogg', 'ogg', 'audio/ogg', 21],
  ['coaching-opus.ogg', 'ogg', 'audio/ogg', 21],
  ['coaching.m4a', 'm4a', 'audio/mp4', 21],
  ['coaching.mp4', 'mp4', 'video/mp4', 21],
  ['coaching.webm', 'webm', 'audio/webm', 21],
  ['coaching-live.webm', 'webm', 'audio/webm', 21],
  ['short-3s.wav', 'wav', 'audio/wav', 3],
  ['short-44100.ogg', 'ogg', 'audio/ogg', 3],
  ['short-vbr.mp3', 'mp3', 'audio/mpeg', 3],
  ['short-vbr-without-xing.mp3', 'mp3', 'audio/mpeg', 4],
  ['short-fragmented.mp4', 'mp4', 'audio/mp4', 4],
  ['short-opus.mp4', 'mp4', 'audio/mp4', 3],
  ['short-vorbis.webm', 'webm', 'audio/webm', 4],
  ['short-video.webm', 'webm', 'video/webm', 3],
] as const;

describe('a real recording', () => {
  it.each(RECORDINGS)('is measured whatever it is called: %s', async (name, format, contentType, seconds) => {
    const bytes = fixture(name);
    expect(await probed(bytes)).toEqual({ format, contentType, bytes: bytes.length, duration: expect.anything() });
    expect(await secondsOf(bytes)).toBe(seconds);
  });

  const declaring = RECORDINGS.filter(([name]) => !/live|without-xing|fragmented/.test(name));
  it.each(declaring)('is as long as its honest header says: %s', async (name, _format, contentType, seconds) => {
    const { format } = await parseBuffer(fixture(name), { mimeType: contentType }, { duration: true });
    expect(Math.abs(seconds - format.duration!)).toBeLessThan(1);
  });

  it.each(RECORDINGS)('costs what its pieces cost, however they are cut: %s', async (name, format, _type, seconds) => {
    const bytes = fixture(name);
    const storage = new StoredBytes(function* () {
      for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7 + 3) % 1009)
        yield bytes.subarray(at, at + size);
    }, bytes.length);
    const recording = await new MetadataRecordingProbe(storage).measure('any');
    expect([recording.format, recording.duration.seconds]).toEqual([format, seconds]);
  });
});

describe('the length of a recording', () => {
  it('is a started second, however little of it began', async () => {
    expect(await secondsOf(wav({ seconds: 1 / 8000 }))).toBe(1);
    expect(await secondsOf(wav({ seconds: 59 }))).toBe(59);
    expect(await secondsOf(wav({ seconds: 59 + 1 / 8000 }))).toBe(60);
  });

  it('may be exactly 24 hours', async () => {
    expect(await secondsOf(tinyWav(86_400))).toBe(86_400);
  });

  it('may not be one sample more than 24 hours', async () => {
    const refusal = await probed(tinyWav(86_400 + 1 / 100)).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      code: 'audio_too_long',
      refusal: 'invalid',
      facts: { duration_seconds: 86_401, limit_seconds: 86_400 },
    });
  });

  it('may not be nothing', async () => {
    expect(await refusalOf(wav({ seconds: 0 }))).toBe('empty_audio');
  });

  it('is found without holding the recording: 24 hours of studio sound are 16.6 GB', async () => {
    const { bytes, pieces } = endlessWav({ seconds: 86_400, sampleRate: 48_000, channels: 2, bits: 16 });
    const recording = await new MetadataRecordingProbe(new StoredBytes(pieces, bytes)).measure('any');
    expect([recording.bytes, recording.duration.seconds]).toEqual([16_588_800_044, 86_400]);
  });
});

describe('what is no recording', () => {
  const PNG = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  const ZIP = Buffer.concat([Buffer.from('504b0506', 'hex'), Buffer.alloc(18)]);
  it.each([
    ['an empty file', Buffer.alloc(0)],
    ['one byte', Buffer.from([0xff])],
    ['a text', Buffer.from('Coach: what would make this hour useful for you?\n'.repeat(50))],
    ['a PNG', PNG],
    ['a PDF', Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n')],
    ['a zip', ZIP],
    ['a gzip of a recording', gzipSync(fixture('short-3s.wav'))],
    ['a page', Buffer.from('<!doctype html><html><body>Welcome</body></html>')],
    ['zeros', Buffer.alloc(100_000)],
    ['an AVI', Buffer.concat([Buffer.from('RIFF'), Buffer.alloc(4), Buffer.from('AVI LIST'), Buffer.alloc(1000)])],
    [
      'a QuickTime film',
      Buffer.from(fixture('coaching.mp4').toString('latin1').replace('ftypisom', 'ftypqt  '), 'latin1'),
    ],
    ['an MP4 film without sound', fixture('silent-video.mp4')],
    ['an MP3 tag alone', Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\x10\0', 'latin1'), Buffer.alloc(3000)])],
  ])('is refused: %s', async (_name, bytes) => {
    expect(await refusalOf(bytes)).toBe('not_audio');
  });

  it.each(['wav', 'mp3', 'flac', 'ogg', 'm4a', 'mp4', 'webm'])(
    'is refused: the first bytes of a %s file',
    async (format) => {
      for (const length of [5, 12, 40]) {
        const refusal = await refusalOf(fixture(`coaching.${format}`).subarray(0, length));
        expect(['not_audio', 'unmeasurable_audio', 'empty_audio']).toContain(refusal);
      }
    },
  );

  it.each(['m4a', 'mp4', 'wav', 'mp3', 'flac', 'ogg', 'webm'])(
    'is never longer for being cut off: %s',
    async (format) => {
      const bytes = fixture(`coaching.${format}`);
      for (const part of [0.1, 0.5, 0.9]) {
        const measured = await refusalOf(bytes.subarray(0, Math.floor(bytes.length * part)));
        if (typeof measured === 'number') expect(measured).toBeLessThanOrEqual(Math.ceil(20.47 * part) + 2);
        else expect(measured).toBe('unmeasurable_audio');
      }
    },
  );
});

describe('hostile bytes', () => {
  it.each(RECORDINGS)('end in a length or a refusal, never in a crash: %s with 60 random faults', async (name) => {
    const honest = fixture(name);
    const random = generator(honest.length);
    for (let round = 0; round < 60; round++) {
      const bytes = Buffer.from(honest);
      const faults = 1 + (random() % 20);
      for (let i = 0; i < faults; i++) {
        // Where the structure is, mostly: a byte of sound makes no parser stumble.
        const at = random() % (round % 3 === 0 ? bytes.length : 600);
        bytes[at] = [0, 0xff, 0x7f, 0x80, random() % 256][random() % 5]!;
      }
      const cut = round % 4 === 0 ? bytes.subarray(0, random() % bytes.length) : bytes;
      const measured = await refusalOf(cut);
      expect(typeof measured === 'string' || (measured >= 1 && measured <= 86_400)).toBe(true);
    }
  });
});

describe('the storage', () => {
  it.each(RECORDINGS)('fails as itself, not as a bad recording: %s', async (name) => {
    const bytes = fixture(name);
    const fault = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
    const storage = new StoredBytes(function* () {
      yield bytes.subarray(0, bytes.length - 200);
      throw fault;
    }, bytes.length);
    await expect(new MetadataRecordingProbe(storage).measure('any')).rejects.toBe(fault);
  });

  it('says itself that nothing lies under a key', async () => {
    const missing = new Error('ENOENT: no such file');
    const storage = Object.assign(new StoredBytes(Buffer.alloc(0)), { open: () => Promise.reject<Readable>(missing) });
    await expect(new MetadataRecordingProbe(storage).measure('gone')).rejects.toBe(missing);
  });

  it('gets its stream closed, after a length and after a refusal', async () => {
    const good = new StoredBytes(fixture('coaching.mp3'));
    await new MetadataRecordingProbe(good).measure('any');
    const bad = new StoredBytes(Buffer.alloc(1_000_000));
    await expect(new MetadataRecordingProbe(bad).measure('any')).rejects.toThrow(RecordingRefused);
    expect([...good.streams, ...bad.streams].map(({ destroyed }) => destroyed)).toEqual([true, true]);
  });
});

/** The same numbers in every run (a linear congruential generator). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state >> 8;
  };
}
