import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { BudgetAlertDelivery } from '#application/budgets/budget-alert-delivery';
import { BudgetSettings } from '#application/budgets/budget-settings';
import { ListBudgetAlerts } from '#application/budgets/list-budget-alerts';
import { JobHandler } from '#application/ports/job-handler';
import { Telemetry } from '#application/ports/telemetry';
import { Transaction } from '#application/ports/transaction';
import type { UserId } from '#domain/accounts/user';
import { budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import type { BudgetAlertId } from '#domain/budgets/budget-alert';
import { BudgetLedger } from '#domain/budgets/budget-ledger';
import { Money } from '#domain/shared/money';
import { GraphileWorker } from '#infrastructure/jobs/graphile-worker';
import { TestApp, type TestUser } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { slowMotion } from '#test/support/slow-motion';
import { answering, type ReceivedWebhook, WebhookReceiver } from '#test/support/webhook-receiver';

const usd = (amount: number): Money => Money.ofMicros(BigInt(Math.round(amount * 1_000_000)));
const KEY = Buffer.alloc(32, 5);
/** The second day: no forecast yet. */
const NOW = '2026-03-02T12:00:00.000Z';

async function until(truth: () => boolean | Promise<boolean>, withinMs = 15_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await truth())) {
    if (performance.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${truth.toString()}`);
    await sleep(5);
  }
}

describe('an alert, from the spend to people', () => {
  let receiver: WebhookReceiver;
  let app: TestApp;
  let worker: GraphileWorker | null = null;

  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
    app = await TestApp.start({
      clock: new ManualClock(NOW),
      budgets: new BudgetSettings(usd(1000), Money.zero, {
        url: receiver.url,
        secret: `whsec_${KEY.toString('base64')}`,
      }),
    });
  });
  beforeEach(() => receiver.does(answering(200)));
  afterEach(async () => {
    await worker?.stop();
    worker = null;
    await app.rows('delete from graphile_worker._private_jobs');
  });
  afterAll(async () => {
    await app?.stop();
    await receiver?.close();
  });

  const start = async (): Promise<void> => {
    const { container, log } = app;
    worker = new GraphileWorker(container.getAll(JobHandler), container.get(Telemetry), log);
    await worker.start({ connectionString: app.databaseUrl, concurrency: 4 });
  };
  const spend = (userId: UserId | null, cost: Money): Promise<void> =>
    app.container.get(Transaction).run(() =>
      app.container.get(BudgetLedger).settle({
        userId,
        requestId: crypto.randomUUID(),
        cost,
        isEstimate: false,
        at: new Date(NOW),
        service: 'llm',
        provider: 'p',
        model: 'm',
        tokens: 0,
      }),
    );
  const notifications = async (as: TestUser) => (await app.call('GET', '/api/v1/notifications', { as })).body.data;
  const alertOf = async (userId: UserId): Promise<BudgetAlertId> =>
    (await app.container.get(ListBudgetAlerts).execute(budgetOf(userId), { limit: 1, offset: 0 })).items[0]!.id;

  function mustBeSigned({ headers, text }: ReceivedWebhook): void {
    const [id, seconds, signature] = ['id', 'timestamp', 'signature'].map(
      (name) => headers[`webhook-${name}`] as string,
    );
    expect(seconds).toBe(String(Date.parse(NOW) / 1000));
    const expected = createHmac('sha256', KEY).update(`${id}.${seconds}.${text}`).digest('base64');
    expect(signature).toBe(`v1,${expected}`);
  }

  it('arrives as notification, in the log and at the webhook, signed', async () => {
    const user = await app.user('free');
    await start();
    const began = performance.now();
    await spend(user.id, usd(3.75));
    const committed = performance.now();
    await until(async () => (await notifications(user)).length === 1);
    const notified = performance.now();
    await until(() => receiver.received.length === 1);
    const [webhook] = receiver.received;
    process.stdout.write(
      `From the commit of the spend (itself ${(committed - began).toFixed(1)} ms) to the notification ` +
        `${(notified - committed).toFixed(1)} ms, to the webhook ${(webhook!.at - committed).toFixed(1)} ms.\n`,
    );

    const alertId = await alertOf(user.id);
    const figures = {
      alert_id: alertId,
      budget: 'user',
      user_id: user.id,
      kind: 'orange',
      severity: 'info',
      action_required: false,
      limit_micros: 5_000_000,
      used_micros: 3_750_000,
      remaining_micros: 1_250_000,
      projected_micros: 58_125_000,
      percentage_used: 75,
      budget_period: 'monthly',
      period_start: '2026-03-01T00:00:00.000Z',
      resets_at: '2026-04-01T00:00:00.000Z',
      at: NOW,
    };
    const title = 'Budget Watch';
    const message = "You've used 75.0% of your monthly budget";
    expect(await notifications(user)).toEqual([
      {
        id: expect.any(String),
        kind: 'budget_orange',
        severity: 'info',
        title,
        message,
        facts: figures,
        created_at: NOW,
        read_at: null,
      },
    ]);
    expect(webhook!.headers['webhook-id']).toBe(alertId);
    mustBeSigned(webhook!);
    expect(JSON.parse(webhook!.text)).toEqual({
      type: 'budget.alert',
      timestamp: NOW,
      data: { ...figures, title, message },
    });
    await until(() => app.log.lines.some(({ fields }) => (fields as { alert_id?: string }).alert_id === alertId));
    const line = app.log.lines.find(({ message: text }) => text === 'budget alert');
    expect(line).toMatchObject({ level: 'info', fields: figures });
    const lines = JSON.stringify(app.log.lines);
    expect([lines.includes(KEY.toString('base64')), lines.includes('of-the-operator')]).toEqual([false, false]);
  });

  it('is posted again until it is taken, with the same id and the same body each time', async () => {
    receiver.does(
      answering(500, {}, 'down'),
      answering(302, { location: '/elsewhere' }),
      answering(429),
      answering(200),
    );
    const user = await app.user('free');
    await start();
    await spend(user.id, usd(3.75));
    await until(async () => {
      // The queue would pause for seconds between two attempts.
      await app.rows(`update graphile_worker._private_jobs set run_at = now() where locked_at is null`);
      return receiver.received.length === 4;
    });
    await until(async () => (await app.rows('select 1 from graphile_worker._private_jobs')).length === 0);
    const alertId = await alertOf(user.id);
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual(Array(4).fill(alertId));
    expect(new Set(receiver.received.map(({ text }) => text)).size).toBe(1);
    expect(new Set(receiver.received.map(({ path }) => path)).size).toBe(1);
    receiver.received.forEach(mustBeSigned);
    expect(await notifications(user)).toHaveLength(1);
  });

  it('is told once, however often and at once its job is delivered', async () => {
    const user = await app.user('free');
    await spend(user.id, usd(3.75));
    const slow = await slowMotion(app.databaseUrl, 'notifications');
    const id = await alertOf(user.id);
    const delivery = app.container.get(BudgetAlertDelivery);
    await Promise.all(Array.from({ length: 8 }, () => delivery.execute(id)));
    await delivery.execute(id);
    await slow.stop();
    expect(await notifications(user)).toHaveLength(1);
    const posts = await app.rows(
      `select 1 from graphile_worker.jobs j join graphile_worker._private_jobs p using (id)
        where j.task_identifier = 'post_webhook' and p.payload ->> 'id' = $1`,
      [id],
    );
    expect(posts).toHaveLength(1);
    const lines = app.log.lines.filter(({ fields }) => (fields as { alert_id?: string }).alert_id === id);
    expect(lines).toHaveLength(1);
    expect(await app.rows(`select delivered_at from budget_alerts where id = $1`, [id])).toEqual([
      { delivered_at: new Date(NOW) },
    ]);
  });

  it('of a budget that its user may not see reaches the log and the webhook alone', async () => {
    const user = await app.user('free');
    await app.rows(`insert into budgets (id, visible) values ($1, false)`, [user.id]);
    await start();
    await spend(user.id, usd(5));
    await until(async () => (await app.rows('select 1 from graphile_worker._private_jobs')).length === 0);
    expect(await notifications(user)).toEqual([]);
    // One spend reached three levels at once: the worst is told.
    expect(receiver.received.map(({ text }) => JSON.parse(text).data.kind)).toEqual(['critical']);
  });

  it('of the global budget reaches every active admin, and no user', async () => {
    const user = await app.user('coaching_school');
    const admins = [await app.user('free', 'admin'), await app.user('free', 'admin')];
    const gone = await app.user('free', 'admin');
    await app.rows(`update users set suspended_at = now() where id = $1`, [gone.id]);
    const path = '/api/v1/notifications/preferences';
    await app.call('PUT', path, {
      as: admins[1]!,
      body: { muted_kinds: ['global_budget_orange'] },
    });
    await start();
    const delivered = () =>
      until(async () => (await app.rows('select 1 from graphile_worker._private_jobs')).length === 0);
    await spend(null, usd(750));
    await delivered();
    await spend(null, usd(250));
    await delivered();
    const kinds = async (as: TestUser) => (await notifications(as)).map(({ kind }: { kind: string }) => kind).sort();
    expect(await kinds(admins[0]!)).toEqual(['global_budget_critical', 'global_budget_orange']);
    expect(await kinds(admins[1]!)).toEqual(['global_budget_critical']);
    expect(await notifications(user)).toEqual([]);
    expect(await app.rows(`select 1 from notifications where user_id = $1`, [gone.id])).toEqual([]);
    const { total } = await app.container.get(ListBudgetAlerts).execute(GLOBAL_BUDGET, { limit: 1, offset: 0 });
    expect(total).toBe(3);
  });
});
