import { injectable } from 'inversify';
import type { UserId } from '#domain/accounts/user';
import { DECIDED, Payment, PaymentCorrection, type PaymentId, PaymentNotFound } from '#domain/payments/payment';
import type { PaymentRepository } from '#domain/payments/payment-repository';
import type { Page, PageOf } from '#domain/shared/page';
import { In, MoreThanOrEqual } from 'typeorm';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class TypeOrmPaymentRepository implements PaymentRepository {
  constructor(private readonly database: TypeOrmTransaction) {}

  async get(id: PaymentId, userId: UserId): Promise<Payment> {
    const payment = await this.database.reader.findOneBy(Payment, { id, userId });
    if (!payment) throw new PaymentNotFound(id);
    return payment;
  }

  find(id: PaymentId): Promise<Payment | null> {
    return this.database.reader.findOneBy(Payment, { id });
  }

  async findByReference(
    gateway: string,
    { checkoutId, paymentIntentId }: { readonly checkoutId: string | null; readonly paymentIntentId: string | null },
  ): Promise<Payment | null> {
    const wanted = [
      ...(checkoutId === null ? [] : [{ gateway, checkoutId }]),
      ...(paymentIntentId === null ? [] : [{ gateway, paymentIntentId }]),
    ];
    return wanted.length === 0 ? null : this.database.reader.findOneBy(Payment, wanted);
  }

  async addOnce(payment: Payment): Promise<Payment> {
    await this.database.writer.createQueryBuilder().insert().into(Payment).values(payment).orIgnore().execute();
    const { userId, requestKey } = payment;
    return this.database.reader.findOneByOrFail(Payment, { userId, requestKey });
  }

  async hold(id: PaymentId): Promise<Payment> {
    const payment = await this.database.writer.findOne(Payment, {
      where: { id },
      lock: { mode: 'for_no_key_update' },
    });
    if (!payment) throw new PaymentNotFound(id);
    return payment;
  }

  async save(payment: Payment): Promise<void> {
    const { id, status, checkoutId, checkoutUrl, paymentIntentId, problem, refundedMinor, disputedMinor } = payment;
    const { expiresAt, completedAt, updatedAt, version } = payment;
    await this.database.writer.update(
      Payment,
      { id },
      {
        status,
        checkoutId,
        checkoutUrl,
        paymentIntentId,
        problem,
        refundedMinor,
        disputedMinor,
        expiresAt,
        completedAt,
        updatedAt,
        version,
      },
    );
  }

  correctionsOf(paymentId: PaymentId): Promise<readonly PaymentCorrection[]> {
    return this.database.reader.find(PaymentCorrection, {
      where: { paymentId },
      order: { createdAt: 'ASC', id: 'ASC' },
    });
  }

  async saveCorrection(correction: PaymentCorrection): Promise<void> {
    await this.database.writer.upsert(PaymentCorrection, correction, ['id']);
  }

  async listOf(userId: UserId, { limit, offset }: Page): Promise<PageOf<Payment>> {
    const [items, total] = await this.database.reader.findAndCount(Payment, {
      where: { userId },
      order: { createdAt: 'DESC', id: 'DESC' },
      take: limit,
      skip: offset,
    });
    return { items, total };
  }

  async listUnfinished(gateway: string, before: Date, limit: number): Promise<readonly Payment[]> {
    // Two branches, each with an index of its own; the statuses stand in that index as they stand here.
    const rows = await this.database.reader.query<{ id: PaymentId }[]>(
      `select id from (
         select id, created_at from payments where gateway = $1 and created_at < $2 and status in ('pending', 'processing')
         union
         select p.id, p.created_at from payment_corrections c join payments p on p.id = c.payment_id
          where p.gateway = $1 and p.created_at < $2 and c.status not in (${DECIDED.map((status) => `'${status}'`).join(', ')})
       ) unfinished order by created_at, id limit $3`,
      [gateway, before, limit],
    );
    const ids = rows.map(({ id }) => id);
    return this.database.reader.find(Payment, { where: { id: In(ids) }, order: { createdAt: 'ASC', id: 'ASC' } });
  }

  countPending(userId: UserId, since: Date): Promise<number> {
    return this.database.reader.countBy(Payment, { userId, status: 'pending', createdAt: MoreThanOrEqual(since) });
  }

  async findCustomer(userId: UserId, gateway: string): Promise<string | null> {
    const rows = await this.database.reader.query<{ customer_id: string }[]>(
      'select customer_id from payment_customers where user_id = $1 and gateway = $2 and gone_at is null',
      [userId, gateway],
    );
    return rows[0]?.customer_id ?? null;
  }

  async addCustomerOnce(userId: UserId, gateway: string, customerId: string, now: Date): Promise<string> {
    await this.database.writer.query(
      `insert into payment_customers (user_id, gateway, customer_id, created_at) values ($1, $2, $3, $4)
       on conflict (user_id, gateway) where gone_at is null do nothing`,
      [userId, gateway, customerId, now],
    );
    return (await this.findCustomer(userId, gateway))!;
  }

  async retireCustomer(gateway: string, customerId: string, now: Date): Promise<void> {
    await this.database.writer.query(
      'update payment_customers set gone_at = $3 where gateway = $1 and customer_id = $2 and gone_at is null',
      [gateway, customerId, now],
    );
  }
}
