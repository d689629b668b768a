import { RevenueRecording } from '#application/billing/revenue-recording';
import { TestApp, type TestUser } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';

const NOW = '2026-03-31T00:30:00.000Z';

let app: TestApp;
let admin: TestUser;
const clock = new ManualClock(NOW);

interface Row {
  readonly plan?: string;
  readonly cycle?: string;
  readonly status?: string;
  readonly amount?: number;
  readonly currency?: string;
  readonly startedAt?: string;
  readonly trialEnd?: string | null;
  readonly endedAt?: string | null;
  readonly unpaidSince?: string | null;
  readonly dunning?: string;
  readonly review?: string | null;
  /** Steps of it: a kind and an instant each. */
  readonly steps?: readonly (readonly [kind: string, at: string])[];
}

/** An active monthly subscription of a user of its own, since January, unless told otherwise. */
async function subscription(row: Row = {}): Promise<void> {
  const { id } = await app.user();
  const external = `sub_${crypto.randomUUID()}`;
  const { startedAt = '2026-01-10T00:00:00Z', endedAt = null, status = 'active', unpaidSince = null } = row;
  const dunning = row.dunning ?? (endedAt ? 'ended' : 'clear');
  const { steps = [], review = null, trialEnd = null } = row;
  await app.rows(
    `insert into subscriptions (id, user_id, gateway, external_id, customer_id, plan, cycle, status, amount_minor, currency, anchor_at,
                                period_start, period_end, started_at, trial_end, cancel_at_period_end, ended_at, dunning, unpaid_since,
                                review, version, updated_at)
     values ($1, $2, 'sandbox', $3, $3, $4, $5, $6, $7, $8, $9, $9, $9, $9, $10, false, $11, $12, $13, $14, 1, $9)`,
    [
      ...[crypto.randomUUID(), id, external, row.plan ?? 'pro', row.cycle ?? 'month', status, row.amount ?? 2999],
      ...[row.currency ?? 'usd', startedAt, trialEnd, endedAt, dunning, unpaidSince, review],
    ],
  );
  for (const [kind, at] of steps) {
    await app.rows(
      `insert into subscription_steps (user_id, external_id, kind, at, facts) values ($1, $2, $3, $4, '{}')`,
      [id, external, kind, at],
    );
  }
}

const revenue = async () => (await app.call('GET', '/api/v1/admin/analytics/revenue', { as: admin })).body;

beforeEach(async () => {
  clock.set(NOW);
  app = await TestApp.start({ clock });
  admin = await app.user('free', 'admin');
});
afterEach(() => app.stop());

describe('GET /api/v1/admin/analytics/revenue', () => {
  it('is nothing before anybody subscribed', async () => {
    expect(await revenue()).toEqual({
      at: NOW,
      currencies: [],
      paying: 0,
      trialing: 0,
      in_grace: 0,
      in_review: 0,
      by_status: {},
      by_plan: [],
      churn: { from: '2026-03-01T00:30:00.000Z', to: NOW, at_start: 0, lost: 0, rate_ppm: null },
    });
  });

  it('counts years as twelfths, grace as money at risk, and trials beside', async () => {
    await subscription();
    await subscription({ cycle: 'year', amount: 25_492 });
    await subscription({ status: 'past_due', dunning: 'grace', unpaidSince: '2026-03-29T00:00:00Z', amount: 16_900 });
    await subscription({ status: 'past_due', dunning: 'lapsed', unpaidSince: '2026-03-09T00:00:00Z' });
    await subscription({ status: 'trialing', trialEnd: '2026-04-10T00:00:00Z' });
    await subscription({ status: 'canceled', endedAt: '2026-02-01T00:00:00Z' });
    await subscription({ currency: 'eur', amount: 1000 });
    await subscription({ review: 'Price x is in no plan of the catalogue.' });
    expect(await revenue()).toMatchObject({
      currencies: [
        { currency: 'eur', mrr: 1000, arr: 12_000, arpu: 1000, at_risk: 0, paying: 1 },
        { currency: 'usd', mrr: 22_023, arr: 264_280, arpu: 7341, at_risk: 16_900, paying: 3 },
      ],
      paying: 4,
      trialing: 1,
      in_grace: 1,
      in_review: 1,
      by_status: { active: 4, past_due: 2, trialing: 1, canceled: 1 },
      by_plan: [
        { plan: 'pro', billing_cycle: 'month', paying: 3, trialing: 1 },
        { plan: 'pro', billing_cycle: 'year', paying: 1, trialing: 0 },
      ],
    });
  });

  it('counts as lost what ended, and what nobody paid for within grace', async () => {
    const unpaid = { status: 'past_due', dunning: 'lapsed', unpaidSince: '2026-03-03T00:00:00Z' };
    await subscription();
    await subscription({ status: 'canceled', endedAt: '2026-03-20T00:00:00Z' });
    await subscription({ ...unpaid, steps: [['grace_over', '2026-03-10T00:00:00Z']] });
    // Over in grace in the month before, and ended in this one: it was lost then.
    await subscription({
      status: 'canceled',
      endedAt: '2026-03-05T00:00:00Z',
      steps: [['grace_over', '2026-02-20T00:00:00Z']],
    });
    // Paid after all.
    await subscription({
      steps: [
        ['grace_over', '2026-02-20T00:00:00Z'],
        ['recovered', '2026-02-22T00:00:00Z'],
      ],
    });
    // Left in its trial, which nobody paid for.
    await subscription({ status: 'canceled', endedAt: '2026-03-20T00:00:00Z', trialEnd: '2026-03-25T00:00:00Z' });
    await subscription({ startedAt: '2026-03-15T00:00:00Z' });
    expect((await revenue()).churn).toMatchObject({ at_start: 4, lost: 2, rate_ppm: 500_000 });
  });

  it('is for operators alone', async () => {
    const user = await app.user('pro');
    for (const path of ['', '/snapshots']) {
      expect((await app.call('GET', `/api/v1/admin/analytics/revenue${path}`, { as: user })).status).toBe(403);
    }
  });

  it('can be had as CSV', async () => {
    await subscription();
    const path = '/api/v1/admin/analytics/revenue?format=csv';
    const { headers, body } = await app.call('GET', path, { as: admin });
    expect(headers.get('Content-Type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('Content-Disposition')).toBe('attachment; filename="revenue-2026-03-31.csv"');
    expect(body).toBe(
      'day,currency,mrr,arr,arpu,at_risk,paying_in_currency,paying,trialing,in_grace,in_review,churn_from,churn_to,' +
        'churn_at_start,churn_lost,churn_rate_ppm\r\n' +
        `2026-03-31,usd,2999,35988,2999,0,1,1,0,0,0,2026-03-01T00:30:00.000Z,${NOW},1,0,0\r\n`,
    );
  });
});

describe('GET /api/v1/admin/analytics/revenue/snapshots', () => {
  const take = () => app.container.get(RevenueRecording).execute();
  const snapshots = (query = '') => app.call('GET', `/api/v1/admin/analytics/revenue/snapshots${query}`, { as: admin });

  it('has the figures of the first look at each day, for ever', async () => {
    expect(await Promise.all([take(), take()])).toContain('2026-03-31');
    const first = await revenue();
    await subscription();
    clock.advance(3600);
    expect(await take()).toBeNull();
    clock.set('2026-04-02T00:10:00Z');
    expect(await take()).toBe('2026-04-02');
    const { body } = await snapshots();
    expect(body.total).toBe(2);
    expect(body.data[0]).toEqual({ day: '2026-03-31', revenue: first });
    expect(body.data[1]).toEqual({ day: '2026-04-02', revenue: { ...(await revenue()) } });
    expect((await snapshots('?from=2026-04-01&to=2026-04-30')).body.total).toBe(1);
    expect((await snapshots('?limit=1')).body).toMatchObject({
      data: [{ day: '2026-03-31' }],
      total: 2,
      has_more: true,
    });
    const rest = (await snapshots('?limit=1&offset=1')).body;
    expect(rest).toMatchObject({ data: [{ day: '2026-04-02' }], total: 2, has_more: false });
    const csv = (await snapshots('?format=csv')).body as string;
    expect(csv.split('\r\n').map((line) => line.slice(0, 19))).toEqual([
      'day,currency,mrr,ar',
      '2026-03-31,,,,,,0,0',
      '2026-04-02,usd,2999',
      '',
    ]);
  });

  it.each([
    '?from=2026-04-01&to=2026-03-01',
    '?from=2026-13-01',
    '?to=yesterday',
    '?from=1900-01-01',
    '?format=xlsx',
    '?limit=0',
    '?limit=101',
    '?offset=-1',
  ])('refuses %s', async (query) => {
    expect((await snapshots(query)).status).toBe(422);
  });
});

describe('GET /metrics', () => {
  it('shows subscriptions by status, and each invoice once for each outcome, whenever it is asked', async () => {
    await subscription();
    await subscription({ status: 'trialing', trialEnd: '2026-04-10T00:00:00Z' });
    await app.rows(
      `insert into invoices (id, user_id, gateway, external_id, customer_id, status, currency, total, tax, amount_due, amount_paid,
                             amount_remaining, period_start, period_end, attempts, created_at)
       select gen_random_uuid(), user_id, 'sandbox', 'in_' || n, 'cus', state, 'usd', 1, 0, 1, 0, 1, now(), now(), tries, now()
         from (select user_id from subscriptions limit 1) s,
              (values (1, 'paid', 1), (2, 'paid', 2), (3, 'open', 1), (4, 'void', 0)) i (n, state, tries)`,
    );
    const { body } = await app.call('GET', '/metrics');
    expect((await app.call('GET', '/metrics')).body).toContain('minutebook_invoices_total{outcome="paid"} 2\n');
    for (const line of [
      'minutebook_subscriptions{status="active"} 1',
      'minutebook_subscriptions{status="trialing"} 1',
      'minutebook_invoices_total{outcome="paid"} 2',
      'minutebook_invoices_total{outcome="failed"} 2',
      'minutebook_invoices_total{outcome="void"} 1',
    ]) {
      expect(body).toContain(`${line}\n`);
    }
  });
});
