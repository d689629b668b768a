import type { UserId } from '../accounts/user.js';
import { CHECKOUT_LIFETIME_MS, SHORTEST_CHECKOUT_MS } from '../payments/payment.js';
import type { PlanName } from '../plans/plan-name.js';
import type { Id } from '../shared/id.js';
import type { SoldPlan } from './billing-cycle.js';
import { wholeSecond } from './whole-second.js';

export type PlanCheckoutId = Id<'PlanCheckout'>;

export type PlanCheckoutState = 'open' | 'complete' | 'expired';

/** What one wants to subscribe to, and where the browser goes afterwards. */
export interface PlanOrder {
  readonly userId: UserId;
  readonly gateway: string;
  readonly sold: SoldPlan<PlanName>;
  readonly priceId: string;
  readonly successUrl: string;
  readonly cancelUrl: string;
}

/** A checkout of a plan. What is told to the provider comes from this row alone, so that a repeat tells the same. */
export class PlanCheckout {
  constructor(
    readonly id: PlanCheckoutId,
    readonly userId: UserId,
    readonly gateway: string,
    readonly sold: SoldPlan<PlanName>,
    readonly priceId: string,
    /** 0: it is paid at once. */
    readonly trialDays: number,
    readonly successUrl: string,
    readonly cancelUrl: string,
    /** Null until the provider has opened it. */
    readonly sessionId: string | null,
    readonly url: string | null,
    readonly state: PlanCheckoutState,
    readonly createdAt: Date,
    readonly expiresAt: Date,
  ) {}

  /** It expires at a whole second, as providers count. */
  static ordered(id: PlanCheckoutId, order: PlanOrder, trialDays: number, now: Date): PlanCheckout {
    const { userId, gateway, sold, priceId, successUrl, cancelUrl } = order;
    const expiresAt = wholeSecond(new Date(now.getTime() + CHECKOUT_LIFETIME_MS));
    const blank = [null, null, 'open'] as const;
    return new PlanCheckout(
      ...([id, userId, gateway, sold, priceId, trialDays, successUrl, cancelUrl] as const),
      ...blank,
      now,
      expiresAt,
    );
  }

  /** Whether it sells the same, at the same price. Two tabs that come from different pages are one wish. */
  isFor({ gateway, sold, priceId }: PlanOrder): boolean {
    const { plan, cycle } = this.sold;
    return gateway === this.gateway && priceId === this.priceId && sold.plan === plan && sold.cycle === cycle;
  }

  /** Whether there is time enough left to open it at the provider. */
  canBeOpenedAt(now: Date): boolean {
    return this.expiresAt.getTime() - now.getTime() >= SHORTEST_CHECKOUT_MS;
  }

  opened(sessionId: string, url: string | null): PlanCheckout {
    return this.with({ sessionId, url });
  }

  closed(state: 'complete' | 'expired'): PlanCheckout {
    return this.with({ state });
  }

  private with(changes: Partial<PlanCheckout>): PlanCheckout {
    return Object.assign(Object.create(PlanCheckout.prototype) as PlanCheckout, this, changes);
  }
}

export abstract class SubscriptionCheckouts {
  /** Keeps it, or answers the one of its user that is open, also to many who ask at once. Needs a running transaction. */
  abstract addOnce(checkout: PlanCheckout): Promise<PlanCheckout>;

  /** Nobody else may hold the same one until the running transaction ends. */
  abstract hold(id: PlanCheckoutId): Promise<PlanCheckout>;

  /** Its session and its state. Only for one held in the running transaction. */
  abstract save(checkout: PlanCheckout): Promise<void>;

  /** Newest first. */
  abstract listOf(userId: UserId): Promise<readonly PlanCheckout[]>;
}
