import { GraceEnd } from '#application/billing/grace-end';
import { IncludedCreditGrant } from '#application/billing/included-credit-grant';
import { SandboxSubscriptionDesk } from '#application/billing/sandbox-subscription-desk';
import { SubscriptionReconciliation } from '#application/billing/subscription-reconciliation';
import { SubscriptionReminders } from '#application/billing/subscription-reminders';
import { JobHandler } from '#application/ports/job-handler';
import { JobQueue } from '#application/ports/job-queue';
import { Transaction } from '#application/ports/transaction';
import { BudgetSettings } from '#application/budgets/budget-settings';
import { Money } from '#domain/shared/money';
import { CustomerYear, YEAR_BEGINS } from './customer-year.js';

const WEBHOOK = { url: 'http://receiver.invalid', secret: 'whsec_test' };
/** The trial of the year ends, and its card declines from the day before. */
const TRIAL_ENDS = '2026-02-14T10:00:00Z';

let year: CustomerYear;

beforeEach(async () => {
  year = await CustomerYear.begin({ budgets: new BudgetSettings(Money.ofMicros(1_000_000_000n), Money.zero, WEBHOOK) });
  await year.subscribe('pro');
});
afterEach(() => year.app.stop());

/** The first renewal has failed, and nothing but its messages was handled. */
async function unpaid(): Promise<void> {
  await year.act('use-declining-card');
  year.clock.set(TRIAL_ENDS);
  await year.bill();
}

const reminders = () => year.app.container.get(SubscriptionReminders).execute();
const told = () => year.app.rows('select kind from notifications order by created_at, id');
const posted = () =>
  year.app.rows(
    `select payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
      where t.identifier = 'post_webhook' order by j.id`,
  );

describe('reminders', () => {
  it('are told once, and posted once, however often the job runs', async () => {
    await unpaid();
    expect([await reminders(), await reminders()]).toEqual([
      { done: 1, failed: 0 },
      { done: 0, failed: 0 },
    ]);
    await Promise.all([reminders(), reminders()]);
    expect(await told()).toEqual([{ kind: 'payment_failed' }]);
    expect(await posted()).toMatchObject([
      {
        payload: {
          type: 'subscription.reminder',
          timestamp: '2026-02-14T10:00:00.000Z',
          data: { kind: 'payment_failed', user_id: year.ana, plan: 'pro', day: 0 },
        },
      },
    ]);
  });

  it('that nobody told in time are not told one after the other', async () => {
    await unpaid();
    year.clock.set('2026-02-18T10:00:00Z');
    await reminders();
    expect(await told()).toEqual([{ kind: 'payment_overdue' }]);
  });

  it('of two runs at once come once', async () => {
    await unpaid();
    const done = await Promise.all([reminders(), reminders(), reminders()]);
    expect(done.map((one) => one.done).sort()).toEqual([0, 0, 1]);
    expect(await told()).toHaveLength(1);
  });
});

describe('grace that is over', () => {
  const end = () => year.app.container.get(GraceEnd).execute();

  it('takes the plan, once, and says why', async () => {
    await unpaid();
    year.clock.set('2026-02-21T09:59:59Z');
    expect(await end()).toEqual({ done: 0, failed: 0 });
    expect(await year.value('select plan from users')).toBe('pro');
    year.clock.set('2026-02-21T10:00:00Z');
    expect(await end()).toEqual({ done: 1, failed: 0 });
    expect(await end()).toEqual({ done: 0, failed: 0 });
    expect(await year.app.rows(`select u.plan, s.dunning, s.status from users u, subscriptions s`)).toEqual([
      { plan: 'free', dunning: 'lapsed', status: 'past_due' },
    ]);
    expect(await year.app.rows(`select at, facts from subscription_steps where kind = 'grace_over'`)).toMatchObject([
      { at: new Date('2026-02-21T10:00:00Z'), facts: { reason: expect.stringContaining('7 days'), plan: 'pro' } },
    ]);
  });

  it('is ended by a payment, however late it comes', async () => {
    await unpaid();
    year.clock.set('2026-02-21T10:00:00Z');
    await end();
    await year.act('use-good-card');
    expect(await year.app.rows(`select u.plan, s.dunning, s.status from users u, subscriptions s`)).toEqual([
      { plan: 'pro', dunning: 'clear', status: 'active' },
    ]);
  });
});

describe('credit that a plan includes', () => {
  const grant = () => year.app.container.get(IncludedCreditGrant).execute();
  const balance = () => year.value('select coalesce(sum(amount_micros), 0)::int from credit_transactions');

  it('comes once for a month, also when two jobs run at once', async () => {
    const done = await Promise.all([grant(), grant(), grant()]);
    expect(done.reduce((sum, one) => sum + one.done, 0)).toBe(1);
    expect(await balance()).toBe(5_000_000);
    expect(await year.app.rows('select key, type from credit_transactions')).toEqual([
      { key: expect.stringMatching(/^included:si_sub_sandbox_\w+:2026-01-31T10:00:00.000Z$/), type: 'bonus' },
    ]);
  });

  it('of a month that was missed is not made up for', async () => {
    await grant();
    year.clock.set('2026-05-20T00:00:00Z');
    await year.bill();
    expect((await grant()).done).toBe(1);
    const keys = await year.app.rows<{ key: string }>(`select key from credit_transactions where type = 'bonus'`);
    expect(keys.map(({ key }) => key.slice(-24))).toEqual(['2026-01-31T10:00:00.000Z', '2026-05-14T10:00:00.000Z']);
  });

  it('comes no second time in a month for a larger plan', async () => {
    year.clock.set('2026-02-20T10:00:00Z');
    await year.bill();
    await grant();
    await year.change('coaching_school');
    expect((await grant()).done).toBe(0);
  });
});

describe('the reconciler', () => {
  const reconcile = (dryRun: boolean) =>
    year.app.container
      .get(SubscriptionReconciliation)
      .execute({ since: new Date('2026-02-01T00:00:00Z'), share: null, dryRun });

  it('repairs what no message told us, and says what', async () => {
    year.clock.set('2026-02-15T10:00:00Z');
    // It renews, and nobody is told of it.
    await year.app.container.get(Transaction).run(() => year.app.container.get(SandboxSubscriptionDesk).run(10));
    const rehearsed = await reconcile(true);
    expect(await year.value('select status from subscriptions')).toBe('trialing');
    const { examined, failed, repairs } = await reconcile(false);
    expect([examined, failed, repairs]).toEqual([1, 0, rehearsed.repairs]);
    expect(repairs).toMatchObject([
      { userId: year.ana, before: { status: 'trialing', version: 1 }, after: { status: 'active', version: 2 } },
    ]);
    expect(await year.value('select status from subscriptions')).toBe('active');
    expect((await reconcile(false)).repairs).toEqual([]);
  });

  it('asks about those that were quiet for a day, each in its own hour', async () => {
    year.clock.set('2026-02-05T10:00:00Z');
    const since = year.clock.now();
    const at = async (part: number) =>
      (
        await year.app.container
          .get(SubscriptionReconciliation)
          .execute({ since, share: { part, of: 24 }, dryRun: false })
      ).examined;
    let examined = 0;
    for (let hour = 0; hour < 24; hour++) examined += await at(hour);
    expect(examined).toBe(1);
  });
});

describe('the jobs of billing', () => {
  it.each([
    'remind_subscribers',
    'grant_included_credit',
    'reconcile_subscriptions',
    'run_sandbox_billing',
    'take_revenue_snapshot',
  ])('%s runs by the clock, and again does nothing', async (task) => {
    const handler = year.app.container.getAll(JobHandler).find((one) => one.task === task)!;
    expect(handler.schedule).not.toBeNull();
    await handler.handle({});
    await handler.handle({});
    expect(year.app.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('a job for later', () => {
  it('waits as long as it was told to, also where the clock was moved', async () => {
    const { container } = year.app;
    await year.advance('2026-02-10T10:00:00Z');
    const runAt = new Date(year.clock.now().getTime() + 60_000);
    await container
      .get(Transaction)
      .run(() => container.get(JobQueue).add('expire_credits', {}, { runAt, key: 'later' }));
    const [job] = await year.app.rows(`select run_at from graphile_worker._private_jobs where key = 'later'`);
    expect(job).toEqual({ run_at: new Date(new Date(YEAR_BEGINS).getTime() + 60_000) });
  });
});
