import { ALERT_KINDS, BudgetAlert, type BudgetAlertId } from '#domain/budgets/budget-alert';
import { GLOBAL_BUDGET } from '#domain/budgets/budget';
import { BudgetPeriod } from '#domain/budgets/budget-period';
import { MUTABLE_KINDS, Notification, NOTIFICATION_KINDS, type Tidings } from '#domain/notifications/notification';
import { NotificationPreferences } from '#domain/notifications/notification-preferences';
import type { Id } from '#domain/shared/id';
import { Money } from '#domain/shared/money';
import { aUser } from '#test/support/builders/users';

const user = aUser();
const [first, second] = ['2026-03-10T12:00:00Z', '2026-03-11T12:00:00Z'].map((text) => new Date(text)) as [Date, Date];
const tidings: Tidings = {
  kind: 'budget_red',
  severity: 'warning',
  title: 'Budget Almost Exhausted',
  message: "You've used 90.0% of your monthly budget",
  facts: { used_micros: 27_000_000 },
  sourceKey: 'budget_alert:1',
};

describe('a notification', () => {
  it('is unread at first, and stays read since it was read first', () => {
    const told = Notification.of('n1' as Id<'Notification'>, user.id, tidings, first);
    expect(told).toEqual({ id: 'n1', userId: user.id, ...tidings, createdAt: first, readAt: null });
    const read = told.read(first);
    expect(read).toEqual({ ...told, readAt: first });
    expect(read.read(second)).toBe(read);
  });
});

describe('the preferences of a user', () => {
  it('mute nothing until they are changed', () => {
    const unchanged = NotificationPreferences.unchanged(user.id);
    for (const kind of NOTIFICATION_KINDS) expect(unchanged.allow({ kind, severity: 'info' })).toBe(true);
  });

  it('mute the kinds that are named, each once, and no others', () => {
    const preferences = NotificationPreferences.muting(user.id, ['budget_forecast', 'budget_red', 'budget_red']);
    expect(preferences.muted).toEqual(['budget_red', 'budget_forecast']);
    expect(preferences.allow({ kind: 'budget_red', severity: 'warning' })).toBe(false);
    expect(preferences.allow({ kind: 'budget_orange', severity: 'info' })).toBe(true);
    expect(preferences.allow({ kind: 'global_budget_red', severity: 'warning' })).toBe(true);
  });

  it('mute nothing that is critical', () => {
    const preferences = NotificationPreferences.muting(user.id, MUTABLE_KINDS);
    expect(preferences.allow({ kind: 'budget_critical', severity: 'critical' })).toBe(true);
    expect(preferences.allow({ kind: 'budget_red', severity: 'critical' })).toBe(true);
  });

  it.each(ALERT_KINDS)('can mute an alert of the kind %s exactly when it is not critical', (kind) => {
    const period = BudgetPeriod.of(first, second);
    const id = 'a1' as BudgetAlertId;
    const { zero } = Money;
    const { severity } = new BudgetAlert(id, GLOBAL_BUDGET, period, 'daily', kind, zero, zero, zero, first);
    for (const name of [`budget_${kind}`, `global_budget_${kind}`] as const) {
      expect(NOTIFICATION_KINDS).toContain(name);
      expect(MUTABLE_KINDS.some((mutable) => mutable === name)).toBe(severity !== 'critical');
    }
  });
});
