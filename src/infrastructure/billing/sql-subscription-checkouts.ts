import { injectable } from 'inversify';
import type { UserId } from '#domain/accounts/user';
import type { BillingCycle } from '#domain/billing/billing-cycle';
import {
  PlanCheckout,
  type PlanCheckoutId,
  type PlanCheckoutState,
  type SubscriptionCheckouts,
} from '#domain/billing/subscription-checkouts';
import type { PlanName } from '#domain/plans/plan-name';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlSubscriptionCheckouts implements SubscriptionCheckouts {
  constructor(private readonly database: TypeOrmTransaction) {}

  async addOnce(checkout: PlanCheckout): Promise<PlanCheckout> {
    const { id, userId, gateway, sold, priceId, trialDays, successUrl, cancelUrl, createdAt, expiresAt } = checkout;
    for (;;) {
      await this.database.writer.query(
        `insert into subscription_checkouts (id, user_id, gateway, plan, cycle, price_id, trial_days, success_url, cancel_url, state,
                                             created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', $10, $11)
         on conflict (user_id) where state = 'open' do nothing`,
        [
          ...[id, userId, gateway, sold.plan, sold.cycle, priceId, trialDays, successUrl, cancelUrl],
          createdAt,
          expiresAt,
        ],
      );
      const [open] = await this.list(`where user_id = $1 and state = 'open'`, [userId]);
      // The one that was in the way may have been closed since.
      if (open) return open;
    }
  }

  async hold(id: PlanCheckoutId): Promise<PlanCheckout> {
    void this.database.writer; // The lock lasts as long as the transaction that takes it.
    const [held] = await this.list('where id = $1 for no key update', [id]);
    if (!held) throw new Error(`There is no checkout ${id}.`);
    return held;
  }

  async save({ id, sessionId, url, state }: PlanCheckout): Promise<void> {
    await this.database.writer.query(
      'update subscription_checkouts set session_id = $2, url = $3, state = $4 where id = $1',
      [id, sessionId, url, state],
    );
  }

  listOf(userId: UserId): Promise<readonly PlanCheckout[]> {
    return this.list('where user_id = $1 order by created_at desc, id desc', [userId]);
  }

  private async list(where: string, values: readonly unknown[]): Promise<readonly PlanCheckout[]> {
    const rows = await this.database.reader.query<CheckoutRow[]>(`select * from subscription_checkouts ${where}`, [
      ...values,
    ]);
    return rows.map(checkoutOf);
  }
}

interface CheckoutRow {
  readonly id: PlanCheckoutId;
  readonly user_id: UserId;
  readonly gateway: string;
  readonly plan: PlanName;
  readonly cycle: BillingCycle;
  readonly price_id: string;
  readonly trial_days: number;
  readonly success_url: string;
  readonly cancel_url: string;
  readonly session_id: string | null;
  readonly url: string | null;
  readonly state: PlanCheckoutState;
  readonly created_at: Date;
  readonly expires_at: Date;
}

function checkoutOf(row: CheckoutRow): PlanCheckout {
  return new PlanCheckout(
    row.id,
    row.user_id,
    row.gateway,
    { plan: row.plan, cycle: row.cycle },
    row.price_id,
    row.trial_days,
    row.success_url,
    row.cancel_url,
    row.session_id,
    row.url,
    row.state,
    row.created_at,
    row.expires_at,
  );
}
