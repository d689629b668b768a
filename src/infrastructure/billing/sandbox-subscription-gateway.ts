import { createHash } from 'node:crypto';
import { injectable } from 'inversify';
import {
  InvoiceNotFound,
  type SandboxPortalSession,
  type SandboxSubscriptionDesk,
  type SubscriptionDeed,
} from '#application/billing/sandbox-subscription-desk';
import {
  type Changeable,
  type ChangePreview,
  type Endable,
  type ImmediateChange,
  PaymentFailed,
  type PortalFlow,
  type SubscriptionCheckoutState,
  type SubscriptionGateway,
  SubscriptionMoved,
  type SubscriptionOrder,
} from '#application/billing/subscription-gateway';
import { CheckoutSettings } from '#application/payments/checkout-settings';
import { Clock } from '#application/ports/clock';
import type { InvoiceSnapshot } from '#domain/billing/invoice';
import type { SubscriptionSnapshot } from '#domain/billing/subscription';
import { wholeSecond } from '#domain/billing/whole-second';
import type { PaymentNotice } from '#domain/payments/payment-event';
import { indexAt, invoicesOf, subscriptionAt } from './sandbox-invoices.js';
import { SandboxPortalSessions } from './sandbox-portal-sessions.js';
import { SandboxPrices } from './sandbox-prices.js';
import {
  bought,
  canceled,
  canceledAtPeriodEnd,
  changed,
  changedNow,
  changeLines,
  paidByHand,
  periodLines,
  resumed,
  type SandboxPrice,
  type SandboxSubscription,
  snapshotOf,
  totalOf,
  trialEndedBy,
  withCard,
} from './sandbox-subscription.js';
import { SandboxSubscriptionCheckouts } from './sandbox-subscription-checkouts.js';
import { SandboxSubscriptions } from './sandbox-subscriptions.js';

/** Subscriptions that cost nothing and say so: they renew, fail and end by the clock, in tables of the same database. */
@injectable()
export class SandboxSubscriptionGateway implements SubscriptionGateway, SandboxSubscriptionDesk {
  readonly name = 'sandbox';

  constructor(
    private readonly subscriptions: SandboxSubscriptions,
    private readonly checkouts: SandboxSubscriptionCheckouts,
    private readonly prices: SandboxPrices,
    private readonly portals: SandboxPortalSessions,
    private readonly settings: CheckoutSettings,
    private readonly clock: Clock,
  ) {}

  openCheckout(order: SubscriptionOrder): Promise<SubscriptionCheckoutState> {
    return this.checkouts.open(order);
  }

  async getCheckout(sessionId: string): Promise<SubscriptionCheckoutState> {
    return this.checkouts.stateOf(await this.checkouts.get(sessionId));
  }

  expireCheckout(sessionId: string): Promise<SubscriptionCheckoutState> {
    return this.checkouts.expire(sessionId);
  }

  async openPortal(
    customerId: string,
    flow: PortalFlow | null,
    _externalId: string | null,
    returnUrl: string,
  ): Promise<string> {
    const id = await this.portals.open(customerId, flow, returnUrl);
    return new URL(`/sandbox/portal/${id}`, this.settings.publicUrl).href;
  }

  getPortal(portalId: string): Promise<SandboxPortalSession> {
    return this.portals.get(portalId);
  }

  async listSubscriptions(customerId: string): Promise<readonly SubscriptionSnapshot[]> {
    return (await this.subscriptions.listOf(customerId)).map(snapshotOf);
  }

  async listInvoices(customerId: string, since: Date | null): Promise<readonly InvoiceSnapshot[]> {
    const all = (await this.subscriptions.listOf(customerId)).flatMap((one) =>
      invoicesOf(one, this.settings.publicUrl),
    );
    return all.filter(({ createdAt, status }) => since === null || createdAt >= since || status === 'open');
  }

  async previewChange({ externalId }: Changeable, { priceId, at, endsTrial }: ImmediateChange): Promise<ChangePreview> {
    const [one, price] = [await this.subscriptions.get(externalId), this.price(priceId)];
    const lines = endsTrial ? periodLines(price) : changeLines(one, price, at);
    const rest = totalOf(lines) - one.balance;
    return { currency: price.currency, lines, dueNow: Math.max(0, rest), creditLeft: Math.max(0, -rest), at };
  }

  async changeNow(decided: Changeable, { priceId, at, endsTrial }: ImmediateChange): Promise<void> {
    const price = this.price(priceId);
    await this.subscriptions.change(decided.externalId, (one, now) => {
      this.mustBeAs(decided, one);
      if (endsTrial && one.status !== 'trialing') throw new SubscriptionMoved(one.id);
      if (one.price.id === price.id) return one;
      const next = endsTrial ? trialEndedBy(one, price, wholeSecond(now)) : changedNow(one, price, at);
      if (next === null) throw new PaymentFailed('card_declined');
      return next;
    });
  }

  async changeAtPeriodEnd(decided: Changeable, priceId: string): Promise<void> {
    const price = this.price(priceId);
    await this.subscriptions.change(decided.externalId, (one) => {
      this.mustBeAs(decided, one);
      return one.scheduled?.id === price.id ? one : changed(one, { scheduled: price });
    });
  }

  async dropScheduledChange(decided: Changeable): Promise<void> {
    await this.subscriptions.change(decided.externalId, (one) => {
      this.mustBeAs(decided, one);
      return one.scheduled ? changed(one, { scheduled: null }) : one;
    });
  }

  async cancel(decided: Endable, when: 'period_end' | 'now'): Promise<void> {
    await this.subscriptions.change(decided.externalId, (one, now) => {
      mustEndAs(decided, one);
      if (when === 'now') return canceled(one, now);
      return canceledAtPeriodEnd(one);
    });
  }

  async reactivate(decided: Changeable): Promise<void> {
    await this.subscriptions.change(decided.externalId, (one) => {
      this.mustBeAs(decided, one);
      return resumed(one);
    });
  }

  customerIn({ payload }: PaymentNotice): string | null {
    const { customer_id: customerId } = payload as { readonly customer_id?: unknown };
    return typeof customerId === 'string' ? customerId : null;
  }

  customersTouchedSince(since: Date): AsyncIterable<string> {
    return this.subscriptions.customersTouchedSince(since);
  }

  async showCheckout(sessionId: string) {
    const row = await this.checkouts.get(sessionId);
    const price = this.price(row.price_id);
    return {
      sessionId,
      customerId: row.customer_id,
      state: this.checkouts.stateOf(row).state,
      name: price.name,
      amountMinor: price.amountMinor,
      currency: price.currency,
      trialDays: row.trial_days,
      successUrl: row.success_url,
      cancelUrl: row.cancel_url,
    };
  }

  async payCheckout(sessionId: string): Promise<PaymentNotice> {
    const sold = await this.checkouts.complete(sessionId, async (row) => {
      // The same subscription for the same checkout, so that a test's world is the same each time.
      const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
      const id = `sub_sandbox_${hashOf(row.order_id).slice(0, 24)}`;
      const secret = hashOf(`invoices:${row.order_id}`);
      const [price, now] = [this.price(row.price_id), wholeSecond(this.clock.now())];
      const balance = await this.subscriptions.takeBalanceOf(row.customer_id);
      await this.subscriptions.keep(bought(id, row.customer_id, price, row.trial_days, now, secret, balance));
      return id;
    });
    return this.noticeOf(await this.subscriptions.get(sold));
  }

  async act(externalId: string, deed: SubscriptionDeed): Promise<PaymentNotice> {
    const one = await this.subscriptions.change(externalId, (before, now) => {
      if (before.endedAt !== null) return before;
      const at = wholeSecond(now);
      switch (deed) {
        case 'use-good-card':
          return withCard(before, true, at);
        case 'use-declining-card':
          return withCard(before, false, at);
        case 'cancel':
          return canceledAtPeriodEnd(before);
        case 'resume':
          return resumed(before);
      }
    });
    return this.noticeOf(one);
  }

  async listOf(customerId: string) {
    return (await this.subscriptions.listOf(customerId)).map((one) => ({
      ...snapshotOf(one),
      name: one.price.name,
      cardPays: one.cardPays,
    }));
  }

  async showInvoice(address: string): Promise<InvoiceSnapshot> {
    const one = await this.invoicedAt(address);
    return invoicesOf(one, this.settings.publicUrl)[indexAt(address, one)]!;
  }

  async payInvoice(address: string): Promise<PaymentNotice> {
    const { id } = await this.invoicedAt(address);
    const paid = await this.subscriptions.change(id, (one, now) =>
      paidByHand(one, indexAt(address, one), wholeSecond(now)),
    );
    return this.noticeOf(paid);
  }

  nextDue(): Promise<Date | null> {
    return this.subscriptions.nextDue();
  }

  async run(limit: number): Promise<readonly PaymentNotice[]> {
    return (await this.subscriptions.run(limit)).map((one) => this.noticeOf(one));
  }

  /** Throws SubscriptionMoved: under the row's lock, so that what was decided by holds when it is done. */
  private mustBeAs(decided: Changeable, one: SandboxSubscription): void {
    mustEndAs(decided, one);
    const next = one.scheduled && this.prices.find(one.scheduled.id);
    const isSame = next?.plan === decided.pending?.plan && next?.cycle === decided.pending?.cycle;
    if (one.price.id !== decided.priceId || !isSame) throw new SubscriptionMoved(one.id);
  }

  private async invoicedAt(address: string): Promise<SandboxSubscription> {
    const id = subscriptionAt(address);
    const one = id === null ? null : await this.subscriptions.find(id);
    if (!one || indexAt(address, one) < 0) throw new InvoiceNotFound(address);
    return one;
  }

  private price(priceId: string): SandboxPrice {
    const price = this.prices.findPrice(priceId);
    if (!price) throw new Error(`The sandbox sells nothing under ${priceId}.`);
    return price;
  }

  /** As a provider would tell it: with an id of its own for every change. */
  private noticeOf({ id, customerId, version, status }: SandboxSubscription): PaymentNotice {
    return {
      id: `evt_${id}_${version}`,
      gateway: this.name,
      type: 'sandbox.subscription.changed',
      apiVersion: null,
      live: false,
      createdAt: this.clock.now(),
      payload: { customer_id: customerId, subscription_id: id, status },
    };
  }
}

/** Throws SubscriptionMoved. */
function mustEndAs(decided: Endable, one: SandboxSubscription): void {
  const isEnded = one.endedAt !== null;
  if (isEnded !== (decided.endedAt !== null) || one.cancelAtPeriodEnd !== decided.cancelAtPeriodEnd) {
    throw new SubscriptionMoved(one.id);
  }
}
