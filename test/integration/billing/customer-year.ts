import { IncludedCreditGrant } from '#application/billing/included-credit-grant';
import { CreditVerification } from '#application/credits/credit-verification';
import { UserRegistration } from '#application/accounts/user-registration';
import { ClockAdvance, type ClockAdvanced } from '#application/billing/clock-advance';
import { SandboxSubscriptionDesk, type SubscriptionDeed } from '#application/billing/sandbox-subscription-desk';
import { SubscriptionCancellation } from '#application/billing/subscription-cancellation';
import { SubscriptionChange } from '#application/billing/subscription-change';
import { SubscriptionCheckout } from '#application/billing/subscription-checkout';
import { PaymentEventHandling } from '#application/payments/payment-event-handling';
import { PaymentEventIntake } from '#application/payments/payment-event-intake';
import { SandboxBilling } from '#application/billing/sandbox-billing';
import { IdGenerator } from '#application/ports/id-generator';
import type { Foundation } from '#composition/system.module';
import type { UserId } from '#domain/accounts/user';
import type { PaymentNotice } from '#domain/payments/payment-event';
import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import { Money } from '#domain/shared/money';
import { FixedPlanCatalog } from '#infrastructure/plans/fixed-plan-catalog';
import { TestApp } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { ManualClockShift } from '#test/support/fakes/manual-clock-shift';
import { SequentialIds } from '#test/support/fakes/sequential-ids';

/** The plans as they are sold, with credit included in two of them. */
const PLANS = {
  ...DEFAULT_CATALOG.plans,
  pro: { ...DEFAULT_CATALOG.plans.pro, monthlyIncludedCredit: Money.ofMicros(5_000_000n) },
  coaching_school: { ...DEFAULT_CATALOG.plans.coaching_school, monthlyIncludedCredit: Money.ofMicros(20_000_000n) },
};

export const YEAR_BEGINS = '2026-01-31T10:00:00.000Z';

/** Ana's year, on a clock that a test moves, in a database of its own. */
export class CustomerYear {
  private constructor(
    readonly app: TestApp,
    readonly clock: ManualClock,
    readonly ana: UserId,
  ) {}

  static async begin(changes: Partial<Foundation> = {}): Promise<CustomerYear> {
    const clock = new ManualClock(YEAR_BEGINS);
    const plans = new FixedPlanCatalog({ version: 'with credit', plans: PLANS });
    const app = await TestApp.start({ clock, clockShift: new ManualClockShift(clock), plans, poolSize: 4, ...changes });
    app.container.rebind(IdGenerator).toConstantValue(new SequentialIds());
    const { id } = await app.container
      .get(UserRegistration)
      .execute({ email: 'ana@example.com', name: 'Ana', plan: 'free', role: 'user', actor: 'test', reason: null });
    return new CustomerYear(app, clock, id);
  }

  /** Everything that a customer of ours can go through, in 365 days. */
  async pass(): Promise<ClockAdvanced[]> {
    const parts: ClockAdvanced[] = [];
    const until = async (to: string): Promise<void> => void parts.push(await this.advance(to));
    await this.subscribe('pro');
    await until('2026-03-01T09:00:00Z');
    await this.change('coaching_school');
    await until('2026-03-10T09:00:00Z');
    await this.act('use-declining-card');
    await until('2026-03-24T09:00:00Z');
    await this.act('use-good-card');
    await until('2026-04-05T09:00:00Z');
    await this.change('pro');
    await until('2026-08-01T09:00:00Z');
    await this.app.container.get(SubscriptionCancellation).execute(this.ana, 'period_end', 'cancel');
    await until('2027-01-31T10:00:00Z');
    return parts;
  }

  advance(to: string, dryRun = false): Promise<ClockAdvanced> {
    const operator = { actor: 'cli:tester', reason: null };
    return this.app.container.get(ClockAdvance).execute({ to: new Date(to) }, operator, dryRun);
  }

  /** How many grants of included credit were made. */
  async grant(): Promise<number> {
    return (await this.app.container.get(IncludedCreditGrant).execute()).done;
  }

  /** Type and micro-USD of every entry of credit. */
  async ledger(): Promise<readonly (readonly [string, number])[]> {
    const rows = await this.app.rows<{ type: string; amount_micros: string }>(
      'select type, amount_micros from credit_transactions order by sequence',
    );
    return rows.map(({ type, amount_micros: micros }) => [type, Number(micros)]);
  }

  /** Verifies the books of credit, and stops. */
  async end(): Promise<void> {
    const { findings } = await this.app.container.get(CreditVerification).execute(null);
    await this.app.stop();
    expect(findings).toEqual([]);
  }

  async subscribe(planId: string, cycle = 'month'): Promise<void> {
    const { container } = this.app;
    const successUrl = 'https://app.example.com/yes';
    const { sessionId } = await container
      .get(SubscriptionCheckout)
      .execute({ userId: this.ana, planId, cycle, successUrl, cancelUrl: null });
    await this.hear(await container.get(SandboxSubscriptionDesk).payCheckout(sessionId));
  }

  async change(planId: string): Promise<void> {
    await this.app.container.get(SubscriptionChange).execute(this.ana, planId, 'month', null, `change ${planId}`);
  }

  async act(deed: SubscriptionDeed): Promise<void> {
    const [row] = await this.app.rows<{ external_id: string }>('select external_id from subscriptions');
    await this.hear(await this.app.container.get(SandboxSubscriptionDesk).act(row!.external_id, deed));
  }

  /** Lets pass in the sandbox what is due, and hears of it. */
  async bill(): Promise<void> {
    const events = await this.app.container.get(SandboxBilling).execute();
    for (const event of events) await this.app.container.get(PaymentEventHandling).execute(event);
  }

  /** One value of the only row of a question. */
  async value(sql: string): Promise<unknown> {
    const [row] = await this.app.rows(sql);
    return row && Object.values(row)[0];
  }

  private async hear(notice: PaymentNotice): Promise<void> {
    await this.app.container.get(PaymentEventIntake).execute(notice);
    await this.app.container.get(PaymentEventHandling).execute(notice.id);
  }
}
