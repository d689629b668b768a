import { TranscriberUnavailable, type TranscriptionReport } from '#application/sessions/transcriber';
import { Transcript, type SegmentId } from '#domain/sessions/transcript';
import { SandboxTranscriber, sandboxTranscribers } from '#infrastructure/providers/sandbox-transcriber';
import { anOrder, StreamedRecording } from '#test/support/recordings';
import { done } from '#test/support/transcribers';
import { sessionId } from '#test/support/transcripts';

const START = Date.parse('2025-11-20T10:00:00.000Z');

let now = START;
let delivered: [string, TranscriptionReport][] = [];

beforeEach(() => {
  now = START;
  delivered = [];
});

/** As another process would make it: nothing is shared but the clock. */
const sandbox = (provider: string) => {
  const all = sandboxTranscribers({ now: () => new Date(now) }, async (key, report) => {
    delivered.push([key, report]);
  });
  const found = all.find((transcriber) => transcriber.provider === provider);
  if (!found) throw new Error(`There is no ${provider}.`);
  return found;
};

const MOODS = [
  'sandbox',
  'sandbox-failing',
  'sandbox-slow',
  'sandbox-duplicate',
  'sandbox-wrong-duration',
  'sandbox-flaky',
];

describe('every sandbox', () => {
  it('is a provider of its own with one model', () => {
    const all = sandboxTranscribers({ now: () => new Date(now) }, () => Promise.resolve());
    expect(all.map(({ provider }) => provider)).toEqual(MOODS);
    expect(new Set(all.map(({ model }) => model))).toEqual(new Set(['sandbox-1']));
  });

  it.each(MOODS)('reads the recording to its end, block by block: %s', async (provider) => {
    const recording = new StreamedRecording(10_000_000);
    const transcriber = sandbox(provider);
    await transcriber.submit(anOrder(recording)).catch(() => transcriber.submit(anOrder(recording)));
    expect(recording.bytesRead).toBe(10_000_000);
  });

  it.each(MOODS)('fails on a recording that is gone: %s', async (provider) => {
    const gone = anOrder(undefined, { open: () => Promise.reject(new Error('gone')) });
    const transcriber = sandbox(provider);
    if (provider === 'sandbox-flaky') await expect(transcriber.submit(gone)).rejects.toThrow(TranscriberUnavailable);
    await expect(transcriber.submit(gone)).rejects.toThrow('gone');
  });

  it('fails the attempt when the recording is not the one that was measured', async () => {
    expect(await sandbox('sandbox').submit(anOrder(new StreamedRecording(10), { bytes: 11 }))).toMatchObject({
      state: 'failed',
      reason: 'The recording has 10 bytes instead of 11.',
    });
  });
});

describe('the sandbox', () => {
  it('hears the same in the same recording on any machine, and else in another', async () => {
    const hear = async (of: Parameters<typeof anOrder>[1]) =>
      done(await new SandboxTranscriber().submit(anOrder(undefined, of))).segments;
    expect(await hear({})).toEqual(await hear({ attemptKey: 'another' }));
    expect((await hear({}))[0]).toEqual({
      speaker: 'A',
      startMs: 0,
      endMs: 2382,
      text: 'What would you like to look at today?',
      confidence: 0.93,
    });
    for (const other of [{ seconds: 61 }, { filename: 'other.mp3' }, { language: 'de-DE' }]) {
      expect(await hear(other)).not.toEqual(await hear({}));
    }
  });

  it.each([1, 2, 3, 7, 30, 59, 600, 3601, 86_400])(
    'makes a conversation of a coach and a client that lasts all of %i s',
    async (seconds) => {
      const { segments, reportedSeconds } = done(await sandbox('sandbox').submit(anOrder(undefined, { seconds })));
      const transcript = Transcript.ofSpeech(
        { sessionId, attempt: 1, language: 'en-US', segments },
        () => '' as SegmentId,
      );
      expect(reportedSeconds).toBe(seconds);
      expect(transcript.speakerRoles).toEqual({ 1: 'coach', 2: 'client' });
      expect([segments[0]?.startMs, segments.at(-1)?.endMs]).toEqual([0, seconds * 1000]);
      const impossible = segments.filter(
        ({ startMs, endMs, confidence }, index) =>
          endMs <= startMs ||
          startMs < (segments[index - 1]?.endMs ?? 0) ||
          confidence === null ||
          confidence < 0.8 ||
          confidence > 1,
      );
      expect(impossible).toEqual([]);
    },
  );

  it.each([
    ['cmn-Hant-TW', 'cmn-Hant-TW', /[一-鿿]/],
    ['zh-CN', 'zh-CN', /[一-鿿]/],
    ['en-GB', 'en-GB', /^[A-Z]/],
    ['auto', 'en-US', /^[A-Z]/],
  ])('speaks %s as %s', async (language, heard, script) => {
    const report = done(await sandbox('sandbox').submit(anOrder(undefined, { language })));
    expect(report.language).toBe(heard);
    expect(report.segments.every(({ text }) => script.test(text))).toBe(true);
  });

  it('says that it is the sandbox', async () => {
    expect(done(await sandbox('sandbox').submit(anOrder())).metadata).toEqual({ provider: 'sandbox', sandbox: true });
  });

  it('answers again as it answered first', async () => {
    const order = anOrder();
    expect(await sandbox('sandbox').poll('any', order)).toEqual(await sandbox('sandbox').submit(order));
  });
});

describe('the moods of the sandbox', () => {
  it('failing: every attempt fails with a reason', async () => {
    expect(await sandbox('sandbox-failing').submit(anOrder())).toEqual({
      state: 'failed',
      reason: 'This sandbox fails every transcription.',
      metadata: { provider: 'sandbox-failing', sandbox: true },
    });
  });

  it('slow: any process can ask after the job, which is done after three seconds', async () => {
    const order = anOrder();
    const first = await sandbox('sandbox-slow').submit(order);
    if (first.state !== 'running') throw new Error('It is not running.');
    const states = [];
    for (let polls = 0; polls < 4; polls++) {
      states.push((await sandbox('sandbox-slow').poll(first.externalId, order)).state);
      now += first.askAgainInSeconds * 1000;
    }
    expect(states).toEqual(['running', 'running', 'running', 'done']);
    const report = done(await sandbox('sandbox-slow').poll(first.externalId, order));
    expect(report.segments).toEqual(done(await sandbox('sandbox').submit(order)).segments);
    expect(report.metadata).toEqual({ provider: 'sandbox-slow', sandbox: true });
  });

  it.each(['', 'sandbox-slow', 'sandbox-slow:', 'sandbox-slow:soon', 'another:1'])(
    'slow: knows no job called %j',
    async (externalId) => {
      expect((await sandbox('sandbox-slow').poll(externalId, anOrder())).state).toBe('failed');
    },
  );

  it('duplicate: the result that is answered has been called back before', async () => {
    const report = await sandbox('sandbox-duplicate').submit(anOrder(undefined, { attemptKey: 'session:2' }));
    expect(delivered).toEqual([['session:2', report]]);
    expect(done(report).reportedSeconds).toBe(60);
  });

  it('wrong duration: twice the real one is reported', async () => {
    expect(done(await sandbox('sandbox-wrong-duration').submit(anOrder())).reportedSeconds).toBe(120);
  });

  it('flaky: the first delivery of each attempt finds nobody, every later one an answer', async () => {
    const transcriber = sandbox('sandbox-flaky');
    for (const attemptKey of ['session:1', 'session:2']) {
      const order = anOrder(undefined, { attemptKey });
      await expect(transcriber.submit(order)).rejects.toMatchObject({
        name: 'TranscriberUnavailable',
        retryAfterSeconds: 1,
      });
      expect((await transcriber.submit(order)).state).toBe('done');
      expect((await transcriber.submit(order)).state).toBe('done');
    }
  });

  it('flaky: remembers the latest thousand attempts alone', async () => {
    const transcriber = sandbox('sandbox-flaky');
    const turnedAway = async (n: number) =>
      transcriber.submit(anOrder(undefined, { attemptKey: `session:${n}` })).then(
        () => false,
        () => true,
      );
    for (let n = 0; n <= 1000; n++) await turnedAway(n);
    expect([await turnedAway(1000), await turnedAway(1), await turnedAway(0)]).toEqual([false, false, true]);
  });
});
