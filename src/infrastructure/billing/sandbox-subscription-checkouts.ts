import { randomBytes } from 'node:crypto';
import { injectable } from 'inversify';
import { CheckoutOver } from '#application/billing/sandbox-subscription-desk';
import type { SubscriptionCheckoutState, SubscriptionOrder } from '#application/billing/subscription-gateway';
import { CheckoutSettings } from '#application/payments/checkout-settings';
import { CheckoutNotFound } from '#application/payments/payment-gateway';
import { Clock } from '#application/ports/clock';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

/** The sandbox's checkouts of subscriptions: one for an order, open until it is paid, replaced or out of time. */
@injectable()
export class SandboxSubscriptionCheckouts {
  constructor(
    private readonly database: TypeOrmTransaction,
    private readonly settings: CheckoutSettings,
    private readonly clock: Clock,
  ) {}

  async open(order: SubscriptionOrder): Promise<SubscriptionCheckoutState> {
    const { id, customerId, priceId, trialDays, successUrl, cancelUrl, expiresAt } = order;
    const session = `cs_sandbox_${randomBytes(18).toString('base64url')}`;
    const rows = await this.database.run(async () => {
      await this.database.writer.query(
        `insert into sandbox_subscription_checkouts (id, order_id, customer_id, price_id, trial_days, success_url, cancel_url, state,
                                                     created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $9) on conflict (order_id) do nothing`,
        [session, id, customerId, priceId, trialDays, successUrl, cancelUrl, this.clock.now(), expiresAt],
      );
      return this.database.reader.query<CheckoutRow[]>(`${CHECKOUT} where order_id = $1`, [id]);
    });
    return this.stateOf(rows[0]!);
  }

  /** Throws CheckoutNotFound. */
  async get(sessionId: string): Promise<CheckoutRow> {
    const [row] = await this.database.reader.query<CheckoutRow[]>(`${CHECKOUT} where id = $1`, [sessionId]);
    if (!row) throw new CheckoutNotFound(sessionId);
    return row;
  }

  /** Nothing happens to one that was paid. Throws CheckoutNotFound. */
  async expire(sessionId: string): Promise<SubscriptionCheckoutState> {
    await this.database.run(() =>
      this.database.writer.query(
        `update sandbox_subscription_checkouts set state = 'expired' where id = $1 and state = 'open'`,
        [sessionId],
      ),
    );
    return this.stateOf(await this.get(sessionId));
  }

  /**
   * Completes it by what `sell` makes of it, once: afterwards it is what was sold that is answered. Throws CheckoutNotFound, and
   * CheckoutOver for one that was not paid in time or was replaced.
   */
  complete(sessionId: string, sell: (row: CheckoutRow) => Promise<string>): Promise<string> {
    return this.database.run(async () => {
      const [row] = await this.database.writer.query<CheckoutRow[]>(`${CHECKOUT} where id = $1 for update`, [
        sessionId,
      ]);
      if (!row) throw new CheckoutNotFound(sessionId);
      if (row.subscription_id !== null) return row.subscription_id;
      if (this.stateOf(row).state !== 'open') throw new CheckoutOver(sessionId);
      const sold = await sell(row);
      await this.database.writer.query(
        `update sandbox_subscription_checkouts set state = 'complete', subscription_id = $2 where id = $1`,
        [sessionId, sold],
      );
      return sold;
    });
  }

  stateOf({ id, state, expires_at }: CheckoutRow): SubscriptionCheckoutState {
    const now = state === 'open' && expires_at <= this.clock.now() ? 'expired' : state;
    const url = new URL(`/sandbox/subscribe/${id}`, this.settings.publicUrl).href;
    return { sessionId: id, state: now, url: now === 'open' ? url : null };
  }
}

export interface CheckoutRow {
  readonly id: string;
  readonly order_id: string;
  readonly customer_id: string;
  readonly price_id: string;
  readonly trial_days: number;
  readonly success_url: string;
  readonly cancel_url: string;
  readonly state: 'open' | 'complete' | 'expired';
  readonly subscription_id: string | null;
  readonly expires_at: Date;
}

const CHECKOUT = `
  select id, order_id, customer_id, price_id, trial_days, success_url, cancel_url, state, subscription_id, expires_at
    from sandbox_subscription_checkouts`;
