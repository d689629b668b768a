import type { Transaction } from './ports/transaction.js';

/** What `deed` would do is known by letting it happen, refusals included, in a transaction that is undone. */
export async function rehearsed<T>(transaction: Transaction, deed: () => Promise<T>): Promise<T> {
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
