import type { BudgetAlert, BudgetAlertId } from '#domain/budgets/budget-alert';
import { BudgetAlertLog } from '#domain/budgets/budget-alert-log';
import type { Tidings } from '#domain/notifications/notification';
import { ActiveAdmins } from '../notifications/active-admins.js';
import { NotificationDispatch } from '../notifications/notification-dispatch.js';
import { Clock } from '../ports/clock.js';
import { JobQueue } from '../ports/job-queue.js';
import { Log } from '../ports/log.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { alertFacts } from './budget-alert-facts.js';
import { BudgetSettings } from './budget-settings.js';

/** How alerts are named to whoever receives them by webhook. */
const ALERT_EVENT = 'budget.alert';

/**
 * Brings an alert to people: to the user of the budget, or to every active admin when it is the global one; to the log; and to
 * the operator's webhook, where there is one.
 */
@UseCase()
export class BudgetAlertDelivery {
  constructor(
    private readonly alerts: BudgetAlertLog,
    private readonly dispatch: NotificationDispatch,
    private readonly admins: ActiveAdmins,
    private readonly jobs: JobQueue,
    private readonly settings: BudgetSettings,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Once, however often it is asked for; of several levels reached at once the highest alone. Throws BudgetAlertNotFound. */
  async execute(id: BudgetAlertId): Promise<void> {
    const delivered = await this.transaction.run(() => this.deliver(id));
    if (delivered === null) return;
    const fields = alertFacts(delivered);
    if (delivered.severity === 'info') this.log.info(fields, 'budget alert');
    else this.log.warn(fields, 'budget alert');
  }

  /** Null when it was delivered before, and when nobody is told since a higher level was reached at the same instant. */
  private async deliver(id: BudgetAlertId): Promise<BudgetAlert | null> {
    const { alert, deliveredAt, isVisible, isOvertaken } = await this.alerts.hold(id);
    if (deliveredAt !== null) return null;
    if (isOvertaken) {
      await this.alerts.markDelivered(id, this.clock.now());
      return null;
    }
    const { userId } = alert;
    const readers = userId === null ? await this.admins.list() : isVisible ? [userId] : [];
    for (const reader of readers) await this.dispatch.tell(reader, tidingsOf(alert));
    if (this.settings.webhook !== null) {
      const { title, message, at } = alert;
      await this.jobs.add('post_webhook', {
        id: alert.id,
        type: ALERT_EVENT,
        timestamp: at.toISOString(),
        data: { ...alertFacts(alert), title, message },
      });
    }
    await this.alerts.markDelivered(id, this.clock.now());
    return alert;
  }
}

function tidingsOf(alert: BudgetAlert): Tidings {
  const { id, userId, kind, severity, title, message } = alert;
  return {
    kind: userId === null ? `global_budget_${kind}` : `budget_${kind}`,
    severity,
    title,
    message,
    facts: alertFacts(alert),
    sourceKey: `budget_alert:${id}`,
  };
}
