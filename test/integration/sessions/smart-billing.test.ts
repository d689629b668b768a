import type { SessionId } from '#domain/sessions/session';
import { TestApp } from '#test/support/app';
import { tinyWav } from '#test/support/audio';
import { FAILED, ScriptedTranscriber, spoken } from '../scripted-transcriber.js';
import { Stage } from '../stage.js';
import { refusal, succeeded, Visitor } from '../visitor.js';

const NOTHING = { is_billable: false, counted_seconds: 0, cost_micros: 0 };

describe('who pays for a transcription follows from the log', () => {
  const provider = new ScriptedTranscriber();
  let app: TestApp;
  let stage: Stage;
  let visitor: Visitor;
  beforeAll(async () => {
    app = await TestApp.start({ transcribers: () => [provider] });
    stage = new Stage(app);
  });
  beforeEach(async () => {
    provider.next.length = 0;
    visitor = new Visitor(app, await app.user('student'));
  });
  afterEach(() => stage.mustBalance(visitor.user));
  afterAll(() => app?.stop());

  const failed = async (seconds: number): Promise<SessionId> => {
    const id = await visitor.started(seconds);
    provider.next.push(FAILED);
    await stage.work();
    expect(await visitor.status(id)).toBe('failed');
    return id;
  };

  const completed = async (seconds: number): Promise<SessionId> => {
    const id = await visitor.started(seconds);
    await stage.work();
    expect(await visitor.status(id)).toBe('completed');
    return id;
  };

  /** Leaves `seconds` of the 500 minutes of the plan. */
  const useAllBut = (seconds: number): Promise<unknown> => stage.completed(visitor.user, 500 * 60 - seconds);

  it('a failure costs nothing, counts nothing and holds nothing back', async () => {
    const id = await failed(61);
    const usage = await visitor.usage();
    expect(usage.minutes).toMatchObject({ used_seconds: 0, held_seconds: 0 });
    expect([usage.transcriptions.used, usage.transcriptions.held, usage.concurrent_transcriptions.running]).toEqual([
      0, 0, 0,
    ]);
    const { body } = await visitor.get(`/api/v1/sessions/${id}`);
    expect(body.error).toBe('too noisy');
    expect(await visitor.runs(id)).toMatchObject([
      { transcription_type: 'original', outcome: 'failed', billing_reason: 'transcription_failed', ...NOTHING },
    ]);
    const [{ state, provider_cost_micros: cost }] = (await app.rows(
      `select state, provider_cost_micros from holds join usage_logs using (session_id, attempt) where session_id = $1`,
      [id],
    )) as [{ state: string; provider_cost_micros: string }];
    expect([state, cost]).toEqual(['released', '0']);
  });

  it('a retry after a failure is free and outside every quota, even when nothing is left', async () => {
    const [id, other] = [await failed(61), await visitor.recorded(61)];
    await useAllBut(0);
    expect(await refusal(visitor.deed(other, 'start-transcription'))).toBe('403 transcription_limit_exceeded');
    const before = (await visitor.usage()).minutes.used_seconds;

    await succeeded(visitor.deed(id, 'retry-transcription'));
    expect((await visitor.usage()).minutes.held_seconds).toBe(0);
    expect((await visitor.usage()).concurrent_transcriptions.running).toBe(1);
    await stage.work();
    expect(await visitor.status(id)).toBe('completed');
    await succeeded(visitor.get(`/api/v1/sessions/${id}/transcript?format=vtt`));

    const [first, second] = await visitor.runs(id);
    expect(second).toMatchObject({
      attempt_number: 2,
      transcription_type: 'retry_failed',
      outcome: 'completed',
      billing_reason: 'retry_after_failure',
      parent_log_id: first.usage_log_id,
      ...NOTHING,
    });
    expect((await visitor.usage()).minutes.used_seconds).toBe(before);
    const { body } = await visitor.get(`/api/v1/sessions/${id}/billing`);
    expect(body.billing_summary).toMatchObject({ total_cost_micros: 0, billable_attempts: 0, free_retries: 1 });
  });

  it('retries stay free for as long as it fails, and each names the first run as its parent', async () => {
    const id = await failed(61);
    for (let n = 0; n < 2; n++) {
      await succeeded(visitor.deed(id, 'retry-transcription'));
      provider.next.push(FAILED);
      await stage.work();
    }
    await succeeded(visitor.deed(id, 'retry-transcription'));
    await stage.work();
    const [first, ...retries] = await visitor.runs(id);
    expect(retries.map((run) => [run.transcription_type, run.parent_log_id, run.counted_seconds])).toEqual(
      Array.from({ length: 3 }, () => ['retry_failed', first.usage_log_id, 0]),
    );
    expect((await visitor.usage()).minutes.used_seconds).toBe(0);
  });

  it('a free retry takes one of the places that run at the same time', async () => {
    const id = await failed(61);
    await visitor.started(10);
    await visitor.started(10);
    expect(await refusal(visitor.deed(id, 'retry-transcription'))).toBe('403 concurrent_transcription_limit_exceeded');
    await stage.work();
    await succeeded(visitor.deed(id, 'retry-transcription'));
    await stage.work();
  });

  it('a re-transcription is estimated first, and starts only when its cost is confirmed', async () => {
    const id = await completed(61);
    const price = { cost_micros: 6100, duration_seconds: 61, stt_provider: 'sandbox', price_micros_per_minute: 6000 };
    const room = { remaining_seconds: 500 * 60 - 61, fits_plan: true, requires_confirmation: true };
    const { body: estimate } = await succeeded(visitor.get(`/api/v1/sessions/${id}/retranscribe/estimate`));
    expect(estimate).toMatchObject({ ...price, ...room });
    for (const unconfirmed of [{}, { confirm_cost: false }]) {
      const { body } = await succeeded(visitor.deed(id, 'retranscribe', unconfirmed));
      expect(body).toMatchObject({ requires_confirmation: true, session: null, estimate });
    }
    expect(await stage.count('holds', visitor.user)).toBe(1);

    const { body } = await succeeded(visitor.deed(id, 'retranscribe', { confirm_cost: true }));
    expect(body).toMatchObject({ requires_confirmation: false, estimate: null, session: { status: 'processing' } });
    expect((await visitor.usage()).minutes).toMatchObject({ used_seconds: 61, held_seconds: 61 });
    provider.next.push(spoken(61, 'Heard better.'));
    await stage.work();

    const [first, second] = await visitor.runs(id);
    expect(second).toMatchObject({
      transcription_type: 'retry_success',
      billing_reason: 'retranscription',
      parent_log_id: first.usage_log_id,
      is_billable: true,
      counted_seconds: 61,
      cost_micros: 6100,
    });
    const usage = await visitor.usage();
    expect([usage.minutes.used_seconds, usage.transcriptions.used, usage.sessions.used]).toEqual([122, 2, 1]);
    const { body: text } = await succeeded(visitor.get(`/api/v1/sessions/${id}/transcript?format=txt`));
    expect(text).toContain('Heard better.');
  });

  it('a re-transcription that does not fit is refused with the numbers, and said so by its estimate', async () => {
    const id = await completed(61);
    await useAllBut(61 + 60);
    const { body } = await succeeded(visitor.get(`/api/v1/sessions/${id}/retranscribe/estimate`));
    expect(body).toMatchObject({ fits_plan: false, remaining_seconds: 60 });
    const refused = await visitor.deed(id, 'retranscribe', { confirm_cost: true });
    expect([refused.status, refused.body.detail]).toMatchObject([
      403,
      {
        error: 'transcription_limit_exceeded',
        current_usage_seconds: 29_940,
        requested_seconds: 61,
        limit_seconds: 30_000,
      },
    ]);
    expect(await visitor.status(id)).toBe('completed');
  });

  it('a failed re-transcription costs nothing, and opens no way to a free one nor to another recording', async () => {
    const id = await completed(61);
    await succeeded(visitor.deed(id, 'retranscribe', { confirm_cost: true }));
    provider.next.push(FAILED);
    await stage.work();
    expect(await visitor.status(id)).toBe('failed');
    expect((await visitor.usage()).minutes.used_seconds).toBe(61);
    expect(await refusal(visitor.deed(id, 'retry-transcription'))).toBe('409 wrong_transcription_kind');
    const other = visitor.deed(id, 'upload-url', { filename: 'other.wav', file_size_mb: 1 });
    expect(await refusal(other)).toBe('409 session_has_recording');

    await succeeded(visitor.deed(id, 'retranscribe', { confirm_cost: true }));
    await stage.work();
    expect((await visitor.runs(id)).map((run) => [run.transcription_type, run.outcome])).toEqual([
      ['original', 'completed'],
      ['retry_success', 'failed'],
      ['retry_success', 'completed'],
    ]);
    expect((await visitor.usage()).minutes.used_seconds).toBe(122);
  });

  it('nobody gets one kind for the other', async () => {
    const [pending, broken, done] = [await visitor.recorded(10), await failed(10), await completed(10)];
    const start = (id: SessionId): Promise<string> => refusal(visitor.deed(id, 'start-transcription'));
    const retry = (id: SessionId): Promise<string> => refusal(visitor.deed(id, 'retry-transcription'));
    const again = (id: SessionId): Promise<string> => refusal(visitor.deed(id, 'retranscribe', { confirm_cost: true }));
    const wrong = '409 wrong_transcription_kind';
    expect([await retry(pending), await again(pending)]).toEqual([wrong, wrong]);
    expect([await start(broken), await again(broken)]).toEqual([wrong, wrong]);
    expect([await start(done), await retry(done)]).toEqual([wrong, wrong]);
    expect((await visitor.usage()).concurrent_transcriptions.running).toBe(0);
  });

  it('a new recording after a failure begins a new history, and is charged as an original', async () => {
    const id = await failed(61);
    await visitor.put(id, tinyWav(90));
    expect(await visitor.status(id)).toBe('uploading');
    await succeeded(visitor.deed(id, 'confirm-upload'));
    expect(await refusal(visitor.deed(id, 'retry-transcription'))).toBe('409 wrong_transcription_kind');
    await succeeded(visitor.deed(id, 'start-transcription'));
    await stage.work();
    expect((await visitor.runs(id)).map((run) => [run.transcription_type, run.outcome, run.counted_seconds])).toEqual([
      ['original', 'failed', 0],
      ['original', 'completed', 90],
    ]);
    expect((await visitor.usage()).minutes.used_seconds).toBe(90);
  });

  it('a recording that is not kept any more cannot be transcribed again, and nothing is held for it', async () => {
    const id = await completed(10);
    await app.rows(`update sessions set upload_key = null where id = $1`, [id]);
    expect(await refusal(visitor.deed(id, 'retranscribe', { confirm_cost: true }))).toBe('409 recording_gone');
    expect((await visitor.usage()).concurrent_transcriptions.running).toBe(0);
    await succeeded(visitor.get(`/api/v1/sessions/${id}/transcript`));
  });

  it('the price of the day it was started on is charged, whatever it costs by then', async () => {
    const id = await visitor.started(60);
    await app.rows(
      `insert into rate_cards (id, provider, model, micros_per_minute, effective_from, source)
       values (gen_random_uuid(), 'sandbox', 'sandbox-1', 60000, now() - interval '1 second', 'ten times as much')`,
    );
    await stage.work();
    expect((await visitor.runs(id))[0].cost_micros).toBe(6000);
    const next = await completed(60);
    expect((await visitor.runs(next))[0].cost_micros).toBe(60_000);
  });
});
