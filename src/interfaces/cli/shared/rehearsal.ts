import type { Transaction } from '#application/ports/transaction';
import { rehearsed } from '#application/rehearsal';

/** Runs `deed` in one transaction, which is undone when this is a dry run. */
export function perform<T>(transaction: Transaction, dryRun: boolean, deed: () => Promise<T>): Promise<T> {
  return dryRun ? rehearsed(transaction, deed) : transaction.run(deed);
}
