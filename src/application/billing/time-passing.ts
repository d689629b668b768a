import { BudgetAlertDelivery } from '../budgets/budget-alert-delivery.js';
import { PendingBudgetAlerts } from '../budgets/pending-budget-alerts.js';
import { CreditExpirySweep } from '../credits/credit-expiry-sweep.js';
import { PaymentEventHandling } from '../payments/payment-event-handling.js';
import { UseCase } from '../use-case.js';
import { GraceEnd } from './grace-end.js';
import { IncludedCreditGrant } from './included-credit-grant.js';
import { RevenueRecording } from './revenue-recording.js';
import { SandboxBilling } from './sandbox-billing.js';
import { SandboxSubscriptionDesk } from './sandbox-subscription-desk.js';
import { SubscriptionReminders } from './subscription-reminders.js';

const MOST_ALERTS = 1000;

/** How much of what happened. */
export interface Passed {
  readonly payment_events: number;
  readonly graces_ended: number;
  readonly reminders: number;
  readonly included_credits: number;
  readonly accounts_swept: number;
  readonly revenue_days: number;
  readonly budget_alerts: number;
  /** What could not be done: each is in the log, and due the next time. */
  readonly failed: number;
}

export const NOTHING_PASSED: Passed = {
  payment_events: 0,
  graces_ended: 0,
  reminders: 0,
  included_credits: 0,
  accounts_swept: 0,
  revenue_days: 0,
  budget_alerts: 0,
  failed: 0,
};

/** Everything that time does to billing, at once: what jobs do one by one as they come to it. */
@UseCase()
export class TimePassing {
  constructor(
    private readonly desk: SandboxSubscriptionDesk,
    private readonly billing: SandboxBilling,
    private readonly handling: PaymentEventHandling,
    private readonly graceEnd: GraceEnd,
    private readonly reminders: SubscriptionReminders,
    private readonly includedCredit: IncludedCreditGrant,
    private readonly creditExpiry: CreditExpirySweep,
    private readonly recording: RevenueRecording,
    private readonly pendingAlerts: PendingBudgetAlerts,
    private readonly alertDelivery: BudgetAlertDelivery,
  ) {}

  /** When something becomes due next; null: nothing within a day. */
  async nextDue(): Promise<Date | null> {
    const dues = [await this.desk.nextDue(), await this.reminders.nextDue()].filter((due) => due !== null);
    return dues.length === 0 ? null : new Date(Math.min(...dues.map((due) => due.getTime())));
  }

  /** Lets happen what is due by now. Again at the same instant, it does nothing. */
  async execute(): Promise<Passed> {
    const events = await this.billing.execute();
    for (const event of events) await this.handling.execute(event);
    const graces = await this.graceEnd.execute();
    const reminders = await this.reminders.execute();
    const swept = await this.creditExpiry.execute();
    const included = await this.includedCredit.execute();
    const day = await this.recording.execute();
    const alerts = await this.pendingAlerts.list(MOST_ALERTS);
    for (const alert of alerts) await this.alertDelivery.execute(alert);
    return {
      payment_events: events.length,
      graces_ended: graces.done,
      reminders: reminders.done,
      included_credits: included.done,
      accounts_swept: swept.swept,
      revenue_days: day === null ? 0 : 1,
      budget_alerts: alerts.length,
      failed: graces.failed + reminders.failed + included.failed + swept.failed,
    };
  }
}

export function together(one: Passed, other: Passed): Passed {
  const names = Object.keys(one) as (keyof Passed)[];
  return Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as unknown as Passed;
}
