import { CreditLedger } from '#application/credits/credit-ledger';
import { moneyOfCredits } from '#domain/credits/credit';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { type Answered, TestApp, type TestUser } from '#test/support/app';
import { type OpenApiCheck, openApiCheck } from '#test/support/openapi-check';
import { Stage } from '../stage.js';

const OVERVIEW = '/api/v1/admin/overview/users';

let app: TestApp;
let clock: ManualClock;
let stage: Stage;
let check: OpenApiCheck;
let root: TestUser;

beforeAll(async () => {
  clock = new ManualClock('2026-03-10T12:00:00.000Z');
  app = await TestApp.start({ clock });
  stage = new Stage(app);
  check = openApiCheck((await app.call('GET', '/openapi.json')).body as object);
  root = await app.user('coaching_school', 'admin', 'root@operators.example');
});
afterAll(() => app.stop());

async function ask(query = '', as = root): Promise<Answered> {
  const answered = await app.call('GET', OVERVIEW + query, { as });
  check.expectDocumented('GET', OVERVIEW, answered.status, answered.body);
  return answered;
}

async function lineOf(user: TestUser) {
  const [row] = await app.rows<{ email: string }>('select email from users where id = $1', [user.id]);
  const { body } = await ask(`?search=${encodeURIComponent(row!.email)}`);
  expect([body.total, body.data[0].id]).toEqual([1, user.id]);
  return body.data[0];
}

const credit = { type: 'purchase', category: 'paid', expiresAt: null, metadata: {}, actor: 'system' } as const;

describe('the list of users with how they stand', () => {
  it('shows of a new user the limits of the plan, and nothing used', async () => {
    const line = await lineOf(await app.user('student'));
    expect(line).toMatchObject({
      plan: 'student',
      role: 'user',
      suspended_at: null,
      subscription: null,
      usage: {
        sessions: { used: 0, held: 0, limit: 50 },
        minutes: { used: 0, held: 0, limit: expect.any(Number) },
        transcriptions: { used: 0, held: 0 },
      },
      credit: { balance_micros: 0, held_micros: 0, debt_micros: 0 },
      budget: { spent_micros: 0, held_micros: 0, percentage_used: 0, level: 'green', mode: 'block' },
      last_active_at: null,
    });
  });

  it('shows the same figures as the ledgers and the own pages of the user', async () => {
    const coach = await app.user('student');
    await stage.completed(coach, 61);
    await app.container
      .get(CreditLedger)
      .grant(coach.id, { ...credit, amount: moneyOfCredits(300), key: 'one', description: 'Credit bought' });
    const line = await lineOf(coach);
    const own = (path: string) => app.call('GET', path, { as: coach });
    const usage = (await own('/api/v1/usage/current')).body;
    const balance = (await own('/user/balance')).body;
    const budget = (await own('/api/v1/budget/status')).body;
    for (const meter of ['sessions', 'minutes', 'transcriptions']) {
      const { used, held, limit } = usage[meter];
      expect([meter, line.usage[meter]]).toEqual([meter, { used, held, limit }]);
    }
    expect([line.usage.period_start, line.usage.resets_at]).toEqual([usage.period_start, usage.period_end]);
    expect(line.credit).toEqual({
      balance_micros: balance.credits_micros,
      held_micros: balance.held_micros,
      debt_micros: balance.debt_micros,
    });
    expect(line.budget).toMatchObject({
      limit_micros: budget.total_budget_micros,
      spent_micros: budget.used_budget_micros,
      percentage_used: budget.percentage_used,
      level: budget.alert_level,
    });
    expect(await stage.counters(coach)).toEqual([{ sessions: 1, seconds: 61, transcriptions: 1 }]);
    const [account] = await app.rows<{ balance_micros: string }>(
      'select balance_micros from credit_accounts where user_id = $1',
      [coach.id],
    );
    expect(line.credit.balance_micros).toBe(Number(account!.balance_micros));
    expect(line.last_active_at).toBe(clock.now().toISOString());
  });

  it('counts by the period that the user is in, whoever began it and whenever', async () => {
    const coach = await app.user('student');
    await stage.sessions(coach, 2);
    expect((await lineOf(coach)).usage.sessions.used).toBe(2);
    const path = `/api/v1/admin/users/${coach.id}/reset-period`;
    clock.advance(60);
    await app.call('POST', path, { as: root, body: { reason: 'because' } });
    await stage.sessions(coach, 1);
    expect((await lineOf(coach)).usage.sessions.used).toBe(1);
    clock.advance(40 * 24 * 3600);
    const { usage } = await lineOf(coach);
    expect(usage.sessions.used).toBe(0);
    expect(new Date(usage.period_start) <= clock.now() && clock.now() < new Date(usage.resets_at)).toBe(true);
    await app.rows('update users set current_month_start = null, period_anchor = null where id = $1', [coach.id]);
    expect((await lineOf(coach)).usage).toMatchObject({ period_start: null, resets_at: null });
  });

  it('shows the subscription that counts, of several', async () => {
    const coach = await app.user('pro');
    for (const [id, status, startedAt, endedAt] of [
      ['old', 'canceled', '2025-01-01', '2025-02-01'],
      ['now', 'past_due', '2025-03-01', null],
      ['new', 'incomplete', '2026-03-01', null],
    ]) {
      await app.rows(
        `insert into subscriptions (id, user_id, gateway, external_id, customer_id, plan, cycle, status, amount_minor, currency, anchor_at,
                                    period_start, period_end, started_at, cancel_at_period_end, ended_at, dunning, unpaid_since, version,
                                    updated_at)
         values (gen_random_uuid(), $1, 'sandbox', $2, 'cus', 'pro', 'month', $3, 1900, 'usd', $4, $4, $4::timestamptz + interval '1 month',
                 $4, false, $5, $6, $7, 1, $4)`,
        [
          coach.id,
          coach.id + id,
          status,
          startedAt,
          endedAt,
          id === 'now' ? 'grace' : 'clear',
          id === 'now' ? startedAt : null,
        ],
      );
    }
    expect((await lineOf(coach)).subscription).toMatchObject({ status: 'past_due', dunning: 'grace', plan: 'pro' });
  });

  it('shows a user whose plan nobody knows, without limits, and all others beside', async () => {
    const coach = await app.user('free');
    await app.rows(`update users set plan = 'gold' where id = $1`, [coach.id]);
    const line = await lineOf(coach);
    expect([line.plan, line.usage.sessions.limit, line.budget]).toEqual(['gold', null, null]);
    await app.rows(`update users set plan = 'free' where id = $1`, [coach.id]);
  });
});

describe('the search of the list', () => {
  it('finds a part of the address or the name, in whatever case, and takes no letter for more than itself', async () => {
    const wanted = await app.user('free', 'user', '100%_sure@search.example');
    await app.user('free', 'user', '100xxsure@search.example');
    for (const search of ['100%_SURE', '%_s']) {
      const { body } = await ask(`?search=${encodeURIComponent(search)}`);
      expect([body.total, body.data.map(({ id }: TestUser) => id)]).toEqual([1, [wanted.id]]);
    }
    await app.rows(`update users set name = 'Zoë \\ Miller' where id = $1`, [wanted.id]);
    expect((await ask(`?search=${encodeURIComponent('zoë \\')}`)).body.total).toBe(1);
  });

  it.each([
    ['a NUL', 'search=a%00b'],
    ['half of a character', `search=${'x'.repeat(256)}`],
    ['an order that there is none of', 'order=luck'],
    ['a page beyond a hundred', 'limit=101'],
    ['a field that nobody asked for', 'plan=pro'],
  ])('refuses %s with 422', async (_, query) => {
    expect((await ask(`?${query}`)).status).toBe(422);
  });

  it('is an operator’s alone', async () => {
    expect((await ask('', await app.user('free'))).status).toBe(403);
  });
});

describe('the order of the list', () => {
  const USERS = 10_000;
  beforeAll(async () => {
    // Ten of each instant, so that the order must be told by more than that; each has a period that runs, and two that are over.
    await app.rows(
      `insert into users (id, email, name, role, plan, current_month_start, period_anchor, created_at)
       select gen_random_uuid(), 'many' || lpad(n::text, 5, '0') || '@many.example', 'Many', 'user', 'free', at, at, at
         from (select n, timestamptz '2025-06-01' + n / 10 * interval '1 minute' as at from generate_series(1, $1::integer) n) made`,
      [USERS],
    );
    await app.rows(
      `insert into budget_periods (budget_id, slot, period_start, period_end, used_micros)
       select u.id, 0, date_trunc('month', $1::timestamptz at time zone 'UTC') at time zone 'UTC' - back * interval '1 month',
              (date_trunc('month', $1::timestamptz at time zone 'UTC') + interval '1 month') at time zone 'UTC' - back * interval '1 month',
              case back when 0 then substr(u.email, 5, 5)::bigint % 1000 else 99999 end
         from users u, generate_series(0, 2) back where u.email like 'many%'`,
      [clock.now()],
    );
    await app.rows('analyze users, budget_periods');
  });

  const pages = async (query: string, limit: number, count: number) => {
    const lines: { id: string; email: string; created_at: string; budget: { spent_micros: number } }[] = [];
    for (let page = 0; page < count; page++) {
      const { body } = await ask(`?search=@many.example&limit=${limit}&offset=${page * limit}&${query}`);
      expect([body.total, body.data.length, body.has_more]).toEqual([USERS, limit, true]);
      lines.push(...body.data);
    }
    expect(new Set(lines.map(({ id }) => id)).size).toBe(limit * count);
    return lines;
  };
  const newestFirst = (one: { created_at: string; id: string }, other: { created_at: string; id: string }): number =>
    other.created_at.localeCompare(one.created_at) || one.id.localeCompare(other.id);

  it('is the newest first, and the same from page to page', async () => {
    const lines = await pages('order=newest', 15, 3);
    expect(lines).toEqual(lines.toSorted(newestFirst));
    expect(lines[0]!.created_at).toBe('2025-06-01T16:40:00.000Z');
  });

  it('is by the spend of the running period alone, and then as the newest', async () => {
    const lines = await pages('order=spend', 10, 2);
    expect(lines.map(({ budget }) => budget.spent_micros)).toEqual([...Array(10).fill(999), ...Array(10).fill(998)]);
    expect(lines).toEqual(
      lines.toSorted((one, other) => other.budget.spent_micros - one.budget.spent_micros || newestFirst(one, other)),
    );
  });

  it('is by address', async () => {
    const lines = await pages('order=email', 5, 2);
    expect(lines.map(({ email }) => email)).toEqual(
      lines.map((_, n) => `many0000${n + 1}@many.example`.replace('000010', '00010')),
    );
  });

  it('says how many there are where the page is beyond the last', async () => {
    const { body } = await ask(`?search=@many.example&offset=${USERS}`);
    expect(body).toEqual({ data: [], total: USERS, has_more: false });
  });

  it('costs a page about what a page costs, wherever it is and however many users there are', async () => {
    const asked: string[] = [];
    const { database } = app.foundation;
    const original = database.manager.query.bind(database.manager);
    database.manager.query = ((sql: string, values: unknown[]) => (
      asked.push(sql),
      original(sql, values)
    )) as typeof original;
    try {
      for (const limit of [1, 100]) {
        asked.length = 0;
        await ask(`?limit=${limit}`);
        expect([limit, asked.filter((sql) => /from users u|budget_periods/.test(sql)).length]).toEqual([limit, 2]);
      }
    } finally {
      database.manager.query = original;
    }
  });
});
