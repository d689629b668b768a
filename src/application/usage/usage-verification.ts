import type { UserId } from '#domain/accounts/user';
import { UseCase } from '../use-case.js';
import { type CounterDifference, type LooseEnd, UsageReconciliation } from './usage-reconciliation.js';

/** A broken book is told of by its first thousand findings of each kind. */
const MOST_FINDINGS = 1_000;

const LOOSE_ENDS = [
  'open_hold_without_attempt',
  'log_with_open_hold',
  'completed_session_without_log',
] as const satisfies readonly LooseEnd['kind'][];

export interface VerificationReport {
  /** Rows of counters that were recomputed. */
  readonly checked: number;
  /** Empty when the book is right. */
  readonly findings: readonly (CounterDifference | LooseEnd)[];
  /** True when there are more findings than are listed. */
  readonly truncated: boolean;
}

/**
 * Recomputes every counter from the evidence (rows of sessions, entries of the usage log) and names each difference, and
 * looks for paid work that was begun without a hold, or ended without a settlement or an entry.
 */
@UseCase()
export class UsageVerification {
  constructor(private readonly books: UsageReconciliation) {}

  /** Of one user, or of everybody (null). */
  async execute(userId: UserId | null): Promise<VerificationReport> {
    const lists: (readonly (CounterDifference | LooseEnd)[])[] = [
      await this.books.differences(userId, MOST_FINDINGS + 1),
    ];
    for (const kind of LOOSE_ENDS) lists.push(await this.books.looseEnds(kind, userId, MOST_FINDINGS + 1));
    return {
      checked: await this.books.countersOf(userId),
      findings: lists.flatMap((list) => list.slice(0, MOST_FINDINGS)),
      truncated: lists.some((list) => list.length > MOST_FINDINGS),
    };
  }
}
