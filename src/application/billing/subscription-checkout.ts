import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { billingCycle } from '#domain/billing/plan-change';
import { AlreadySubscribed, mustBePaid } from '#domain/billing/running-subscription';
import type { Subscription } from '#domain/billing/subscription';
import { PlanCheckout, type PlanOrder, SubscriptionCheckouts } from '#domain/billing/subscription-checkouts';
import { SubscriptionPrices } from '#domain/billing/subscription-prices';
import { SubscriptionRepository } from '#domain/billing/subscription-repository';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import { planName } from '#domain/plans/plan-name';
import { CheckoutSettings } from '../payments/checkout-settings.js';
import { PaymentCustomer } from '../payments/payment-customer.js';
import { allowedReturnUrl } from '../payments/return-urls.js';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { BillingTurns } from './billing-turns.js';
import { CustomerSynchronisation } from './customer-synchronisation.js';
import { type SubscriptionCheckoutState, SubscriptionGateway } from './subscription-gateway.js';

export interface SubscriptionCheckoutRequest {
  readonly userId: UserId;
  readonly planId: string;
  readonly cycle: string;
  /** Null: the billing page of this service. */
  readonly successUrl: string | null;
  readonly cancelUrl: string | null;
}

export interface OpenCheckout {
  /** Whether this request opened it: not one that was open already. */
  readonly isNew: boolean;
  readonly sessionId: string;
  readonly url: string;
}

/**
 * Begins a subscription: the row first, then the one customer, then the provider's checkout, so that the whole may be cut off anywhere
 * and repeated. A user has one open checkout: whoever asks for the same again, in a second tab or with the same key, is
 * answered the same one, and whoever asks for something else has the first one closed before.
 */
@UseCase()
export class SubscriptionCheckout {
  constructor(
    private readonly users: UserRepository,
    private readonly subscriptions: SubscriptionRepository,
    private readonly checkouts: SubscriptionCheckouts,
    private readonly plans: PlanCatalog,
    private readonly prices: SubscriptionPrices,
    private readonly customer: PaymentCustomer,
    private readonly gateway: SubscriptionGateway,
    private readonly synchronisation: CustomerSynchronisation,
    private readonly settings: CheckoutSettings,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
    private readonly turns: BillingTurns,
  ) {}

  /**
   * Never inside a transaction. Throws InvalidValue, PlanNotSold, ReturnUrlNotAllowed, AlreadySubscribed, PaymentDue,
   * SubscriptionPaused, SubscriptionBusy and PaymentProviderUnavailable.
   */
  async execute(request: SubscriptionCheckoutRequest): Promise<OpenCheckout> {
    const order = this.orderOf(request);
    return this.turns.alone(order.userId, () => this.opening(order));
  }

  private async opening(order: PlanOrder): Promise<OpenCheckout> {
    for (;;) {
      const checkout = await this.begun(order);
      const isWanted = checkout.isFor(order);
      const session = await this.sessionOf(checkout, isWanted);
      if (session?.state === 'open' && isWanted) {
        const { isNew, sessionId, url } = session;
        return { isNew, sessionId, url: url! };
      }
      // Paid, and the message about it may still be on its way. First that: a checkout is not forgotten before what came of it is known.
      if (session?.state === 'complete') {
        await this.synchronisation.execute(await this.customer.execute(order.userId));
      }
      await this.close(checkout, session?.state === 'complete' ? 'complete' : 'expired');
    }
  }

  private orderOf({ userId, planId, cycle: text, successUrl, cancelUrl }: SubscriptionCheckoutRequest): PlanOrder {
    const [plan, cycle] = [planName(planId), billingCycle(text)];
    const page = `${this.settings.publicUrl}/billing`;
    return {
      userId,
      gateway: this.gateway.name,
      sold: { plan, cycle },
      priceId: this.prices.idOf(plan, cycle),
      successUrl: successUrl === null ? `${page}?outcome=success` : allowedReturnUrl(successUrl, this.settings),
      cancelUrl: cancelUrl === null ? `${page}?outcome=cancelled` : allowedReturnUrl(cancelUrl, this.settings),
    };
  }

  /** The open checkout of the user: a new one unless there is one. */
  private begun(order: PlanOrder): Promise<PlanCheckout> {
    return this.transaction.run(async () => {
      // Whoever brings a subscription home holds the user too: none appears between this look and the row.
      await this.users.hold(order.userId);
      const known = await this.subscriptions.listOf(order.userId);
      const running = known.find(({ isLive }) => isLive);
      if (running) {
        mustBePaid(running);
        throw new AlreadySubscribed(running);
      }
      const trialDays = hadTrial(known) ? 0 : this.plans.get(order.sold.plan).trialDays;
      return this.checkouts.addOnce(PlanCheckout.ordered(this.ids.next(), order, trialDays, this.clock.now()));
    });
  }

  /** What the provider has of it now, after one that nobody wants any more was closed there. Null: nobody can pay it. */
  private async sessionOf(checkout: PlanCheckout, isWanted: boolean): Promise<SessionFound | null> {
    if (checkout.gateway !== this.gateway.name) return null;
    let { sessionId } = checkout;
    if (sessionId === null) {
      const opened = await this.opened(checkout);
      if (opened === null || isWanted) return opened;
      ({ sessionId } = opened);
    }
    const known = isWanted ? this.gateway.getCheckout(sessionId) : this.gateway.expireCheckout(sessionId);
    return { ...(await known), isNew: false };
  }

  /** Null when there is no time left to open it, or when another request has closed it meanwhile. */
  private async opened(checkout: PlanCheckout): Promise<SessionFound | null> {
    if (!checkout.canBeOpenedAt(this.clock.now())) return null;
    const customerId = await this.customer.execute(checkout.userId);
    const session = await this.gateway.openCheckout({ ...checkout, customerId });
    return this.transaction.run(async () => {
      const held = await this.checkouts.hold(checkout.id);
      if (held.state !== 'open') return null;
      const isNew = held.sessionId === null;
      if (isNew) await this.checkouts.save(held.opened(session.sessionId, session.url));
      return { ...session, isNew };
    });
  }

  private close({ id }: PlanCheckout, state: 'complete' | 'expired'): Promise<void> {
    return this.transaction.run(async () => {
      const held = await this.checkouts.hold(id);
      if (held.state === 'open') await this.checkouts.save(held.closed(state));
    });
  }
}

interface SessionFound extends SubscriptionCheckoutState {
  /** Whether this request opened it. */
  readonly isNew: boolean;
}

/** A trial is given once to a user, ever. */
function hadTrial(subscriptions: readonly Subscription[]): boolean {
  return subscriptions.some(({ trialEnd }) => trialEnd !== null);
}
