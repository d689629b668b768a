import {
  type Changeable,
  type ChangePreview,
  type ImmediateChange,
  PaymentFailed,
  type PortalFlow,
  type SubscriptionCheckoutState,
  type SubscriptionGateway,
  type SubscriptionOrder,
} from '#application/billing/subscription-gateway';
import { CheckoutNotFound, PaymentProviderUnavailable } from '#application/payments/payment-gateway';
import type { InvoiceSnapshot } from '#domain/billing/invoice';
import type { SubscriptionSnapshot } from '#domain/billing/subscription';
import type { PaymentNotice } from '#domain/payments/payment-event';

export interface RecordedDeed {
  readonly deed: 'changeNow' | 'changeAtPeriodEnd' | 'dropScheduledChange' | 'cancel' | 'reactivate';
  readonly externalId: string;
  readonly key: string;
  readonly priceId?: string;
  readonly at?: Date;
  readonly endsTrial?: true;
  readonly when?: 'period_end' | 'now';
}

/**
 * A provider in memory that keeps the promises of its port: the same checkout for the same order, nothing done twice under one key. A
 * test says what customers and banks do, and whether the provider can be reached.
 */
export class ScriptedSubscriptionGateway implements SubscriptionGateway {
  readonly orders = new Map<string, SubscriptionOrder>();
  readonly checkouts = new Map<string, SubscriptionCheckoutState>();
  /** What was really done, in its order. */
  readonly deeds: RecordedDeed[] = [];
  readonly portals: { flow: PortalFlow | null; externalId: string | null; returnUrl: string }[] = [];
  readonly previews: { priceId: string; at: Date; endsTrial?: true }[] = [];
  /** Since when invoices were asked for. */
  readonly askedInvoices: (Date | null)[] = [];
  invoices: readonly InvoiceSnapshot[] = [];
  /** `before`: nothing was done. `after`: it was done, and the answer was lost. */
  away: 'never' | 'before' | 'after' = 'never';
  /** Whether cards decline. */
  declines = false;
  /** Done once, while the next answer about subscriptions is on its way. */
  meanwhile: (() => Promise<unknown>) | null = null;
  private readonly subscriptions = new Map<string, SubscriptionSnapshot>();

  constructor(
    private readonly transaction: { readonly isRunning: boolean },
    readonly name = 'stripe-test',
  ) {}

  /** Adds a subscription, or changes what is known of the one with its id. */
  put(snapshot: SubscriptionSnapshot): void {
    this.subscriptions.set(snapshot.externalId, snapshot);
  }

  change(externalId: string, changes: Partial<SubscriptionSnapshot>): void {
    this.put({ ...this.of(externalId), ...changes });
  }

  pay(sessionId: string): void {
    this.checkouts.set(sessionId, { sessionId, state: 'complete', url: null });
  }

  expire(sessionId: string): void {
    this.checkouts.set(sessionId, { sessionId, state: 'expired', url: null });
  }

  openCheckout(order: SubscriptionOrder): Promise<SubscriptionCheckoutState> {
    return this.asked(() => {
      const sessionId = `cs_${order.id}`;
      const fresh = { sessionId, state: 'open' as const, url: `https://pay.example.com/${sessionId}` };
      if (!this.checkouts.has(sessionId)) this.checkouts.set(sessionId, fresh);
      this.orders.set(sessionId, order);
      return this.checkouts.get(sessionId)!;
    });
  }

  getCheckout(sessionId: string): Promise<SubscriptionCheckoutState> {
    return this.asked(() => this.checkout(sessionId));
  }

  expireCheckout(sessionId: string): Promise<SubscriptionCheckoutState> {
    return this.asked(() => {
      if (this.checkout(sessionId).state === 'open') this.expire(sessionId);
      return this.checkout(sessionId);
    });
  }

  openPortal(
    customerId: string,
    flow: PortalFlow | null,
    externalId: string | null,
    returnUrl: string,
  ): Promise<string> {
    return this.asked(() => {
      this.portals.push({ flow, externalId, returnUrl });
      return `https://portal.example.com/${customerId}`;
    });
  }

  async listSubscriptions(customerId: string): Promise<readonly SubscriptionSnapshot[]> {
    const all = await this.asked(() => [...this.subscriptions.values()]);
    const meanwhile = this.meanwhile;
    this.meanwhile = null;
    await meanwhile?.();
    return all.filter((one) => one.customerId === customerId);
  }

  listInvoices(customerId: string, since: Date | null): Promise<readonly InvoiceSnapshot[]> {
    return this.asked(() => {
      this.askedInvoices.push(since);
      const isFresh = ({ createdAt, status }: InvoiceSnapshot): boolean =>
        since === null || createdAt >= since || status === 'open';
      return this.invoices.filter((one) => one.customerId === customerId && isFresh(one));
    });
  }

  previewChange(_: Changeable, { priceId, at, endsTrial }: ImmediateChange): Promise<ChangePreview> {
    return this.asked(() => {
      this.previews.push({ priceId, at, ...(endsTrial && { endsTrial }) });
      return { currency: 'usd', lines: [], dueNow: 1234, creditLeft: 0, at };
    });
  }

  changeNow({ externalId }: Changeable, { priceId, at, endsTrial }: ImmediateChange, key: string): Promise<void> {
    return this.done({ deed: 'changeNow', externalId, priceId, at, key, ...(endsTrial && { endsTrial }) }, () => {
      if (this.declines) throw new PaymentFailed('insufficient_funds');
      const over = endsTrial ? ({ status: 'active', trialEnd: at, anchor: at } as const) : {};
      this.change(externalId, { ...over, item: { ...this.of(externalId).item!, priceId }, scheduled: null });
    });
  }

  changeAtPeriodEnd({ externalId, periodEnd }: Changeable, priceId: string, key: string): Promise<void> {
    return this.done({ deed: 'changeAtPeriodEnd', externalId, priceId, key }, () =>
      this.change(externalId, { scheduled: { priceId, at: periodEnd } }),
    );
  }

  dropScheduledChange({ externalId }: Changeable, key: string): Promise<void> {
    return this.done({ deed: 'dropScheduledChange', externalId, key }, () =>
      this.change(externalId, { scheduled: null }),
    );
  }

  cancel({ externalId, periodEnd }: Changeable, when: 'period_end' | 'now', key: string): Promise<void> {
    return this.done({ deed: 'cancel', externalId, when, key }, () =>
      this.change(
        externalId,
        when === 'now'
          ? { status: 'canceled', endedAt: periodEnd }
          : { cancelAtPeriodEnd: true, cancelAt: periodEnd, scheduled: null },
      ),
    );
  }

  reactivate({ externalId }: Changeable, key: string): Promise<void> {
    return this.done({ deed: 'reactivate', externalId, key }, () =>
      this.change(externalId, { cancelAtPeriodEnd: false, cancelAt: null }),
    );
  }

  customerIn({ payload }: PaymentNotice): string | null {
    return (payload as { readonly customer?: string }).customer ?? null;
  }

  async *customersTouchedSince(): AsyncIterable<string> {
    yield* new Set([...this.subscriptions.values()].map(({ customerId }) => customerId));
  }

  private of(externalId: string): SubscriptionSnapshot {
    return this.subscriptions.get(externalId)!;
  }

  private checkout(sessionId: string): SubscriptionCheckoutState {
    const found = this.checkouts.get(sessionId);
    if (!found) throw new CheckoutNotFound(sessionId);
    return found;
  }

  private done(deed: RecordedDeed, work: () => void): Promise<void> {
    return this.asked(() => {
      if (this.deeds.some(({ key }) => key === deed.key)) return;
      work();
      this.deeds.push(deed);
    });
  }

  private async asked<T>(work: () => T): Promise<T> {
    if (this.transaction.isRunning) throw new Error('The world outside was asked inside a transaction.');
    if (this.away === 'before') throw new PaymentProviderUnavailable(this.name);
    const done = work();
    if (this.away === 'after') throw new PaymentProviderUnavailable(this.name);
    return done;
  }
}
