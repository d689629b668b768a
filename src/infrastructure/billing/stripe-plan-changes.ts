import { Stripe } from 'stripe';
import {
  type Changeable,
  type ChangePreview,
  type ImmediateChange,
  PaymentFailed,
  SubscriptionMoved,
} from '#application/billing/subscription-gateway';
import { wholeSecond } from '#domain/billing/whole-second';
import { idOf, isMissing, type StripeClient } from '../payments/stripe-client.js';
import { keyOf, type StripeSubscriptionSchedules } from './stripe-subscription-schedules.js';
import { lineOf, scheduledIn, secondsOf } from './stripe-subscription-snapshots.js';

/** Other plans, at once and paid for at once, by Stripe's own reckoning. */
export class StripePlanChanges {
  private readonly stripe: Stripe;

  constructor(
    private readonly client: StripeClient,
    private readonly schedules: StripeSubscriptionSchedules,
  ) {
    this.stripe = client.stripe;
  }

  async preview({ externalId, customerId, itemId }: Changeable, change: ImmediateChange): Promise<ChangePreview> {
    const invoice = await this.client.asked(() =>
      this.stripe.invoices.createPreview({
        customer: customerId,
        subscription: externalId,
        subscription_details: changeOf(itemId, change),
      }),
    );
    return {
      currency: invoice.currency,
      lines: invoice.lines.data.map(lineOf),
      dueNow: invoice.amount_due,
      // A balance of Stripe's is what the customer owes: credit is below zero.
      creditLeft: Math.max(0, -(invoice.starting_balance + invoice.total)),
      at: wholeSecond(change.at),
    };
  }

  /** Throws PaymentFailed, and SubscriptionMoved where the trial that it is to end is over. */
  async carryOut(decided: Changeable, change: ImmediateChange, key: string): Promise<void> {
    if (change.endsTrial) return this.endTrial(decided, change, key);
    const { schedule } = await this.changed(decided, change, key);
    // Only now: had the money not come, what was scheduled would still hold.
    if (schedule) await this.schedules.release(idOf(schedule)!, key);
  }

  private async endTrial(decided: Changeable, change: ImmediateChange, key: string): Promise<void> {
    const { externalId } = decided;
    const trial = await this.client.asked(() =>
      this.stripe.subscriptions.retrieve(externalId, { expand: ['schedule'] }),
    );
    // Of one that is paid for already, Stripe would begin the period anew.
    if (trial.status !== 'trialing') throw new SubscriptionMoved(externalId);
    const scheduled = scheduledIn(trial);
    // Whose end a schedule manages, its trial may not be ended beside the schedule.
    if (trial.schedule) await this.schedules.release(idOf(trial.schedule)!, key);
    try {
      await this.changed(decided, change, key);
    } catch (error) {
      if (error instanceof PaymentFailed && scheduled)
        await this.schedules.change(externalId, scheduled.priceId, `${key}:again`);
      throw error;
    }
  }

  private changed({ externalId, itemId }: Changeable, change: ImmediateChange, key: string) {
    return this.paid(() =>
      this.stripe.subscriptions.update(
        externalId,
        // Or else Stripe would change the plan now, and ask for the money later.
        { ...changeOf(itemId, change), payment_behavior: 'error_if_incomplete' },
        { idempotencyKey: `${keyOf(key)}:change` },
      ),
    );
  }

  private async paid<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await this.client.asked(ask);
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeError)) throw error;
      // Without a card Stripe misses one, and says of no parameter that it is wrong.
      const hasNoCard = isMissing(error) && error.param === undefined;
      if (error.statusCode !== 402 && !hasNoCard) throw error;
      throw new PaymentFailed(hasNoCard ? 'no_payment_method' : (error.decline_code ?? error.code ?? null), {
        cause: error,
      });
    }
  }
}

/** In a trial nothing was paid for, so nothing is prorated; what follows it begins when Stripe is told. */
function changeOf(itemId: string, { priceId, at, endsTrial }: ImmediateChange) {
  return {
    items: [{ id: itemId, price: priceId }],
    proration_behavior: 'always_invoice' as const,
    ...(endsTrial ? { trial_end: 'now' as const } : { proration_date: secondsOf(at) }),
  };
}
