import type { UserId } from '../accounts/user.js';
import { BudgetExceeded } from '../budgets/budget-ledger.js';
import { InsufficientCredits } from '../credits/credit-account.js';
import { FileTooLarge, LimitExceeded } from '../plans/plan-limits.js';
import type { DomainException, Facts, Refusal } from '../shared/domain-exception.js';
import type { Id } from '../shared/id.js';
import type { Page, PageOf } from '../shared/page.js';

const BUDGET_FIGURES = ['limit_micros', 'used_micros', 'held_micros'] as const;
const CAUSES = ['budget', 'reason', 'limit', 'limit_micros'] as const;

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

  /** Without the figures of a budget that its user may not see (any more). Itself when it has none. */
  withoutFigures(): KeptRefusal {
    if (!BUDGET_FIGURES.some((name) => name in this.facts)) return this;
    const { id, userId, at, code, kind, message, route, requestId } = this;
    const told = Object.entries(this.facts).filter(([name]) => !BUDGET_FIGURES.some((figure) => figure === name));
    return new KeptRefusal(id, userId, at, code, kind, message, Object.fromEntries(told), route, requestId);
  }

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

/** What tells one cause from another: which rule refused, which budget, why, and by what limit. What was asked for tells nothing of it. */
export function causeOf({ code, facts }: Pick<KeptRefusal, 'code' | 'facts'>): string {
  return JSON.stringify([code, ...CAUSES.map((name) => facts[name] ?? null)]);
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
