import type { Money } from '../shared/money.js';
import type { CreditTransactionId } from './credit-transaction.js';

/** Promotional credit is spent before paid credit. */
export const CREDIT_CATEGORIES = ['promotional', 'paid'] as const;
export type CreditCategory = (typeof CREDIT_CATEGORIES)[number];

/** Credit that came in at once, and what is left of it. */
export class CreditGrant {
  constructor(
    /** That of the entry which brought it. */
    readonly id: CreditTransactionId,
    readonly category: CreditCategory,
    readonly amount: Money,
    readonly remaining: Money,
    /** The part of what remains that open holds have reserved. */
    readonly held: Money,
    /** It stops counting at this instant; null never. */
    readonly expiresAt: Date | null,
    readonly createdAt: Date,
  ) {}

  /** What can be spent or held. */
  get free(): Money {
    return this.remaining.minus(this.held);
  }

  isExpiredAt(now: Date): boolean {
    return this.expiresAt !== null && this.expiresAt <= now;
  }

  /** Itself when it is over before. */
  endedAt(now: Date): CreditGrant {
    return this.isExpiredAt(now) ? this : this.with({ expiresAt: now });
  }

  reserve(amount: Money): CreditGrant {
    return this.with({ held: this.held.plus(amount) });
  }

  unreserve(amount: Money): CreditGrant {
    return this.with({ held: this.held.minus(amount) });
  }

  spend(amount: Money): CreditGrant {
    return this.with({ remaining: this.remaining.minus(amount) });
  }

  private with(changes: Partial<Pick<CreditGrant, 'remaining' | 'held' | 'expiresAt'>>): CreditGrant {
    return Object.assign(Object.create(CreditGrant.prototype) as CreditGrant, this, changes);
  }
}

/** Promotional before paid, what expires first before what stays, the oldest first. */
export function bySpendingOrder(one: CreditGrant, other: CreditGrant): number {
  return (
    CREDIT_CATEGORIES.indexOf(one.category) - CREDIT_CATEGORIES.indexOf(other.category) ||
    (one.expiresAt?.getTime() ?? Number.MAX_VALUE) - (other.expiresAt?.getTime() ?? Number.MAX_VALUE) ||
    one.createdAt.getTime() - other.createdAt.getTime() ||
    (one.id < other.id ? -1 : 1)
  );
}
