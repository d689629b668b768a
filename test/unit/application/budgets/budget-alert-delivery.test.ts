import type { ActiveAdmins } from '#application/notifications/active-admins';
import { NotificationDispatch } from '#application/notifications/notification-dispatch';
import { BudgetAlertDelivery } from '#application/budgets/budget-alert-delivery';
import { BudgetSettings } from '#application/budgets/budget-settings';
import type { UserId } from '#domain/accounts/user';
import { type BudgetId, budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { type AlertKind, BudgetAlert, type BudgetAlertId } from '#domain/budgets/budget-alert';
import { type BudgetAlertLog, BudgetAlertNotFound, type HeldAlert } from '#domain/budgets/budget-alert-log';
import { BudgetPeriod } from '#domain/budgets/budget-period';
import { type MutableKind, MUTABLE_KINDS } from '#domain/notifications/notification';
import { NotificationPreferences } from '#domain/notifications/notification-preferences';
import { Money } from '#domain/shared/money';
import type { PageOf } from '#domain/shared/page';
import { aUser } from '#test/support/builders/users';
import { InMemoryNotificationRepository } from '#test/support/fakes/in-memory-notification-repository';
import { InMemoryTransaction, type Table } from '#test/support/fakes/in-memory-transaction';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { RecordingJobQueue } from '#test/support/fakes/recording-job-queue';
import { RecordingLog } from '#test/support/fakes/recording-log';
import { SequentialIds } from '#test/support/fakes/sequential-ids';

const usd = (amount: number): Money => Money.ofMicros(BigInt(Math.round(amount * 1_000_000)));
const march = BudgetPeriod.of(new Date('2026-03-01T00:00:00Z'), new Date('2026-04-01T00:00:00Z'));
const [user, admin, otherAdmin] = [aUser().id, aUser().id, aUser().id];
const ALERT = '00000000-0000-7000-8000-00000000a1e7' as BudgetAlertId;
const SPENT_AT = new Date('2026-03-10T11:59:59.000Z');
const NOW = new Date('2026-03-10T12:00:00.000Z');

class OneAlert implements BudgetAlertLog {
  private readonly rows: Table<HeldAlert>;

  constructor(private readonly transaction: InMemoryTransaction) {
    this.rows = transaction.table('alerts');
  }

  async put(alert: HeldAlert): Promise<void> {
    await this.transaction.run(async () => this.rows.put(alert.alert.id, alert));
  }

  async hold(id: BudgetAlertId): Promise<HeldAlert> {
    const found = this.rows.get(id);
    if (!found) throw new BudgetAlertNotFound(id);
    return found;
  }

  async markDelivered(id: BudgetAlertId, deliveredAt: Date): Promise<void> {
    this.rows.put(id, { ...(await this.hold(id)), deliveredAt });
  }

  async list(): Promise<PageOf<BudgetAlert>> {
    return { items: this.rows.all().map(({ alert }) => alert), total: this.rows.all().length };
  }
}

async function desk(
  kind: AlertKind,
  of: {
    budget?: BudgetId;
    isVisible?: boolean;
    isOvertaken?: boolean;
    muted?: readonly MutableKind[];
    webhook?: boolean;
    used?: Money;
  } = {},
) {
  const {
    budget = budgetOf(user),
    isVisible = true,
    isOvertaken = false,
    muted = [],
    webhook = true,
    used = usd(27),
  } = of;
  const transaction = new InMemoryTransaction();
  const alerts = new OneAlert(transaction);
  const alert = new BudgetAlert(ALERT, budget, march, 'monthly', kind, usd(30), used, usd(83.7), SPENT_AT);
  await alerts.put({ alert, deliveredAt: null, isVisible, isOvertaken });
  const notifications = new InMemoryNotificationRepository(transaction);
  await transaction.run(() => notifications.savePreferences(NotificationPreferences.muting(user, muted)));
  await transaction.run(() => notifications.savePreferences(NotificationPreferences.muting(admin, muted)));
  const [jobs, log, clock] = [new RecordingJobQueue(transaction), new RecordingLog(), new ManualClock(NOW)];
  const admins: ActiveAdmins = { list: async () => [admin, otherAdmin] };
  const settings = new BudgetSettings(usd(30), Money.zero, webhook ? { url: 'http://x', secret: 'whsec_' } : null);
  const dispatch = new NotificationDispatch(notifications, clock, new SequentialIds());
  const delivery = new BudgetAlertDelivery(alerts, dispatch, admins, jobs, settings, transaction, clock, log);
  const toldTo = async (id: UserId) =>
    (await notifications.list(id, { unreadOnly: false }, { limit: 10, offset: 0 })).items;
  return { delivery, alerts, jobs, log, toldTo, alert };
}

const FIGURES = {
  alert_id: ALERT,
  action_required: true,
  limit_micros: 30_000_000,
  used_micros: 27_000_000,
  remaining_micros: 3_000_000,
  projected_micros: 83_700_000,
  percentage_used: 90,
  budget_period: 'monthly',
  period_start: '2026-03-01T00:00:00.000Z',
  resets_at: '2026-04-01T00:00:00.000Z',
  at: SPENT_AT.toISOString(),
};

describe('the delivery of an alert', () => {
  it("tells the user of a user's budget, with every figure", async () => {
    const { delivery, toldTo } = await desk('red');
    await delivery.execute(ALERT);
    expect(await toldTo(user)).toEqual([
      expect.objectContaining({
        kind: 'budget_red',
        severity: 'warning',
        title: 'Budget Almost Exhausted',
        message: "You've used 90.0% of your monthly budget",
        facts: { ...FIGURES, budget: 'user', user_id: user, kind: 'red', severity: 'warning' },
        sourceKey: `budget_alert:${ALERT}`,
        createdAt: NOW,
        readAt: null,
      }),
    ]);
    expect([await toldTo(admin), await toldTo(otherAdmin)]).toEqual([[], []]);
  });

  it('tells every active admin of the global budget, and no user', async () => {
    const { delivery, toldTo } = await desk('forecast', { budget: GLOBAL_BUDGET });
    await delivery.execute(ALERT);
    for (const reader of [admin, otherAdmin]) {
      expect(await toldTo(reader)).toMatchObject([
        { kind: 'global_budget_forecast', severity: 'warning', facts: { budget: 'global', user_id: null } },
      ]);
    }
    expect(await toldTo(user)).toEqual([]);
  });

  it('tells nobody of a budget that its user may not see, and posts it and logs it all the same', async () => {
    const { delivery, toldTo, jobs, log } = await desk('critical', { isVisible: false });
    await delivery.execute(ALERT);
    expect(await toldTo(user)).toEqual([]);
    expect([jobs.jobs.length, log.lines.length]).toEqual([1, 1]);
  });

  it('tells nobody what they muted, in either scope', async () => {
    const own = await desk('red', { muted: ['budget_red'] });
    await own.delivery.execute(ALERT);
    expect(await own.toldTo(user)).toEqual([]);
    const global = await desk('red', { budget: GLOBAL_BUDGET, muted: ['global_budget_red'] });
    await global.delivery.execute(ALERT);
    expect([(await global.toldTo(admin)).length, (await global.toldTo(otherAdmin)).length]).toEqual([0, 1]);
  });

  it('tells what is critical to whoever muted all that can be muted', async () => {
    const { delivery, toldTo } = await desk('critical', { muted: MUTABLE_KINDS });
    await delivery.execute(ALERT);
    expect((await toldTo(user)).map(({ title }) => title)).toEqual(['Budget Exceeded']);
  });

  it('of a level that was reached together with a higher one tells nobody, now or later', async () => {
    const { delivery, alerts, jobs, log, toldTo } = await desk('orange', { isOvertaken: true });
    await delivery.execute(ALERT);
    await delivery.execute(ALERT);
    expect([await toldTo(user), jobs.jobs, log.lines]).toEqual([[], [], []]);
    expect((await alerts.hold(ALERT)).deliveredAt).toEqual(NOW);
  });

  it('happens once, however often the job is delivered', async () => {
    const { delivery, alerts, jobs, log, toldTo } = await desk('red');
    for (let delivered = 0; delivered < 3; delivered++) await delivery.execute(ALERT);
    await Promise.all([delivery.execute(ALERT), delivery.execute(ALERT)]);
    expect([(await toldTo(user)).length, jobs.jobs.length, log.lines.length]).toEqual([1, 1, 1]);
    expect(await alerts.hold(ALERT)).toMatchObject({ deliveredAt: NOW });
  });

  it('posts the alert as an event with an id of its own and every figure', async () => {
    const { delivery, jobs, alert } = await desk('red');
    await delivery.execute(ALERT);
    expect(jobs.jobs).toMatchObject([{ task: 'post_webhook', runAt: null }]);
    expect(jobs.jobs[0]!.payload).toEqual({
      id: ALERT,
      type: 'budget.alert',
      timestamp: SPENT_AT.toISOString(),
      data: {
        ...FIGURES,
        budget: 'user',
        user_id: user,
        kind: 'red',
        severity: 'warning',
        title: alert.title,
        message: alert.message,
      },
    });
  });

  it('posts nothing where no webhook is configured', async () => {
    const { delivery, jobs, toldTo } = await desk('red', { webhook: false });
    await delivery.execute(ALERT);
    expect([jobs.jobs, (await toldTo(user)).length]).toEqual([[], 1]);
  });

  it.each([
    ['orange', 'info'],
    ['red', 'warn'],
    ['forecast', 'warn'],
    ['critical', 'warn'],
  ] as const)('logs an alert of the kind %s as %s', async (kind, level) => {
    const { delivery, log } = await desk(kind);
    await delivery.execute(ALERT);
    expect(log.lines).toMatchObject([
      { level, message: 'budget alert', fields: { alert_id: ALERT, user_id: user, kind } },
    ]);
  });

  it('has never less than nothing remain', async () => {
    const { delivery, toldTo } = await desk('critical', { used: usd(33) });
    await delivery.execute(ALERT);
    expect((await toldTo(user))[0]!.facts).toMatchObject({ remaining_micros: 0, percentage_used: 110 });
  });

  it('fails for an alert that there is none of', async () => {
    const { delivery } = await desk('red');
    await expect(delivery.execute('00000000-0000-7000-8000-000000000bad' as BudgetAlertId)).rejects.toThrow(
      BudgetAlertNotFound,
    );
  });
});
