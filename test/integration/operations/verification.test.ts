import { JobHandler } from '#application/ports/job-handler';
import { CreditLedger } from '#application/credits/credit-ledger';
import { moneyOfCredits } from '#domain/credits/credit';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { type Answered, TestApp, type TestUser } from '#test/support/app';
import { type OpenApiCheck, openApiCheck } from '#test/support/openapi-check';
import { Stage } from '../stage.js';

const VERIFICATION = '/api/v1/admin/verification';
const DOCTOR = '/api/v1/admin/doctor';

let app: TestApp;
let clock: ManualClock;
let stage: Stage;
let check: OpenApiCheck;
let root: TestUser;
let coach: TestUser;

beforeAll(async () => {
  clock = new ManualClock('2026-03-10T12:00:00.000Z');
  app = await TestApp.start({ clock });
  stage = new Stage(app);
  check = openApiCheck((await app.call('GET', '/openapi.json')).body as object);
  root = await app.user('coaching_school', 'admin');
  coach = await app.user('pro');
  await stage.completed(coach, 90);
  await app.container.get(CreditLedger).grant(coach.id, {
    ...{ type: 'purchase', category: 'paid', expiresAt: null, metadata: {}, actor: 'system' },
    ...{ amount: moneyOfCredits(500), key: 'one', description: 'Credit bought' },
  });
});
afterAll(() => app.stop());
beforeEach(() => app.rows('truncate verification_runs'));

async function ask(method: string, path: string, as = root): Promise<Answered> {
  const answered = await app.call(method, path, { as });
  check.expectDocumented(method, path.split('?')[0]!, answered.status, answered.body);
  return answered;
}

const latest = async () => (await ask('GET', VERIFICATION)).body.data[0];

async function finding(name: string) {
  const { status, body } = await ask('GET', DOCTOR);
  expect(status).toBe(200);
  return body.findings.find((one: { check: string }) => one.check === name);
}

describe('a verification of the books', () => {
  it('is asked for, waits for a worker, and shows what it checked', async () => {
    const { status, body } = await ask('POST', VERIFICATION);
    expect(status).toBe(202);
    expect(await latest()).toMatchObject({ id: body.id, status: 'running', requested_by: root.id, finished_at: null });
    expect(await stage.work()).toBe(0);
    const run = await latest();
    expect(run).toMatchObject({ id: body.id, status: 'verified', findings_count: 0, findings: [], truncated: false });
    const [count] = await app.rows<{ entries: number }>('select count(*)::integer as entries from credit_transactions');
    expect([run.checked.credit_entries, run.entries_checked]).toEqual([count!.entries, count!.entries + 1]);
    expect((await finding('verification')).verdict).toBe('ok');
  });

  it('is one at a time, of many who ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask('POST', VERIFICATION)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409, 409, 409, 409, 409]);
    const refused = answers.find(({ status }) => status === 409)!.body.detail;
    expect([refused.error, refused.since]).toEqual(['verification_running', clock.now().toISOString()]);
    await stage.work();
    expect((await ask('GET', VERIFICATION)).body.total).toBe(1);
    expect((await ask('POST', VERIFICATION)).status).toBe(202);
    await stage.work();
  });

  it('whose worker died is lost after a quarter of an hour, and then another may run', async () => {
    const { body: lost } = await ask('POST', VERIFICATION);
    await app.rows(`select graphile_worker.complete_jobs(array_agg(id)) from graphile_worker.jobs`);
    clock.advance(14 * 60);
    expect((await ask('POST', VERIFICATION)).status).toBe(409);
    clock.advance(60);
    expect(await latest()).toMatchObject({ id: lost.id, status: 'lost' });
    expect((await ask('POST', VERIFICATION)).status).toBe(202);
    await stage.work();
    const { body } = await ask('GET', VERIFICATION);
    expect(body.data.map(({ status }: { status: string }) => status)).toEqual(['verified', 'lost']);
  });

  it('names what is wrong with the books, and so does the doctor until it is mended', async () => {
    await app.rows('update period_usage set seconds = seconds + 1 where user_id = $1', [coach.id]);
    await app.rows('update credit_accounts set balance_micros = balance_micros + 1 where user_id = $1', [coach.id]);
    await ask('POST', VERIFICATION);
    await stage.work();
    const run = await latest();
    const kinds = run.findings.map(({ kind }: { kind: string }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['counter_differs', 'balance_differs']));
    expect(run.findings_count).toBe(kinds.length);
    expect(run.findings[0]).toEqual({
      kind: 'counter_differs',
      user_id: coach.id,
      facts: { period_start: expect.any(String), counter: 'seconds', stored: '91', recomputed: '90' },
    });
    expect(await finding('verification')).toMatchObject({
      verdict: 'broken',
      summary: expect.stringContaining(`${kinds.length} differences`),
    });
    expect((await ask('GET', DOCTOR)).body.healthy).toBe(false);
    await app.rows('update period_usage set seconds = seconds - 1 where user_id = $1', [coach.id]);
    await app.rows('update credit_accounts set balance_micros = balance_micros - 1 where user_id = $1', [coach.id]);
    await stage.deliver('verify_books', { _cron: {} });
    expect(await latest()).toMatchObject({ requested_by: 'system', status: 'verified', findings_count: 0 });
    expect((await finding('verification')).verdict).toBe('ok');
  });

  it('is scheduled once a day, made up for after a pause', () => {
    const handler = app.container.getAll(JobHandler).find(({ task }) => task === 'verify_books');
    expect(handler?.schedule).toEqual({ cron: '41 3 * * *', catchUp: true });
  });

  it('is an operator’s alone, like the doctor', async () => {
    for (const [method, path] of [
      ['GET', VERIFICATION],
      ['POST', VERIFICATION],
      ['GET', DOCTOR],
    ] as const) {
      expect((await ask(method, path, coach)).status).toBe(403);
    }
  });
});

describe('the doctor', () => {
  it('says all that the command line says, and of providers and the global budget too', async () => {
    const { body } = await ask('GET', DOCTOR);
    expect(body.findings.map(({ check: name }: { check: string }) => name)).toEqual([
      ...[
        'database',
        'schema',
        'plans',
        'prices',
        'uploads',
        'workers',
        'queue',
        'dead_jobs',
        'holds',
        'dead_webhooks',
      ],
      ...['late_webhooks', 'reviews', 'checkouts', 'reconciler', 'ai_providers', 'budgets', 'verification'],
    ]);
    // No worker runs beside this test.
    expect([body.healthy, (await finding('workers')).verdict]).toEqual([false, 'unavailable']);
    expect(await finding('ai_providers')).toMatchObject({ verdict: 'ok', summary: expect.stringContaining('sandbox') });
    expect(await finding('budgets')).toMatchObject({ verdict: 'ok', summary: expect.stringContaining('green') });
  });

  it('names an open circuit of a provider that is configured', async () => {
    const until = new Date(clock.now().getTime() + 60_000);
    const circuit = { failuresInARow: 5, recent: [], successes: 0, tripped: true };
    await app.rows(
      `insert into provider_circuits (key, circuit, open_until, updated_at) values ('sandbox', $1, $2, $3), ('gone', $1, $2, $3)`,
      [circuit, until, clock.now()],
    );
    clock.advance(6);
    const { verdict, summary } = await finding('ai_providers');
    expect([verdict, summary.includes(`sandbox (until ${until.toISOString()})`), summary.includes('gone')]).toEqual([
      'warning',
      true,
      false,
    ]);
    await app.rows('delete from provider_circuits');
  });

  it('says that a spent global budget refuses', async () => {
    await app.rows(
      `insert into budget_periods (budget_id, slot, period_start, period_end, used_micros)
       select '00000000-0000-0000-0000-000000000000', 0, '2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z', 10000000000
       on conflict (budget_id, slot, period_end) do update set used_micros = excluded.used_micros`,
    );
    expect(await finding('budgets')).toMatchObject({
      verdict: 'unavailable',
      summary: expect.stringMatching(/critical: 100(\.\d+)? % of 10000\.00 USD spent/),
    });
  });

  it('does not miss a comparison of payments while the turn of the worker is still to come', async () => {
    const checkout = await app.call('POST', '/api/v1/payments/checkout', {
      as: coach,
      body: { package_id: 'starter' },
    });
    expect(checkout.status).toBeLessThan(300);
    clock.advance(4 * 3600);
    expect((await finding('reconciler')).verdict).toBe('warning');
    await app.rows(
      `insert into graphile_worker._private_known_crontabs (identifier, known_since, last_execution) values ('reconcile_payments', now(), null)`,
    );
    expect((await finding('reconciler')).verdict).toBe('ok');
    await stage.deliver('reconcile_payments', {});
    expect(await finding('reconciler')).toMatchObject({
      summary: expect.stringMatching(/^Compared with the provider at/),
    });
  });
});
