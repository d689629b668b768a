import { Stripe } from 'stripe';
import {
  type Changeable,
  type ChangePreview,
  type Endable,
  type ImmediateChange,
  type PortalFlow,
  type SubscriptionCheckoutState,
  type SubscriptionGateway,
  SubscriptionMoved,
  type SubscriptionOrder,
} from '#application/billing/subscription-gateway';
import { CheckoutNotFound } from '#application/payments/payment-gateway';
import { Clock } from '#application/ports/clock';
import type { Log } from '#application/ports/log';
import type { InvoiceSnapshot } from '#domain/billing/invoice';
import { NoSubscription } from '#domain/billing/running-subscription';
import type { SubscriptionSnapshot } from '#domain/billing/subscription';
import type { PaymentNotice } from '#domain/payments/payment-event';
import { idOf, isMissing, PAGE, StripeClient } from '../payments/stripe-client.js';
import type { StripeSettings } from '../payments/stripe-settings.js';
import { StripeCustomerFile } from './stripe-customer-file.js';
import { StripePlanChanges } from './stripe-plan-changes.js';
import { customerInStripeEvent, LISTED_EVENTS } from './stripe-subscription-events.js';
import { keyOf, StripeSubscriptionSchedules } from './stripe-subscription-schedules.js';
import { secondsOf } from './stripe-subscription-snapshots.js';

/** Stripe lists the events of 30 days (https://docs.stripe.com/api/events/list); one day is left for the way. */
const EVENTS_KEPT_MS = 29 * 24 * 60 * 60 * 1000;

/** Stripe's subscriptions behind our port. Nothing of its types leaves this folder. */
export class StripeSubscriptionGateway implements SubscriptionGateway {
  readonly name: string;
  private readonly client: StripeClient;
  private readonly stripe: Stripe;
  private readonly files: StripeCustomerFile;
  private readonly schedules: StripeSubscriptionSchedules;
  private readonly changes: StripePlanChanges;

  constructor(
    settings: StripeSettings,
    private readonly clock: Clock,
    log: Log,
  ) {
    this.name = settings.gateway;
    this.client = new StripeClient(settings);
    this.stripe = this.client.stripe;
    this.files = new StripeCustomerFile(this.client, log);
    this.schedules = new StripeSubscriptionSchedules(this.client);
    this.changes = new StripePlanChanges(this.client, this.schedules);
  }

  openCheckout(order: SubscriptionOrder): Promise<SubscriptionCheckoutState> {
    const { id, userId, customerId, priceId, trialDays, successUrl, cancelUrl, expiresAt } = order;
    const metadata = { checkout_id: id, user_id: userId };
    return this.client.asked(async () => {
      // Everything comes from the row: the same key with other parameters is an error, as it should be.
      const session = await this.stripe.checkout.sessions.create(
        {
          mode: 'subscription',
          customer: customerId,
          client_reference_id: userId,
          line_items: [{ price: priceId, quantity: 1 }],
          adaptive_pricing: { enabled: false },
          // A trial without a card would end in a subscription that nobody pays for.
          payment_method_collection: 'always',
          metadata,
          subscription_data: { metadata, ...(trialDays > 0 && { trial_period_days: trialDays }) },
          success_url: successUrl,
          cancel_url: cancelUrl,
          expires_at: secondsOf(expiresAt),
        },
        { idempotencyKey: `subscription-checkout:${id}:${customerId}` },
      );
      return checkoutOf(session);
    });
  }

  async getCheckout(sessionId: string): Promise<SubscriptionCheckoutState> {
    const session = await this.client.found(() =>
      this.stripe.checkout.sessions.retrieve(sessionId, { expand: ['customer'] }),
    );
    if (!session) throw new CheckoutNotFound(sessionId);
    const checkout = checkoutOf(session);
    // Nobody can pay one whose customer was deleted.
    const { customer } = session;
    const isOver = checkout.state === 'open' && typeof customer === 'object' && customer?.deleted === true;
    return isOver ? { sessionId, state: 'expired', url: null } : checkout;
  }

  async expireCheckout(sessionId: string): Promise<SubscriptionCheckoutState> {
    const checkout = await this.getCheckout(sessionId);
    if (checkout.state !== 'open') return checkout;
    try {
      const { sessions } = this.stripe.checkout;
      const key = { idempotencyKey: `expire-checkout:${sessionId}` };
      return checkoutOf(await this.client.asked(() => sessions.expire(sessionId, {}, key)));
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error;
      // Paid or expired meanwhile.
      const now = await this.getCheckout(sessionId);
      if (now.state === 'open') throw error;
      return now;
    }
  }

  async openPortal(
    customerId: string,
    flow: PortalFlow | null,
    externalId: string | null,
    returnUrl: string,
  ): Promise<string> {
    const flowData = flowOf(flow, externalId, returnUrl);
    const session = await this.client.found(() =>
      this.stripe.billingPortal.sessions.create({
        customer: customerId,
        return_url: returnUrl,
        ...(flowData && { flow_data: flowData }),
      }),
    );
    // The customer was deleted there, and so was all that it had.
    if (!session) throw new NoSubscription();
    return session.url;
  }

  listSubscriptions(customerId: string): Promise<readonly SubscriptionSnapshot[]> {
    return this.files.subscriptionsOf(customerId);
  }

  listInvoices(customerId: string, since: Date | null): Promise<readonly InvoiceSnapshot[]> {
    return this.files.invoicesOf(customerId, since);
  }

  previewChange(subscription: Changeable, change: ImmediateChange): Promise<ChangePreview> {
    return this.changes.preview(subscription, change);
  }

  changeNow(decided: Changeable, change: ImmediateChange, key: string): Promise<void> {
    return this.unmoved(decided, () => this.changes.carryOut(decided, change, key));
  }

  changeAtPeriodEnd(decided: Changeable, priceId: string, key: string): Promise<void> {
    return this.unmoved(decided, async () => {
      // Stripe would let a schedule take the place of a cancellation.
      await this.mustBeAs(decided);
      await this.schedules.change(decided.externalId, priceId, key);
    });
  }

  async dropScheduledChange({ externalId }: Endable, key: string): Promise<void> {
    const { schedule } = await this.client.asked(() => this.stripe.subscriptions.retrieve(externalId));
    if (schedule) await this.schedules.release(idOf(schedule)!, key);
  }

  cancel(decided: Endable, when: 'period_end' | 'now', key: string): Promise<void> {
    const { externalId } = decided;
    if (when === 'now') return this.cancelNow(externalId);
    return this.unmoved(decided, async () => {
      // Stripe lets nobody end a subscription that a schedule manages.
      await this.dropScheduledChange(decided, key);
      await this.client.asked(() =>
        this.stripe.subscriptions.update(
          externalId,
          { cancel_at_period_end: true },
          { idempotencyKey: `${keyOf(key)}:cancel` },
        ),
      );
    });
  }

  reactivate(decided: Changeable, key: string): Promise<void> {
    const { externalId } = decided;
    return this.unmoved(decided, async () => {
      const { cancel_at_period_end: flag, cancel_at: cancelAt } = await this.client.asked(() =>
        this.stripe.subscriptions.retrieve(externalId),
      );
      if (!flag && cancelAt === null) return;
      const back = flag ? { cancel_at_period_end: false } : { cancel_at: '' as const };
      await this.client.asked(() =>
        this.stripe.subscriptions.update(externalId, back, { idempotencyKey: `${keyOf(key)}:reactivate` }),
      );
    });
  }

  customerIn({ payload }: PaymentNotice): string | null {
    return customerInStripeEvent(payload);
  }

  async *customersTouchedSince(since: Date): AsyncIterable<string> {
    const seen = new Set<string>();
    const isNew = (id: string | null): id is string => id !== null && seen.size < seen.add(id).size;
    const created = { gte: secondsOf(since) };
    const types = [...LISTED_EVENTS];
    for await (const event of this.client.all(this.stripe.events.list({ created, types, limit: PAGE }))) {
      const customer = customerInStripeEvent(event);
      if (isNew(customer)) yield customer;
    }
    if (this.clock.now().getTime() - since.getTime() < EVENTS_KEPT_MS) return;
    // Nobody can say any more which of them moved.
    for await (const one of this.client.all(this.stripe.subscriptions.list({ status: 'all', limit: PAGE }))) {
      const customer = idOf(one.customer);
      if (isNew(customer)) yield customer;
    }
  }

  /** Keys are for POST alone, so a second one finds that the first was enough. */
  private async cancelNow(externalId: string): Promise<void> {
    const hasEnded = async (): Promise<boolean> => {
      const { ended_at: endedAt } = await this.client.asked(() => this.stripe.subscriptions.retrieve(externalId));
      return endedAt !== null;
    };
    if (await hasEnded()) return;
    try {
      await this.client.asked(() => this.stripe.subscriptions.cancel(externalId));
    } catch (error) {
      if (!isMissing(error) || !(await hasEnded())) throw error;
    }
  }

  /** What Stripe refuses because the subscription is no longer what was decided by is no fault: SubscriptionMoved. */
  private async unmoved<T>(decided: Endable & Partial<Changeable>, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error;
      await this.mustBeAs(decided, error);
      throw error;
    }
  }

  /** Throws SubscriptionMoved. */
  private async mustBeAs(decided: Endable & Partial<Changeable>, cause?: unknown): Promise<void> {
    const { externalId, priceId, endedAt } = decided;
    const now = await this.client.found(() => this.stripe.subscriptions.retrieve(externalId));
    // Nobody ever knew it: that is a fault.
    if (now === null) return;
    const isSame =
      (now.ended_at === null) === (endedAt === null) &&
      (now.cancel_at_period_end || now.cancel_at !== null) ===
        (decided.cancelAtPeriodEnd || decided.cancelAt != null) &&
      (priceId === undefined || now.items.data.some(({ price }) => price.id === priceId));
    if (!isSame) throw new SubscriptionMoved(externalId, { cause });
  }
}

function checkoutOf({ id, status, url }: Stripe.Checkout.Session): SubscriptionCheckoutState {
  const ended = (['complete', 'expired'] as const).find((state) => state === status);
  return ended ? { sessionId: id, state: ended, url: null } : { sessionId: id, state: 'open', url };
}

function flowOf(
  flow: PortalFlow | null,
  externalId: string | null,
  returnUrl: string,
): Stripe.BillingPortal.SessionCreateParams.FlowData | null {
  const back = { type: 'redirect' as const, redirect: { return_url: returnUrl } };
  if (flow === 'payment_method') return { type: 'payment_method_update', after_completion: back };
  // Without a subscription there is nothing to cancel: the whole portal says so.
  if (flow === null || externalId === null) return null;
  return { type: 'subscription_cancel', subscription_cancel: { subscription: externalId }, after_completion: back };
}
