import type { UserId } from '#domain/accounts/user';
import type { PlanCheckout, PlanCheckoutId, SubscriptionCheckouts } from '#domain/billing/subscription-checkouts';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

export class InMemorySubscriptionCheckouts implements SubscriptionCheckouts {
  private readonly rows: Table<PlanCheckout>;

  constructor(private readonly transaction: InMemoryTransaction) {
    this.rows = transaction.table('subscription_checkouts');
  }

  async addOnce(checkout: PlanCheckout): Promise<PlanCheckout> {
    this.transaction.mustRun();
    const open = this.rows.all().find(({ userId, state }) => userId === checkout.userId && state === 'open');
    if (open) return open;
    this.rows.put(checkout.id, checkout);
    return checkout;
  }

  async hold(id: PlanCheckoutId): Promise<PlanCheckout> {
    this.transaction.hold(`checkout ${id}`);
    const held = this.rows.get(id);
    if (!held) throw new Error(`There is no checkout ${id}.`);
    return held;
  }

  async save(checkout: PlanCheckout): Promise<void> {
    this.transaction.mustHold(`checkout ${checkout.id}`);
    this.rows.put(checkout.id, checkout);
  }

  async listOf(userId: UserId): Promise<readonly PlanCheckout[]> {
    return this.rows
      .all()
      .filter((one) => one.userId === userId)
      .sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime() || (one.id > other.id ? -1 : 1));
  }
}
