import type { UserId } from '../accounts/user.js';
import { BudgetExceeded } from '../budgets/budget-ledger.js';
import { InsufficientCredits } from '../credits/credit-account.js';
import { FileTooLarge, LimitExceeded } from '../plans/plan-limits.js';
import type { DomainException, Facts, Refusal } from '../shared/domain-exception.js';
import type { Id } from '../shared/id.js';
import type { Page, PageOf } from '../shared/page.js';

export type RefusalId = Id<'Refusal'>;

/** What a user was refused because plan, credit or budget did not allow it, with the numbers that were compared then. */
export class KeptRefusal {
  constructor(
    readonly id: RefusalId,
    readonly userId: UserId,
    readonly at: Date,
    readonly code: string,
    readonly kind: Refusal,
    readonly message: string,
    readonly facts: Facts,
    /** The operation that was refused, without what was filled into its path. */
    readonly route: string,
    /** By which the log knows the request. */
    readonly requestId: string,
  ) {}

  /** The fact of this name if it is a number: facts are as they were written, perhaps by an older version. */
  number(name: string): number | null {
    const fact = this.facts[name];
    return typeof fact === 'number' ? fact : null;
  }
}

/**
 * Whether a user is told of it as "why was I blocked": plan, credit or budget did not allow it, and something can be done about
 * that. A missing role, a mistake in the request, or a state that does not fit are no such thing.
 */
export function isAboutAllowance(error: unknown): error is DomainException {
  return (
    error instanceof LimitExceeded ||
    error instanceof FileTooLarge ||
    error instanceof InsufficientCredits ||
    error instanceof BudgetExceeded
  );
}

/** Which refusals are let go. */
export interface RefusalRetention {
  /** Those from before. */
  readonly before: Date;
  /** Those beyond the newest so many of their user. */
  readonly newest: number;
}

/** The refusals of each user, for a while. */
export abstract class RefusalLog {
  /**
   * Kept at once, whatever becomes of any transaction: what is refused is rolled back, and this is what remains of it. A crash of
   * the database may forget the last second of it. Throws when a transaction runs.
   */
  abstract add(refusal: KeptRefusal): Promise<void>;

  /** Newest first. */
  abstract latestOf(userId: UserId, page: Page): Promise<PageOf<KeptRefusal>>;

  /** Lets up to `most` of them go; how many it were. Needs a running transaction. */
  abstract removeBeyond(retention: RefusalRetention, most: number): Promise<number>;
}
