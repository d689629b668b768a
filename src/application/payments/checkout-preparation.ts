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
import { type GatewayCheckout, PaymentGateway } from './payment-gateway.js';

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
    const customerId = await this.customerOf(request.userId);
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
        successUrl: successUrl === null ? `${page}&outcome=success` : this.allowed(successUrl),
        cancelUrl: cancelUrl === null ? `${page}&outcome=cancelled` : this.allowed(cancelUrl),
      },
      now,
    );
  }

  /** The address as it was given, if it leads to an origin that is allowed. */
  private allowed(url: string): string {
    const { publicUrl, allowedOrigins } = this.settings;
    const origins = [new URL(publicUrl).origin, ...allowedOrigins];
    const parsed = URL.canParse(url) ? new URL(url) : null;
    if (parsed === null || !origins.includes(parsed.origin) || !leadsWhereItSays(url, parsed)) {
      throw new ReturnUrlNotAllowed(url, origins);
    }
    return url;
  }

  private async customerOf(userId: UserId): Promise<string> {
    const { name: gateway } = this.gateway;
    const known = await this.payments.findCustomer(userId, gateway);
    if (known !== null) return known;
    const { email, name } = await this.users.get(userId);
    const made = await this.gateway.createCustomer({ userId, email, name });
    return this.transaction.run(() => this.payments.addCustomerOnce(userId, gateway, made, this.clock.now()));
  }
}

/**
 * A `blob:` address has the origin of the page that made it. A user name would be shown to the buyer as if it were the host. And
 * of backslashes, blanks and control characters, every reader of addresses makes something else.
 */
function leadsWhereItSays(url: string, { protocol, username, password }: URL): boolean {
  return /^https?:$/.test(protocol) && username === '' && password === '' && /^[^\\\s\p{Cc}]+$/u.test(url);
}

/** A checkout sends buyers on; it must not be made to send them anywhere. */
export class ReturnUrlNotAllowed extends DomainException {
  constructor(url: string, allowed: readonly string[]) {
    super(
      'return_url_not_allowed',
      `Buyers can be sent back to these origins alone: ${allowed.join(', ')}. Others are allowed with ALLOWED_ORIGINS.`,
      { url, allowed },
      'invalid',
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
