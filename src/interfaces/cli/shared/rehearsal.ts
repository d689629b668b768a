import type { Transaction } from '#application/ports/transaction';

/**
 * Runs `deed` in one transaction, which is undone when this is a dry run: what would happen, refusals included, is
 * known by letting it happen.
 */
export async function perform<T>(transaction: Transaction, dryRun: boolean, deed: () => Promise<T>): Promise<T> {
  if (!dryRun) return transaction.run(deed);
  try {
    return await transaction.run(async () => {
      throw new Rehearsed(await deed());
    });
  } catch (error) {
    if (error instanceof Rehearsed) return error.result as T;
    throw error;
  }
}

/** Thrown to undo the transaction, never to be seen. */
class Rehearsed extends Error {
  constructor(readonly result: unknown) {
    super('A dry run is undone.');
  }
}
