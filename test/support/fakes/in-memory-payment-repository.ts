import type { UserId } from '#domain/accounts/user';
import {
  DECIDED,
  type Payment,
  type PaymentCorrection,
  type PaymentId,
  PaymentNotFound,
} from '#domain/payments/payment';
import type { PaymentRepository } from '#domain/payments/payment-repository';
import type { Page, PageOf } from '#domain/shared/page';
import type { InMemoryTransaction } from './in-memory-transaction.js';

/** Which customer a user is at which provider. */
export interface CustomerRow {
  readonly userId: UserId;
  readonly gateway: string;
  readonly customerId: string;
  /** Deleted at the provider. */
  readonly isGone: boolean;
}

export class InMemoryPaymentRepository implements PaymentRepository {
  private readonly payments;
  private readonly corrections;
  private readonly customers;

  constructor(private readonly transaction: InMemoryTransaction) {
    this.payments = transaction.table<Payment>('payments');
    this.corrections = transaction.table<PaymentCorrection>('payment_corrections');
    this.customers = transaction.table<CustomerRow>('payment_customers');
  }

  async get(id: PaymentId, userId: UserId): Promise<Payment> {
    const payment = this.payments.get(id);
    if (payment?.userId !== userId) throw new PaymentNotFound(id);
    return payment;
  }

  async find(id: PaymentId): Promise<Payment | null> {
    return this.payments.get(id);
  }

  async findByReference(
    gateway: string,
    { checkoutId, paymentIntentId }: { readonly checkoutId: string | null; readonly paymentIntentId: string | null },
  ): Promise<Payment | null> {
    const named = (payment: Payment): boolean =>
      (checkoutId !== null && payment.checkoutId === checkoutId) ||
      (paymentIntentId !== null && payment.paymentIntentId === paymentIntentId);
    return this.payments.all().find((payment) => payment.gateway === gateway && named(payment)) ?? null;
  }

  async addOnce(payment: Payment): Promise<Payment> {
    this.transaction.mustRun();
    const { userId, requestKey } = payment;
    const known = this.payments.all().find((one) => one.userId === userId && one.requestKey === requestKey);
    if (known) return known;
    this.payments.put(payment.id, payment);
    return payment;
  }

  async hold(id: PaymentId): Promise<Payment> {
    this.transaction.hold(`payment ${id}`);
    const payment = this.payments.get(id);
    if (!payment) throw new PaymentNotFound(id);
    return payment;
  }

  async save(payment: Payment): Promise<void> {
    this.transaction.mustHold(`payment ${payment.id}`);
    this.payments.put(payment.id, payment);
  }

  async correctionsOf(id: PaymentId): Promise<readonly PaymentCorrection[]> {
    return this.corrections
      .all()
      .filter(({ paymentId }) => paymentId === id)
      .sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime() || (one.id < other.id ? -1 : 1));
  }

  async saveCorrection(correction: PaymentCorrection): Promise<void> {
    this.transaction.mustHold(`payment ${correction.paymentId}`);
    this.corrections.put(correction.id, correction);
  }

  async listOf(userId: UserId, { limit, offset }: Page): Promise<PageOf<Payment>> {
    const all = this.payments
      .all()
      .filter((payment) => payment.userId === userId)
      .sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime() || (one.id > other.id ? -1 : 1));
    return { items: all.slice(offset, offset + limit), total: all.length };
  }

  async listUnfinished(gateway: string, before: Date, limit: number): Promise<readonly Payment[]> {
    return this.payments
      .all()
      .filter((one) => one.gateway === gateway)
      .filter((one) => one.status === 'pending' || one.status === 'processing' || this.isUndecided(one))
      .filter(({ createdAt }) => createdAt < before)
      .sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime() || (one.id < other.id ? -1 : 1))
      .slice(0, limit);
  }

  private isUndecided({ id }: Payment): boolean {
    return this.corrections.all().some(({ paymentId, status }) => paymentId === id && !DECIDED.includes(status));
  }

  async countPending(userId: UserId, since: Date): Promise<number> {
    return this.payments
      .all()
      .filter((one) => one.userId === userId && one.status === 'pending' && one.createdAt >= since).length;
  }

  async findCustomer(userId: UserId, gateway: string): Promise<string | null> {
    const isTheirs = (one: CustomerRow): boolean => one.userId === userId && one.gateway === gateway && !one.isGone;
    return this.customers.all().find(isTheirs)?.customerId ?? null;
  }

  async addCustomerOnce(userId: UserId, gateway: string, customerId: string): Promise<string> {
    this.transaction.mustRun();
    const known = await this.findCustomer(userId, gateway);
    if (known !== null) return known;
    this.customers.put(`${gateway} ${customerId}`, { userId, gateway, customerId, isGone: false });
    return customerId;
  }

  async retireCustomer(gateway: string, customerId: string): Promise<void> {
    this.transaction.mustRun();
    const known = this.customers.get(`${gateway} ${customerId}`);
    if (known !== null) this.customers.put(`${gateway} ${customerId}`, { ...known, isGone: true });
  }
}
