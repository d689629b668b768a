import {
  CheckoutNotFound,
  type GatewayCheckout,
  type PaymentGateway,
  type PaymentReference,
} from '#application/payments/payment-gateway';
import type { PaymentNotice } from '#domain/payments/payment-event';

export const GATEWAY = 'stripe-test';

/** A provider whose checkouts a test writes down, and that keeps what it was asked. */
export class WrittenPaymentGateway implements PaymentGateway {
  readonly name = GATEWAY;
  readonly checkouts = new Map<string, GatewayCheckout>();
  readonly asked: string[] = [];
  /** Checkouts that cannot be asked about, and why. */
  readonly faults = new Map<string, Error>();
  touched: readonly string[] = [];

  constructor(private readonly transaction: { readonly isRunning: boolean }) {}

  createCustomer = (): Promise<never> => Promise.reject(new Error('not asked for'));
  hasCustomer = (): Promise<never> => Promise.reject(new Error('not asked for'));
  openCheckout = (): Promise<never> => Promise.reject(new Error('not asked for'));

  async getCheckout(id: string): Promise<GatewayCheckout> {
    this.mustBeOutside();
    this.asked.push(id);
    if (this.faults.has(id)) throw this.faults.get(id)!;
    const checkout = this.checkouts.get(id);
    if (!checkout) throw new CheckoutNotFound(id);
    return checkout;
  }

  async findCheckout({ checkoutId, paymentIntentId }: PaymentReference): Promise<GatewayCheckout | null> {
    this.mustBeOutside();
    const all = [...this.checkouts.values()];
    return (
      all.find(
        (one) => one.checkoutId === checkoutId || (paymentIntentId && one.paymentIntentId === paymentIntentId),
      ) ?? null
    );
  }

  referenceIn({ payload }: PaymentNotice): PaymentReference | null {
    const { checkout = null, intent = null } = payload as { checkout?: string; intent?: string };
    return checkout || intent ? { checkoutId: checkout, paymentIntentId: intent, chargeId: null } : null;
  }

  async *checkoutsTouchedSince(): AsyncIterable<PaymentReference> {
    for (const checkoutId of this.touched) yield { checkoutId, paymentIntentId: null, chargeId: null };
  }

  private mustBeOutside(): void {
    if (this.transaction.isRunning) throw new Error('The world outside was asked inside a transaction.');
  }
}
