import { TestApp } from '#test/support/app';
import { fixture } from '#test/support/audio';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { Stage } from '../stage.js';
import { succeeded, Visitor } from '../visitor.js';

describe('a recording becomes a transcript, counted against the plan', () => {
  const clock = new ManualClock();
  let app: TestApp;
  let stage: Stage;
  beforeAll(async () => {
    app = await TestApp.start({ clock });
    stage = new Stage(app);
  });
  afterAll(() => app?.stop());

  it('from the first title to the last number', async () => {
    const visitor = new Visitor(app, await app.user('student'));
    const id = await visitor.create();
    expect(await visitor.usage()).toMatchObject({
      plan: 'student',
      period_start: clock.now().toISOString(),
      period_end: '2026-04-10T12:00:00.000Z',
      sessions: { used: 1, held: 0, limit: 50, remaining: 49 },
      minutes: { used: 0, held: 0, limit: 500, used_seconds: 0 },
    });

    const recording = fixture('coaching.mp3');
    await visitor.put(id, recording, 'coaching.mp3');
    const { body: confirmed } = await succeeded(visitor.deed(id, 'confirm-upload'));
    const seconds: number = confirmed.duration_seconds;
    expect(seconds).toBeGreaterThan(1);
    expect(confirmed).toMatchObject({
      status: 'pending',
      audio_filename: 'coaching.mp3',
      file_size_bytes: recording.length,
      transcription_attempts: 0,
    });

    const { body: started } = await succeeded(visitor.deed(id, 'start-transcription'));
    expect(started).toMatchObject({ status: 'processing', transcription_attempts: 1 });
    expect((await visitor.usage()).minutes).toMatchObject({ used_seconds: 0, held_seconds: seconds, held: 1 });
    expect((await visitor.usage()).concurrent_transcriptions).toEqual({ running: 1, limit: 2 });

    clock.advance(30);
    expect(await stage.work()).toBe(0);

    expect(await visitor.status(id)).toBe('completed');
    const { body: vtt, headers } = await succeeded(visitor.get(`/api/v1/sessions/${id}/transcript?format=vtt`));
    expect(headers.get('Content-Type')).toMatch(/^text\/vtt/);
    expect(vtt).toMatch(/^WEBVTT\n/);
    expect(vtt).toMatch(/\n00:00:\d\d\.\d{3} --> 00:00:\d\d\.\d{3}\n/);
    const { body: json } = await succeeded(visitor.get(`/api/v1/sessions/${id}/transcript`));
    expect(json.segments.length).toBeGreaterThan(0);

    const usage = await visitor.usage();
    expect(usage.minutes).toMatchObject({ used: 1, held: 0, used_seconds: seconds, held_seconds: 0 });
    expect(usage.minutes.remaining_seconds).toBe(500 * 60 - seconds);
    expect(usage.transcriptions).toMatchObject({ used: 1, held: 0, limit: 100, remaining: 99 });
    expect(usage.concurrent_transcriptions.running).toBe(0);

    const { body: billing } = await succeeded(visitor.get(`/api/v1/sessions/${id}/billing`));
    // 6000 micro-dollars a minute, by the second, rounded half up.
    const cost = Math.floor((2 * 6000 * seconds + 60) / 120);
    expect(billing.billing_summary).toMatchObject({ total_cost_micros: cost, billable_attempts: 1, total_attempts: 1 });
    expect(billing.transcription_history).toMatchObject([
      {
        attempt_number: 1,
        transcription_type: 'original',
        outcome: 'completed',
        is_billable: true,
        parent_log_id: null,
        cost_micros: cost,
        duration_seconds: seconds,
        counted_seconds: seconds,
        stt_provider: 'sandbox',
        plan: 'student',
      },
    ]);
    await stage.mustBalance(visitor.user);
  });

  it('the log keeps its own copy of everything that it was decided by', async () => {
    const visitor = new Visitor(app, await app.user('student'));
    const id = await visitor.started(61);
    clock.advance(45);
    await stage.work();
    const [log] = await app.rows('select * from usage_logs where session_id = $1', [id]);
    expect(log).toMatchObject({
      user_id: visitor.user.id,
      attempt: 1,
      transcription_type: 'original',
      outcome: 'completed',
      billing_reason: 'transcription_completed',
      billable: true,
      audio_seconds: 61,
      counted_seconds: 61,
      counted_transcriptions: 1,
      cost_micros: '6100',
      provider_cost_micros: '6100',
      provider: 'sandbox',
      model: 'sandbox-1',
      plan: 'student',
      plan_version: app.foundation.plans.version,
      language: 'en-US',
      filename: 'meeting.wav',
      completed_at: clock.now(),
    });
    expect(log!['plan_limits']).toMatchObject({ minutes: 500, sessions: 50, fileSizeMb: 100 });
    expect(log!['provider_metadata']).toMatchObject({ duration_source: 'provider', sandbox: true });
    const [card] = await app.rows('select provider, model, micros_per_minute from rate_cards where id = $1', [
      log!['rate_card_id'],
    ]);
    expect(card).toEqual({ provider: 'sandbox', model: 'sandbox-1', micros_per_minute: '6000' });
  });

  it.each([
    ['59 s are 59 s, shown as a minute', [59], 59, 1],
    ['two times 59 s are 118 s, shown as two minutes', [59, 59], 118, 2],
    ['a hundred seconds and twenty are two minutes, not three', [100, 20], 120, 2],
  ])('%s', async (_, recordings, seconds, minutes) => {
    const visitor = new Visitor(app, await app.user('student'));
    for (const length of recordings) {
      await visitor.started(length);
      await stage.work();
    }
    expect((await visitor.usage()).minutes).toMatchObject({ used: minutes, used_seconds: seconds });
  });

  it('what the provider reports is settled, below the hold or above it', async () => {
    const visitor = new Visitor(app, await app.user('student'));
    const id = await visitor.started(61, 'sandbox-wrong-duration');
    expect((await visitor.usage()).minutes.held_seconds).toBe(61);
    await stage.work();
    expect((await visitor.usage()).minutes).toMatchObject({ used_seconds: 122, held_seconds: 0 });
    expect(await visitor.runs(id)).toMatchObject([{ counted_seconds: 122, cost_micros: 12_200 }]);
    await stage.mustBalance(visitor.user);
  });

  it('a provider that calls back with a result, and answers with it as well, is counted once', async () => {
    const visitor = new Visitor(app, await app.user('student'));
    const id = await visitor.started(61, 'sandbox-duplicate');
    expect(await stage.work()).toBe(0);
    expect(await visitor.status(id)).toBe('completed');
    expect(await visitor.runs(id)).toHaveLength(1);
    expect((await visitor.usage()).minutes).toMatchObject({ used_seconds: 61, held_seconds: 0 });
    await stage.mustBalance(visitor.user);
  });

  it('the words of a transcript can be corrected, and its export says the corrected ones', async () => {
    const visitor = new Visitor(app, await app.user('student'));
    const id = await visitor.started(60);
    await stage.work();
    const path = `/api/v1/sessions/${id}`;
    const { body } = await succeeded(visitor.get(`${path}/transcript`));
    const [segment] = body.segments as { id: string }[];
    await succeeded(visitor.patch(`${path}/segment-content`, { segment_content: { [segment!.id]: 'Correct words.' } }));
    await succeeded(visitor.patch(`${path}/speaker-roles`, { speaker_roles: { 1: 'client' } }));
    const { body: text } = await succeeded(visitor.get(`${path}/transcript?format=txt`));
    expect(text).toContain('Correct words.');
    expect((await visitor.usage()).minutes.used_seconds).toBe(60);
  });

  it('corrections of many people at once are all kept', async () => {
    const visitor = new Visitor(app, await app.user('student'));
    const id = await visitor.started(120);
    await stage.work();
    const path = `/api/v1/sessions/${id}`;
    const { body } = await succeeded(visitor.get(`${path}/transcript`));
    const segments = (body.segments as { id: string }[]).slice(0, 6);
    expect(segments).toHaveLength(6);
    await stage.warm(8);
    const edits = segments.map((segment, n) =>
      succeeded(visitor.patch(`${path}/segment-content`, { segment_content: { [segment.id]: `Edit ${n}.` } })),
    );
    await Promise.all(edits);
    const { body: edited } = await succeeded(visitor.get(`${path}/transcript`));
    const texts = (edited.segments as { content: string }[]).slice(0, 6).map(({ content }) => content);
    expect(texts).toEqual(segments.map((_, n) => `Edit ${n}.`));
  });
});
