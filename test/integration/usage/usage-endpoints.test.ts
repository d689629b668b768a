import { jest } from '@jest/globals';
import pg from 'pg';
import { HttpApp } from '#interfaces/http/app';
import { openApiDocument } from '#interfaces/http/system/openapi';
import { type Answered, TestApp, type TestUser } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { type OpenApiCheck, openApiCheck } from '#test/support/openapi-check';
import { unzipped } from '#test/support/zip';
import { Stage } from '../stage.js';

const clock = new ManualClock();
let app: TestApp;
let stage: Stage;
let documented: OpenApiCheck;
beforeAll(async () => {
  app = await TestApp.start({ clock });
  stage = new Stage(app);
  documented = openApiCheck(openApiDocument(app.container.get(HttpApp).operations));
});
beforeEach(() => clock.set('2026-03-10T12:00:00.000Z'));
afterAll(() => app?.stop());

/** Every answer is held against the OpenAPI document. */
const get = async (user: TestUser, path: string): Promise<Answered> => {
  const answer = await app.call('GET', `/api/v1${path}`, { as: user });
  documented.expectDocumented('GET', `/api/v1${path.split('?')[0]}`, answer.status, answer.body);
  return answer;
};

const fieldsOf = ({ status, body }: Answered): unknown[] => [
  status,
  body.detail.error,
  ...(body.detail.errors as { field: string }[]).map(({ field }) => field),
];

/** Registered on 10 March; two transcriptions of 61 and 59 s, one failed and tried again, one paid again. */
const story = async (): Promise<TestUser> => {
  const user = await app.user('student');
  await stage.completed(user, 61);
  clock.set('2026-03-12T12:00:00.000Z');
  await stage.completed(user, 59);
  return user;
};

describe('GET /api/v1/usage/current', () => {
  it('tells what is used, held and left in the current period', async () => {
    const user = await story();
    const { body } = await get(user, '/usage/current');
    expect(body).toMatchObject({
      plan: 'student',
      period_start: '2026-03-10T12:00:00.000Z',
      period_end: '2026-04-10T12:00:00.000Z',
      days_until_reset: 29,
      sessions: { used: 2, limit: 50, remaining: 48, percentage: 4 },
      minutes: { used: 2, used_seconds: 120, limit: 500, remaining: 498 },
      transcriptions: { used: 2, held: 0, limit: 100 },
    });
  });

  it('asks the database once when user and key are warm, whatever there is to tell', async () => {
    const user = await story();
    await get(user, '/usage/current');
    const query = jest.spyOn(pg.Client.prototype, 'query');
    try {
      await get(user, '/usage/current');
      expect(query.mock.calls.length).toBe(1);
    } finally {
      query.mockRestore();
    }
  });

  it('is everybody’s own', async () => {
    await story();
    const stranger = await app.user('free');
    expect((await get(stranger, '/usage/current')).body.sessions.used).toBe(0);
    expect((await app.call('GET', '/api/v1/usage/current')).status).toBe(401);
  });
});

describe('GET /api/v1/usage/summary', () => {
  it('breaks the period down by type and provider, beside everything since registration', async () => {
    const { body } = await get(await story(), '/usage/summary');
    expect(body.resets_at).toBe('2026-04-10T12:00:00.000Z');
    expect(body.current.sessions.used).toBe(2);
    expect(body.period_totals).toEqual({ count: 2, failed: 0, seconds: 120, minutes: 2, cost_micros: 12_000 });
    expect(body.by_transcription_type.map((share: { count: number }) => share.count)).toEqual([2, 0, 0]);
    expect(body.by_provider).toEqual([
      { provider: 'sandbox', count: 2, failed: 0, seconds: 120, minutes: 2, cost_micros: 12_000 },
    ]);
    expect(body.totals).toEqual({ sessions: 2, transcriptions: 2, seconds: 120, minutes: 2, cost_micros: 12_000 });
  });
});

describe('GET /api/v1/usage/history', () => {
  it('is one row for each billing period, newest first, empty ones included', async () => {
    const user = await story();
    clock.set('2026-06-01T00:00:00.000Z');
    const { body } = await get(user, '/usage/history?months=12');
    const rows = body.data as { period_start: string; period_end: string; is_current: boolean; minutes: number }[];
    expect(
      rows.map((row) => [row.period_start.slice(0, 10), row.period_end.slice(0, 10), row.is_current, row.minutes]),
    ).toEqual([
      ['2026-05-10', '2026-06-10', true, 0],
      ['2026-04-10', '2026-05-10', false, 0],
      ['2026-03-10', '2026-04-10', false, 2],
    ]);
    expect((await get(user, '/usage/history')).body.data).toHaveLength(3);
    expect((await get(user, '/usage/history?months=1')).body.data).toHaveLength(1);
  });

  it.each(['0', '13', '-1', '1.5', 'all', ''])('is refused for %j months', async (months) => {
    expect(fieldsOf(await get(await app.user(), `/usage/history?months=${months}`))).toEqual([
      422,
      'validation_error',
      'months',
    ]);
  });
});

describe('GET /api/v1/usage/trends', () => {
  it('is one bucket for each UTC day, today the last', async () => {
    const { body } = await get(await story(), '/usage/trends?days=7');
    const days = body.data as { start: string; completed: number; success_rate: number | null; sessions: number }[];
    expect(days).toHaveLength(7);
    expect(days.map(({ start }) => start.slice(8, 10))).toEqual(['06', '07', '08', '09', '10', '11', '12']);
    expect(days.map(({ completed }) => completed)).toEqual([0, 0, 0, 0, 1, 0, 1]);
    expect(days.map(({ success_rate: rate }) => rate)).toEqual([null, null, null, null, 100, null, 100]);
  });

  it('groups by week and month', async () => {
    const user = await story();
    const weeks = (await get(user, '/usage/trends?days=30&group_by=week')).body;
    expect([weeks.group_by, weeks.data.length, weeks.data.at(-1)]).toMatchObject([
      'week',
      5,
      { sessions: 2, seconds: 120 },
    ]);
    const months = (await get(user, '/usage/trends?days=365&group_by=month')).body.data;
    expect([months.length, months.at(-1).start]).toEqual([13, '2026-03-01T00:00:00.000Z']);
  });

  it.each([
    ['days=6', 'days'],
    ['days=366', 'days'],
    ['group_by=hour', 'group_by'],
    ['period=30d', 'period'],
  ])('is refused for %s', async (query, field) => {
    expect(fieldsOf(await get(await app.user(), `/usage/trends?${query}`))).toEqual([422, 'validation_error', field]);
  });
});

describe('GET /api/v1/usage/insights and /predictions', () => {
  it('say nothing about who has used nothing', async () => {
    const user = await app.user();
    expect((await get(user, '/usage/insights')).body).toEqual({ data: [] });
    const { sessions, minutes } = (await get(user, '/usage/predictions')).body;
    expect([sessions.status, sessions.projected, minutes.reason]).toEqual([
      'insufficient_data',
      null,
      'period_too_young',
    ]);
  });

  it('say what the numbers show', async () => {
    const user = await app.user('free');
    await stage.sessions(user, 9);
    clock.set('2026-03-20T12:00:00.000Z');
    const { body } = await get(user, '/usage/insights');
    expect(body.data).toMatchObject([
      { type: 'limit_approaching', evidence: { limit_type: 'sessions', used: 9, limit: 10 }, action: 'upgrade' },
    ]);
    const { sessions } = (await get(user, '/usage/predictions')).body;
    expect(sessions).toMatchObject({
      status: 'projected',
      used: 9,
      projected: 28,
      projected_percentage: 280,
      estimated_limit_date: '2026-03-21T14:40:00.000Z',
      confidence: 'medium',
    });
  });
});

describe('GET /api/v1/usage/explain', () => {
  it.each([
    ['minutes', 'seconds', 2, 120, 120],
    ['transcriptions', 'transcriptions', 2, 2, 2],
    ['sessions', 'sessions', 2, 2, 2],
    ['cost', 'micro_usd', 12_000, null, 12_000],
  ])('lists the entries that make up %s, whose sum is the number shown', async (metric, unit, shown, counter, sum) => {
    const { body } = await get(await story(), `/usage/explain?metric=${metric}`);
    expect(body).toMatchObject({
      metric,
      unit,
      shown,
      counter,
      recomputed: sum,
      agrees: true,
      total: 2,
      has_more: false,
    });
    const amounts = (body.data as { amount: number }[]).map(({ amount }) => amount);
    expect(amounts.reduce((one, other) => one + other, 0)).toBe(sum);
  });

  it('comes in pages', async () => {
    const user = await story();
    const first = (await get(user, '/usage/explain?metric=minutes&limit=1')).body;
    const second = (await get(user, '/usage/explain?metric=minutes&limit=1&offset=1')).body;
    expect([first.data[0].amount, first.has_more, second.data[0].amount, second.has_more]).toEqual([
      59,
      true,
      61,
      false,
    ]);
  });

  it('takes the start of a period as the history shows it', async () => {
    const user = await story();
    clock.set('2026-06-01T00:00:00.000Z');
    const starts = ((await get(user, '/usage/history')).body.data as { period_start: string }[]).map(
      (row) => row.period_start,
    );
    for (const [index, total] of [0, 0, 2].entries()) {
      const { body } = await get(user, `/usage/explain?metric=sessions&period_start=${starts[index]}`);
      expect([body.period_start, body.total, body.agrees]).toEqual([starts[index], total, true]);
    }
  });

  it('refuses a period that the user has not been in, and text that is no instant', async () => {
    const user = await story();
    const missing = await get(user, '/usage/explain?period_start=2026-02-10T12:00:00.000Z');
    expect([missing.status, missing.body.detail.error]).toEqual([404, 'period_not_found']);
    expect((await get(user, '/usage/explain?period_start=open')).status).toBe(404);
    for (const text of ['yesterday', '2026-13-01T00:00:00Z', '2026-03-10']) {
      expect(fieldsOf(await get(user, `/usage/explain?period_start=${text}`))).toEqual([
        422,
        'validation_error',
        'period_start',
      ]);
    }
  });

  it('still counts a session that was deleted, without what it was called', async () => {
    const user = await story();
    const { body: list } = await app.call('GET', '/api/v1/sessions', { as: user });
    await app.call('DELETE', `/api/v1/sessions/${list.data[0].id}`, { as: user });
    const { body } = await get(user, '/usage/explain?metric=sessions');
    expect([body.shown, body.recomputed]).toEqual([2, 2]);
    expect(body.data[0]).toMatchObject({
      session_id: list.data[0].id,
      title: null,
      deleted_at: clock.now().toISOString(),
    });
    expect((await get(user, '/usage/explain?metric=minutes')).body.shown).toBe(2);
  });

  it('counts in the restored period, once a reset is undone, what was logged since', async () => {
    const user = await story();
    const admin = await app.user('free', 'admin');
    const path = `/api/v1/admin/users/${user.id}`;
    await app.call('POST', `${path}/reset-period`, { as: admin, body: { reason: 'a mistake' } });
    const resetAt = clock.now().toISOString();
    clock.advance(60);
    await stage.completed(user, 30);
    expect((await get(user, '/usage/explain?metric=minutes')).body).toMatchObject({ recomputed: 30, total: 1 });
    await app.call('POST', `${path}/undo-reset-period`, { as: admin, body: { reason: 'undone' } });
    const { body } = await get(user, '/usage/explain?metric=minutes');
    expect(body).toMatchObject({ recomputed: 150, counter: 150, agrees: true, total: 3 });
    expect(body.data[0]).toMatchObject({ amount: 30, logged_in_period: resetAt });
    expect((await get(user, '/usage/history')).body.data).toMatchObject([
      { seconds: 150, by_provider: [{ seconds: 150 }] },
    ]);
    await stage.mustBalance(user);
  });
});

describe('GET /api/v1/usage/export', () => {
  const download = async (user: TestUser, query: string): Promise<{ headers: Headers; bytes: Buffer }> => {
    const response = await fetch(`${app.url}/api/v1/usage/export?${query}`, {
      headers: { Authorization: `Bearer ${user.key}` },
    });
    expect(response.status).toBe(200);
    return { headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
  };

  it('is a CSV file of the current period unless told otherwise', async () => {
    const { headers, bytes } = await download(await story(), '');
    expect(headers.get('Content-Type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('Content-Disposition')).toBe('attachment; filename="usage-2026-03-10-to-2026-03-12.csv"');
    const rows = bytes.toString().trim().split('\r\n');
    expect(rows).toHaveLength(3);
    expect(rows[1]).toMatch(
      /^2026-03-10T12:00:00\.000Z,.*,original,completed,true,transcription_completed,61,61,1,6100,/,
    );
  });

  it('is JSON or a spreadsheet on demand, and of any span', async () => {
    const user = await story();
    const span = 'from=2026-03-11T00:00:00Z&to=2026-03-13T00:00:00Z';
    const json = await download(user, `format=json&${span}`);
    expect(JSON.parse(json.bytes.toString())).toMatchObject([{ counted_seconds: 59, cost_micros: 5900 }]);
    const xlsx = await download(user, `format=xlsx&${span}`);
    expect(xlsx.headers.get('Content-Type')).toMatch(/spreadsheetml/);
    expect(unzipped(xlsx.bytes)['xl/worksheets/sheet1.xml']!.match(/<row /g)).toHaveLength(2);
  });

  it.each([
    ['format=pdf', [422, 'validation_error', 'format']],
    ['from=2026-03-10', [422, 'validation_error', 'from']],
    ['to=now', [422, 'validation_error', 'to']],
  ])('is refused for %s', async (query, fields) => {
    expect(fieldsOf(await get(await app.user(), `/usage/export?${query}`))).toEqual(fields);
  });

  it('of a span that ends before it begins is refused', async () => {
    const { status, body } = await get(
      await app.user(),
      '/usage/export?from=2026-03-10T00:00:00Z&to=2026-03-09T00:00:00Z',
    );
    expect([status, body.detail.error]).toEqual([422, 'empty_span']);
  });
});
