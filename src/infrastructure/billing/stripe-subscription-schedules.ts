import { createHash } from 'node:crypto';
import { Stripe } from 'stripe';
import { idOf, type StripeClient } from '../payments/stripe-client.js';

type Phase = Stripe.SubscriptionScheduleUpdateParams.Phase;

const RUNNING: readonly string[] = ['active', 'not_started'];

/** What a subscription becomes at the end of its period: a schedule of two phases, which leaves it alone afterwards. */
export class StripeSubscriptionSchedules {
  private readonly stripe: Stripe;

  constructor(private readonly client: StripeClient) {
    this.stripe = client.stripe;
  }

  /** The phase that runs stays as it is, to the end of its period; whatever was to follow is replaced. */
  async change(subscriptionId: string, priceId: string, key: string): Promise<void> {
    const schedule = await this.of(subscriptionId, key);
    const { start_date: start } = schedule.current_phase!;
    const runs = schedule.phases.find((phase) => phase.start_date === start)!;
    const phases: Phase[] = [
      { ...keptOf(runs), start_date: runs.start_date, end_date: runs.end_date, proration_behavior: 'none' },
      { ...methodOf(runs), items: [{ price: priceId, quantity: 1 }], proration_behavior: 'none' },
    ];
    // Asked again after the period has ended this is another change: so is its key.
    const idempotencyKey = `${keyOf(key)}:phases:${schedule.id}:${runs.start_date}`;
    await this.client.asked(() =>
      this.stripe.subscriptionSchedules.update(
        schedule.id,
        { end_behavior: 'release', proration_behavior: 'none', phases },
        { idempotencyKey },
      ),
    );
  }

  /** The subscription goes on as it is. Nothing happens to a schedule that is over. */
  async release(scheduleId: string, key: string): Promise<void> {
    const { subscriptionSchedules: schedules } = this.stripe;
    try {
      const idempotencyKey = `${keyOf(key)}:release:${scheduleId}`;
      await this.client.asked(() => schedules.release(scheduleId, {}, { idempotencyKey }));
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error;
      const { status } = await this.client.asked(() => schedules.retrieve(scheduleId));
      if (RUNNING.includes(status)) throw error;
    }
  }

  private async of(subscriptionId: string, key: string): Promise<Stripe.SubscriptionSchedule> {
    const { subscriptions, subscriptionSchedules: schedules } = this.stripe;
    const { schedule } = await this.client.asked(() => subscriptions.retrieve(subscriptionId));
    if (schedule) return this.client.asked(() => schedules.retrieve(idOf(schedule)!));
    return this.client.asked(() =>
      schedules.create({ from_subscription: subscriptionId }, { idempotencyKey: `${keyOf(key)}:schedule` }),
    );
  }
}

/** A phase that is written anew loses what is not said again: https://docs.stripe.com/billing/subscriptions/subscription-schedules */
function keptOf(phase: Stripe.SubscriptionSchedule.Phase): Omit<Phase, 'start_date' | 'end_date'> {
  const { items, trial_end: trialEnd, discounts } = phase;
  return {
    ...methodOf(phase),
    items: items.map(({ price, quantity }) => ({ price: idOf(price)!, quantity: quantity ?? 1 })),
    ...(trialEnd !== null && { trial_end: trialEnd }),
    ...(discounts.length > 0 && { discounts: discounts.map(discountOf) }),
  };
}

function methodOf({ default_payment_method: method }: Stripe.SubscriptionSchedule.Phase): Partial<Phase> {
  const id = idOf(method);
  return id === null ? {} : { default_payment_method: id };
}

function discountOf({ coupon, discount, promotion_code: code }: Stripe.SubscriptionSchedule.Phase.Discount): {
  coupon?: string;
  discount?: string;
  promotion_code?: string;
} {
  if (discount) return { discount: idOf(discount)! };
  return code ? { promotion_code: idOf(code)! } : { coupon: idOf(coupon)! };
}

/** Stripe takes keys of 255 characters at most, and a caller's own may be as long. */
export function keyOf(deed: string): string {
  return createHash('sha256').update(deed).digest('hex');
}
