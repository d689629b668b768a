import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { creditsOf } from '#domain/credits/credit';
import { CreditOffers, pricedAmount, type PricedOrder, pricedPackage } from '#domain/payments/credit-package';
import { Payment, PaymentGatewayChanged, type PaymentId, PaymentRequestReused } from '#domain/payments/payment';
import { PaymentRepository } from '#domain/payments/payment-repository';
import { DomainException } from '#domain/shared/domain-exception';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { CheckoutSettings } from './checkout-settings.js';
import { PaymentCustomer } from './payment-customer.js';
import { type GatewayCheckout, PaymentGateway } from './payment-gateway.js';
import { allowedReturnUrl } from './return-urls.js';

/** What a buyer asks for. Never how much credit that is. */
export interface CheckoutRequest {
  readonly userId: UserId;
  /** The caller's Idempotency-Key; null when it sent none. */
  readonly idempotencyKey: string | null;
  readonly wish: { readonly packageId: string } | { readonly amountMinor: number };
  readonly currency: string;
  /** Null: a page of this service. */
  readonly successUrl: string | null;
  readonly cancelUrl: string | null;
}

export interface PreparedCheckout {
  readonly payment: Payment;
  /** Null when the payment was opened by an earlier run of the same request. */
  readonly checkout: GatewayCheckout | null;
}

/** So many purchases that nobody paid may one user begin within an hour. */
export const MOST_PENDING = 20;
const HOUR_MS = 60 * 60 * 1000;

/**
 * Opens a checkout at the provider: the row first, then the one customer, then the checkout, each under a key of its own, so that the
 * whole may be cut off anywhere and repeated from the beginning: one row, one customer, one checkout.
 */
@UseCase()
export class CheckoutPreparation {
  constructor(
    private readonly users: UserRepository,
    private readonly payments: PaymentRepository,
    private readonly offers: CreditOffers,
    private readonly customer: PaymentCustomer,
    private readonly gateway: PaymentGateway,
    private readonly settings: CheckoutSettings,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
  ) {}

  /**
   * Throws PackageUnknown, CurrencyNotOffered, InvalidValue, ReturnUrlNotAllowed, TooManyOpenCheckouts, PaymentRequestReused,
   * CheckoutExpired and PaymentProviderUnavailable.
   */
  async execute(request: CheckoutRequest): Promise<PreparedCheckout> {
    const payment = await this.ordered(request, this.priced(request));
    if (payment.checkoutUrl !== null) return { payment, checkout: null };
    if (payment.gateway !== this.gateway.name) throw new PaymentGatewayChanged(payment, this.gateway.name);
    if (!payment.canBeOpenedAt(this.clock.now())) throw new CheckoutExpired(payment);
    const customerId = await this.customer.execute(request.userId);
    const description = `${creditsOf(payment.credit)} credits`;
    return { payment, checkout: await this.gateway.openCheckout(payment, customerId, description) };
  }

  private priced({ wish, currency }: CheckoutRequest): PricedOrder {
    const { offer } = this.offers;
    return 'packageId' in wish
      ? pricedPackage(offer, wish.packageId, currency)
      : pricedAmount(offer, wish.amountMinor, currency);
  }

  private ordered(request: CheckoutRequest, price: PricedOrder): Promise<Payment> {
    const { userId } = request;
    const id: PaymentId = this.ids.next();
    const now = this.clock.now();
    const order = this.orderOf(id, request, price, now);
    return this.transaction.run(async () => {
      // One purchase of a user after the other: those that begin at the same time would not count each other.
      await this.users.hold(userId);
      const kept = await this.payments.addOnce(order);
      if (!kept.isSameOrderAs(this.orderOf(kept.id, request, price, now))) throw new PaymentRequestReused(kept);
      const since = new Date(now.getTime() - HOUR_MS);
      if (kept.id === id && (await this.payments.countPending(userId, since)) > MOST_PENDING) {
        throw new TooManyOpenCheckouts(MOST_PENDING);
      }
      return kept;
    });
  }

  /** What the request orders under this id, which the addresses of our own page name. */
  private orderOf(id: PaymentId, request: CheckoutRequest, price: PricedOrder, now: Date): Payment {
    const { userId, idempotencyKey, successUrl, cancelUrl } = request;
    const { packageId, amountMinor, currency, credit } = price;
    const page = `${this.settings.publicUrl}/checkout/return?payment_id=${id}`;
    return Payment.ordered(
      {
        id,
        userId,
        gateway: this.gateway.name,
        requestKey: idempotencyKey === null ? `id:${id}` : `key:${idempotencyKey}`,
        packageId,
        amountMinor,
        currency,
        creditMicros: credit.micros,
        successUrl: successUrl === null ? `${page}&outcome=success` : allowedReturnUrl(successUrl, this.settings),
        cancelUrl: cancelUrl === null ? `${page}&outcome=cancelled` : allowedReturnUrl(cancelUrl, this.settings),
      },
      now,
    );
  }
}

export class TooManyOpenCheckouts extends DomainException {
  constructor(limit: number) {
    super(
      'too_many_open_checkouts',
      `Within the last hour ${limit} purchases were begun and not paid. Pay one of them, or wait.`,
      { limit, window_seconds: HOUR_MS / 1000 },
      'conflict',
    );
  }
}

/** The same request, repeated so late that the provider no longer knows it: opening it again could open a second one. */
export class CheckoutExpired extends DomainException {
  constructor({ id, expiresAt }: Payment) {
    super(
      'checkout_expired',
      'This purchase was begun too long ago to be opened now. Begin a new one, with a new Idempotency-Key.',
      { payment_id: id, expires_at: expiresAt.toISOString() },
      'conflict',
    );
  }
}
