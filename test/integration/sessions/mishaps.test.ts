import { TestApp } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { TranscriberUnavailable } from '#application/sessions/transcriber';
import { UploadStorage } from '#application/sessions/upload-storage';
import { FAILED, ScriptedTranscriber, spoken } from '../scripted-transcriber.js';
import { Stage } from '../stage.js';
import { refusal, succeeded, Visitor } from '../visitor.js';

const HOUR = 3600;

describe('when something goes wrong with a transcription', () => {
  const provider = new ScriptedTranscriber();
  const clock = new ManualClock();
  let app: TestApp;
  let stage: Stage;
  let visitor: Visitor;
  beforeAll(async () => {
    app = await TestApp.start({ clock, transcribers: () => [provider] });
    stage = new Stage(app);
  });
  beforeEach(async () => {
    clock.set('2026-03-10T12:00:00.000Z');
    provider.next.length = 0;
    provider.submitted.length = 0;
    visitor = new Visitor(app, await app.user('free'));
  });
  afterEach(() => stage.mustBalance(visitor.user));
  afterAll(() => app?.stop());

  const stored = async (id: string): Promise<number | null> => {
    const [row] = await app.rows<{ upload_key: string }>(
      `select upload_key from transcription_attempts where session_id = $1`,
      [id],
    );
    return app.container.get(UploadStorage).size(row!.upload_key);
  };

  it('a result that is delivered again and again lands once', async () => {
    const id = await visitor.started(61);
    await stage.work();
    const before = await everything();
    for (let n = 0; n < 3; n++) await stage.deliver('transcribe', { sessionId: id, attempt: 1 });
    for (const report of [spoken(600, 'Another.'), FAILED]) {
      await stage.deliver('land_transcription', { sessionId: id, attempt: 1, report });
    }
    expect(provider.submitted).toHaveLength(1);
    expect(await everything()).toEqual(before);
    expect((await visitor.usage()).minutes.used_seconds).toBe(61);
  });

  it('a result that lands many times at once lands once', async () => {
    const id = await visitor.started(61);
    const landings = Array.from({ length: 8 }, () =>
      stage.deliver('land_transcription', { sessionId: id, attempt: 1, report: spoken(61, 'Once.') }),
    );
    await Promise.all(landings);
    expect(await visitor.runs(id)).toHaveLength(1);
    expect((await visitor.usage()).minutes).toMatchObject({ used_seconds: 61, held_seconds: 0 });
    await stage.work();
    expect(await visitor.runs(id)).toHaveLength(1);
  });

  it('a provider that accepted an order is asked after it, and is never given it again', async () => {
    const id = await visitor.started(61);
    const running = { state: 'running', externalId: 'order-7', askAgainInSeconds: 0 } as const;
    provider.next.push(running, running);
    await stage.work();
    expect([provider.submitted.length, provider.polled]).toEqual([1, ['order-7', 'order-7']]);
    expect(await visitor.status(id)).toBe('completed');
  });

  it('a provider that cannot be reached is asked again later: nothing is counted and the hold stays', async () => {
    const id = await visitor.started(61);
    provider.next.push(new TranscriberUnavailable('no answer'));
    expect(await stage.work()).toBe(1);
    expect(await visitor.status(id)).toBe('processing');
    expect((await visitor.usage()).minutes).toMatchObject({ used_seconds: 0, held_seconds: 61 });
    await stage.deliver('transcribe', { sessionId: id, attempt: 1 });
    expect(await visitor.status(id)).toBe('completed');
  });

  it('a database that fails while a result lands leaves nothing half done, and the next delivery lands it', async () => {
    const id = await visitor.started(61);
    for (const table of ['usage_logs', 'holds', 'transcripts', 'transcript_segments', 'period_usage', 'sessions']) {
      await app.rows(
        `create function fail() returns trigger language plpgsql as $$ begin raise exception 'the disk is full'; end $$`,
      );
      await app.rows(`create trigger fail before insert or update on ${table} for each row execute function fail()`);
      const before = await everything();
      await expect(stage.deliver('transcribe', { sessionId: id, attempt: 1 })).rejects.toThrow('the disk is full');
      expect(await everything()).toEqual(before);
      await app.rows(`drop function fail() cascade`);
    }
    expect((await visitor.usage()).minutes).toMatchObject({ used_seconds: 0, held_seconds: 61 });
    await stage.work();
    expect((await visitor.usage()).minutes).toMatchObject({ used_seconds: 61, held_seconds: 0 });
  });

  it('a database that fails while a transcription is started holds nothing and starts nothing', async () => {
    const id = await visitor.recorded(61);
    for (const table of ['holds', 'transcription_attempts', 'sessions']) {
      await app.rows(
        `create function fail() returns trigger language plpgsql as $$ begin raise exception 'the disk is full'; end $$`,
      );
      await app.rows(`create trigger fail before insert or update on ${table} for each row execute function fail()`);
      const before = await everything();
      expect(await refusal(visitor.deed(id, 'start-transcription'))).toBe('500 internal_error');
      expect(await everything()).toEqual(before);
      await app.rows(`drop function fail() cascade`);
    }
    expect((await visitor.usage()).minutes.held_seconds).toBe(0);
    await succeeded(visitor.deed(id, 'start-transcription'));
  });

  it('a hold that nobody settles stops counting by the clock alone', async () => {
    await visitor.started(61);
    const second = await visitor.recorded(61);
    clock.advance(2 * HOUR - 0.001);
    expect((await visitor.usage()).minutes.held_seconds).toBe(61);
    expect(await refusal(visitor.deed(second, 'start-transcription'))).toBe(
      '403 concurrent_transcription_limit_exceeded',
    );
    clock.advance(0.001);
    expect((await visitor.usage()).minutes.held_seconds).toBe(0);
    await succeeded(visitor.deed(second, 'start-transcription'));
  });

  it('a result that comes after its hold expired is settled all the same: the work was done', async () => {
    const id = await visitor.started(61);
    clock.advance(3 * HOUR);
    await stage.work();
    expect(await visitor.status(id)).toBe('completed');
    expect((await visitor.usage()).minutes).toMatchObject({ used_seconds: 61, held_seconds: 0 });
  });

  it('work that was lost is landed as failed after a while, for its owner to retry for free', async () => {
    const id = await visitor.started(61);
    await app.rows('delete from graphile_worker._private_jobs');
    clock.advance(2 * HOUR + 600);
    await stage.deliver('land_lost_transcriptions', {});
    expect(await visitor.status(id)).toBe('processing');
    clock.advance(1);
    await stage.deliver('land_lost_transcriptions', {});
    expect(await visitor.status(id)).toBe('failed');
    expect(await visitor.runs(id)).toMatchObject([{ outcome: 'failed', counted_seconds: 0 }]);

    // What was lost turns up: too late to land, and nothing is counted.
    const before = await everything();
    await stage.deliver('land_transcription', { sessionId: id, attempt: 1, report: spoken(61, 'Late.') });
    expect(await everything()).toEqual(before);
    await succeeded(visitor.deed(id, 'retry-transcription'));
    await stage.work();
    expect(await visitor.status(id)).toBe('completed');
    expect((await visitor.usage()).minutes.used_seconds).toBe(0);
  });

  it('a result that lands in the next period counts in the one that it was held in', async () => {
    const id = await visitor.started(61);
    clock.set('2026-04-10T12:00:00.000Z');
    await stage.work();
    expect(await visitor.status(id)).toBe('completed');
    expect(await visitor.usage()).toMatchObject({
      period_start: '2026-04-10T12:00:00.000Z',
      sessions: { used: 0 },
      minutes: { used_seconds: 0, held_seconds: 0 },
    });
    expect(await stage.counters(visitor.user)).toEqual([{ sessions: 1, seconds: 61, transcriptions: 1 }]);
  });

  it('deleting gives no quota back and removes no usage', async () => {
    await stage.sessions(visitor.user, 9);
    const id = await visitor.started(61);
    await stage.work();
    const { minutes, sessions, transcriptions } = await visitor.usage();
    const key = await stored(id);
    expect(key).toBeGreaterThan(0);
    for (const { id: each } of (await visitor.get('/api/v1/sessions?limit=100')).body.data as { id: string }[]) {
      const { body } = await succeeded(visitor.delete(`/api/v1/sessions/${each}`));
      expect(body.usage_kept).toBe(true);
    }
    await stage.work();
    expect(await visitor.usage()).toMatchObject({ minutes, sessions, transcriptions });
    expect(await refusal(visitor.post('/api/v1/sessions', { title: 'More' }))).toBe('403 session_limit_exceeded');
    expect(await stage.count('usage_logs', visitor.user)).toBe(1);
    expect(await stage.count('sessions', visitor.user)).toBe(10);
    expect((await visitor.get('/api/v1/sessions')).body).toMatchObject({ data: [], total: 0 });
    expect(await stored(id)).toBeNull();
    const [left] = await app.rows(`select count(*)::integer as texts from transcript_segments where session_id = $1`, [
      id,
    ]);
    expect(left).toEqual({ texts: 0 });
    const [row] = await app.rows(`select title, filename, upload_key from sessions where id = $1`, [id]);
    expect(row).toEqual({ title: '', filename: null, upload_key: null });
  });

  it('a session that is deleted while it is transcribed is counted, and its transcript is not kept', async () => {
    const id = await visitor.started(61);
    await succeeded(visitor.delete(`/api/v1/sessions/${id}`));
    // The worker still needs the recording, whatever it does first.
    const waiting = await app.rows(`select task_identifier from graphile_worker.jobs`);
    expect(waiting).toEqual([{ task_identifier: 'transcribe' }]);
    expect(await stored(id)).toBeGreaterThan(0);
    await stage.work();
    expect(provider.submitted).toHaveLength(1);
    expect((await visitor.usage()).minutes).toMatchObject({ used_seconds: 61, held_seconds: 0 });
    expect(await stage.count('usage_logs', visitor.user)).toBe(1);
    expect(await stored(id)).toBeNull();
    const [kept] = await app.rows(`select count(*)::integer as transcripts from transcripts where session_id = $1`, [
      id,
    ]);
    expect(kept).toEqual({ transcripts: 0 });
    expect((await visitor.get(`/api/v1/sessions/${id}`)).status).toBe(404);
  });

  it('an answer without any metadata, or with an impossible length, is settled by our own measure', async () => {
    for (const seconds of [null, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, 86_401]) {
      const id = await visitor.started(5);
      provider.next.push({ ...spoken(seconds, 'Hm.'), metadata: {} } as ReturnType<typeof spoken>);
      await stage.work();
      expect(await visitor.runs(id)).toMatchObject([{ outcome: 'completed', counted_seconds: 5, cost_micros: 500 }]);
      const [log] = await app.rows(`select provider_metadata from usage_logs where session_id = $1`, [id]);
      expect(log).toEqual({ provider_metadata: { duration_source: 'measured' } });
    }
  });

  it('a provider that reports a whole day is settled with the whole day', async () => {
    visitor = new Visitor(app, await app.user('coaching_school'));
    const id = await visitor.started(5);
    provider.next.push(spoken(86_400, 'Long.'));
    await stage.work();
    expect(await visitor.runs(id)).toMatchObject([{ counted_seconds: 86_400, cost_micros: 8_640_000 }]);
  });

  /** Everything that is counted, held, kept or said of the visitor. */
  async function everything(): Promise<unknown> {
    const tables = ['period_usage', 'sessions', 'holds', 'transcription_attempts', 'usage_logs'];
    const rows = tables.map((table) =>
      app.rows(`select * from ${table} where user_id = $1 order by 1, 2`, [visitor.user.id]),
    );
    const said = await app.rows(
      `select t.*, g.text from transcripts t join sessions s on s.id = t.session_id left join transcript_segments g using (session_id, attempt)
        where s.user_id = $1`,
      [visitor.user.id],
    );
    const jobs = await app.rows(`select count(*) from graphile_worker._private_jobs`);
    return [...(await Promise.all(rows)), said, jobs];
  }
});
