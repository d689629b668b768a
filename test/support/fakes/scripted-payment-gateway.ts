import {
  type Buyer,
  CheckoutNotFound,
  type GatewayCheckout,
  type GatewayCorrection,
  type PaymentGateway,
  PaymentProviderUnavailable,
  type PaymentReference,
} from '#application/payments/payment-gateway';
import type { Payment } from '#domain/payments/payment';
import type { PaymentNotice } from '#domain/payments/payment-event';

/**
 * A provider in memory that keeps the promises of its port: one customer for each user, one checkout for each payment. A test
 * says what buyers and banks do, and whether the provider can be reached.
 */
export class ScriptedPaymentGateway implements PaymentGateway {
  readonly customers = new Map<string, string>();
  readonly checkouts = new Map<string, GatewayCheckout>();
  readonly deletedCustomers = new Set<string>();
  /** How often each question was asked, also when the answer was lost. */
  readonly calls = { createCustomer: 0, openCheckout: 0, getCheckout: 0 };
  /** `before`: nothing was done. `after`: it was done, and the answer was lost. */
  away: 'never' | 'before' | 'after' = 'never';

  constructor(
    private readonly transaction: { readonly isRunning: boolean },
    readonly name = 'stripe-test',
  ) {}

  createCustomer({ userId }: Buyer, gone: string | null = null): Promise<string> {
    return this.asked('createCustomer', () => {
      const known = this.customers.get(userId);
      if (known === undefined || known === gone) this.customers.set(userId, gone ? `${gone}_next` : `cus_${userId}`);
      return this.customers.get(userId)!;
    });
  }

  hasCustomer(customerId: string): Promise<boolean> {
    return Promise.resolve(!this.deletedCustomers.has(customerId));
  }

  openCheckout(payment: Payment): Promise<GatewayCheckout> {
    return this.asked('openCheckout', () => {
      const { id: paymentId, userId, amountMinor, currency, expiresAt } = payment;
      const checkoutId = `cs_${paymentId}`;
      const url = `https://pay.example.com/${checkoutId}`;
      const order = { checkoutId, paymentId, userId, url, amountMinor, currency, expiresAt };
      const fresh = { ...order, state: 'open' as const, paymentIntentId: null, failure: null, corrections: [] };
      if (!this.checkouts.has(checkoutId)) this.checkouts.set(checkoutId, fresh);
      return this.checkouts.get(checkoutId)!;
    });
  }

  getCheckout(checkoutId: string): Promise<GatewayCheckout> {
    return this.asked('getCheckout', () => this.of(checkoutId));
  }

  async findCheckout({ checkoutId, paymentIntentId }: PaymentReference): Promise<GatewayCheckout | null> {
    const all = [...this.checkouts.values()];
    const named = (one: GatewayCheckout): boolean =>
      one.checkoutId === checkoutId || (paymentIntentId !== null && one.paymentIntentId === paymentIntentId);
    return all.find(named) ?? null;
  }

  referenceIn({ payload }: PaymentNotice): PaymentReference | null {
    const { checkout } = payload as { readonly checkout?: string };
    return checkout === undefined ? null : { checkoutId: checkout, paymentIntentId: null, chargeId: null };
  }

  async *checkoutsTouchedSince(): AsyncIterable<PaymentReference> {
    for (const checkoutId of this.checkouts.keys()) yield { checkoutId, paymentIntentId: null, chargeId: null };
  }

  pay(checkoutId: string): void {
    this.change(checkoutId, { state: 'paid', paymentIntentId: `pi_${checkoutId}` });
  }

  fail(checkoutId: string, failure: string): void {
    this.change(checkoutId, { state: 'failed', failure });
  }

  expire(checkoutId: string): void {
    this.change(checkoutId, { state: 'expired' });
  }

  /** Adds a refund or a dispute, or changes the one with this id. */
  correct(checkoutId: string, correction: GatewayCorrection): void {
    const others = this.of(checkoutId).corrections.filter(({ id }) => id !== correction.id);
    this.change(checkoutId, { corrections: [...others, correction] });
  }

  /** Whatever a provider should never say. */
  change(checkoutId: string, changes: Partial<GatewayCheckout>): void {
    this.checkouts.set(checkoutId, { ...this.of(checkoutId), ...changes });
  }

  private of(checkoutId: string): GatewayCheckout {
    const checkout = this.checkouts.get(checkoutId);
    if (!checkout) throw new CheckoutNotFound(checkoutId);
    return checkout;
  }

  private async asked<T>(question: keyof ScriptedPaymentGateway['calls'], work: () => T): Promise<T> {
    this.calls[question]++;
    if (this.transaction.isRunning) throw new Error('The world outside was asked inside a transaction.');
    if (this.away === 'before') throw new PaymentProviderUnavailable(this.name);
    const done = work();
    if (this.away === 'after') throw new PaymentProviderUnavailable(this.name);
    return done;
  }
}
