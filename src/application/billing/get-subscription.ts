import type { UserId } from '#domain/accounts/user';
import type { BillingCycle } from '#domain/billing/billing-cycle';
import { currentOf } from '#domain/billing/running-subscription';
import type { CardOnFile, PendingChange, Subscription } from '#domain/billing/subscription';
import { InvoiceRepository, SubscriptionRepository } from '#domain/billing/subscription-repository';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import type { PlanName } from '#domain/plans/plan-name';
import { UseCase } from '../use-case.js';
import { listPrice, type NextCharge } from './next-charge.js';

/**
 * `inactive`: nobody subscribed. `past_due`: a payment failed, whether grace still runs or not. `review`: an operator must look
 * before it gives a plan.
 */
export const BILLING_STATES = [
  'inactive',
  'incomplete',
  'trialing',
  'active',
  'past_due',
  'paused',
  'canceled',
  'review',
] as const;
export type BillingState = (typeof BILLING_STATES)[number];

/** What a user subscribes to now. */
export interface CurrentSubscription {
  /** The plan that the subscription gives. */
  readonly tier: PlanName;
  readonly status: BillingState;
  readonly cycle: BillingCycle | null;
  readonly periodStart: Date | null;
  readonly periodEnd: Date | null;
  /** Of one cycle, in the minor unit of the currency; 0 when nothing is paid. */
  readonly amountMinor: number;
  readonly currency: string | null;
  readonly cancelAtPeriodEnd: boolean;
  /** Also of a trial that is over. */
  readonly trialEnd: Date | null;
  /** While something is owed: until when the plan is, or was, kept. */
  readonly graceEndsAt: Date | null;
  readonly card: CardOnFile | null;
  readonly pending: PendingChange | null;
  /** Null when nothing will be: it is canceled, or waits for somebody. */
  readonly nextCharge: NextCharge | null;
}

@UseCase()
export class GetSubscription {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly invoices: InvoiceRepository,
    private readonly plans: PlanCatalog,
  ) {}

  async execute(userId: UserId): Promise<CurrentSubscription> {
    const current = currentOf(await this.subscriptions.listOf(userId));
    if (current === null) return nothing('inactive');
    if (current.isEnded) return nothing(current.status === 'canceled' ? 'canceled' : 'inactive');
    return {
      tier: current.plan ?? 'free',
      status: stateOf(current),
      cycle: current.cycle,
      periodStart: current.periodStart,
      periodEnd: current.periodEnd,
      amountMinor: current.amountMinor,
      currency: current.currency,
      cancelAtPeriodEnd: current.cancelAtPeriodEnd,
      trialEnd: current.trialEnd,
      graceEndsAt: current.dunning.graceEndsAt,
      card: current.card,
      pending: current.pending,
      nextCharge: await this.nextChargeOf(current),
    };
  }

  private async nextChargeOf(current: Subscription): Promise<NextCharge | null> {
    const { status, dunning, review, currency, pending, periodEnd, cancelAtPeriodEnd, cancelAt } = current;
    if (review !== null || !current.isLive || status === 'paused') return null;
    // What is owed is asked for first, also of who has canceled.
    if (dunning.since !== null) return this.retryOf(current);
    if (cancelAtPeriodEnd || (cancelAt !== null && cancelAt <= periodEnd)) return null;
    const amountMinor = pending ? listPrice(this.plans, pending.plan, pending.cycle, currency) : current.amountMinor;
    return amountMinor === null ? null : { amountMinor, currency, at: pending?.at ?? periodEnd };
  }

  /** The next try of the oldest invoice that is owed; null when the provider has given it up. */
  private async retryOf({ userId, externalId }: Subscription): Promise<NextCharge | null> {
    const { items } = await this.invoices.listOf(userId, { limit: NEWEST_INVOICES, offset: 0 });
    const owed = items.findLast(({ snapshot }) => snapshot.subscriptionId === externalId && snapshot.status === 'open');
    if (!owed || owed.snapshot.nextAttemptAt === null) return null;
    const { amountRemaining: amountMinor, currency, nextAttemptAt: at } = owed.snapshot;
    return { amountMinor, currency, at };
  }
}

/** What is owed is never further back: after a few periods unpaid a provider ends the subscription. */
const NEWEST_INVOICES = 20;

function stateOf({ status, review, isLive }: Subscription): BillingState {
  if (isLive && review !== null) return 'review';
  if (status === 'unpaid') return 'past_due';
  return status === 'incomplete_expired' ? 'inactive' : status;
}

function nothing(status: BillingState): CurrentSubscription {
  return {
    tier: 'free',
    status,
    cycle: null,
    periodStart: null,
    periodEnd: null,
    amountMinor: 0,
    currency: null,
    cancelAtPeriodEnd: false,
    trialEnd: null,
    graceEndsAt: null,
    card: null,
    pending: null,
    nextCharge: null,
  };
}
