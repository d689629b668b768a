import { RefusalLog } from '#domain/usage/refusal';
import { Clock } from '../ports/clock.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS_KEPT = 90;
const NEWEST_KEPT = 100;
const BATCH = 5000;

/** Lets refusals go that are older than 90 days, and all but the newest 100 of each user. */
@UseCase()
export class RefusalSweep {
  constructor(
    private readonly refusals: RefusalLog,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  /** How many were let go. Each batch is a transaction, so an interruption loses nothing. */
  async execute(): Promise<number> {
    const before = new Date(this.clock.now().getTime() - DAYS_KEPT * DAY_MS);
    for (let swept = 0; ;) {
      const batch = await this.transaction.run(() =>
        this.refusals.removeBeyond({ before, newest: NEWEST_KEPT }, BATCH),
      );
      swept += batch;
      if (batch < BATCH) return swept;
    }
  }
}
