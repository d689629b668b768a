import type { BillingTurns } from '#application/billing/billing-turns';
import type { UserId } from '#domain/accounts/user';

/** Turns within this process, for as long as it takes. */
export class InMemoryBillingTurns implements BillingTurns {
  private readonly last = new Map<UserId, Promise<unknown>>();

  constructor(private readonly transaction: { readonly isRunning: boolean }) {}

  async alone<T>(userId: UserId, work: () => Promise<T>): Promise<T> {
    if (this.transaction.isRunning) throw new Error('A turn was taken inside a transaction.');
    const before = this.last.get(userId) ?? Promise.resolve();
    const own = before.then(work, work);
    this.last.set(
      userId,
      own.catch(() => undefined),
    );
    return own;
  }
}
