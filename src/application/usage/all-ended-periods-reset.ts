import type { Operator } from '../accounts/user-change.js';
import { AuditLog } from '#domain/accounts/audit-log';
import { BillingPeriod } from '#domain/usage/billing-period';
import { Clock } from '../ports/clock.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { type Batch, type StoredPeriod, StoredPeriods } from './stored-periods.js';

const BATCH = 5_000;
/** The shortest period there is: a start younger than this has not ended, whatever its anchor. */
const SHORTEST_PERIOD_MS = 28 * 24 * 60 * 60 * 1000;
/** Walks in one run. Users who are held in each of them are busy, and are derived right all the same. */
const MOST_WALKS = 3;

export interface ResetProgress {
  /** Users looked at so far, and those of them whose stored period had ended. */
  readonly seen: number;
  readonly moved: number;
}

export interface AllEndedReset extends ResetProgress {
  /** Users whose stored period has ended and who were held by somebody else in every walk. */
  readonly left: number;
  /** False after a dry run: nothing was changed, and `moved` is what would be. */
  readonly done: boolean;
}

/**
 * Brings the stored start of every user whose period has ended to the start of the one that contains now. Decisions do
 * not wait for it, since every period is derived from the anchor; stored starts that are right are for reports and for
 * people who read the table. There is nothing to zero, and the anchor stays.
 *
 * Each batch is a transaction of its own: interrupted, everything that was told of is kept, and the next run goes on.
 * Two runs at once leave each other's users alone.
 */
@UseCase()
export class AllEndedPeriodsReset {
  constructor(
    private readonly stored: StoredPeriods,
    private readonly audit: AuditLog,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  async execute(
    operator: Operator,
    { dryRun }: { readonly dryRun: boolean },
    progress: (so: ResetProgress) => void = () => undefined,
  ): Promise<AllEndedReset> {
    const now = this.clock.now();
    if (dryRun) return { ...(await this.walk((cursor) => this.look(cursor, now), progress)), left: 0, done: false };

    let moved = 0;
    for (let walk = 1; ; walk++) {
      const pass = await this.walk(
        (cursor) => this.move(cursor, now, operator),
        (so) => progress({ seen: so.seen, moved: moved + so.moved }),
      );
      moved += pass.moved;
      const left = (
        await this.walk(
          (cursor) => this.look(cursor, now),
          () => undefined,
        )
      ).moved;
      if (left === 0 || walk === MOST_WALKS) return { seen: pass.seen, moved, left, done: true };
    }
  }

  private async walk(
    step: (cursor: string | null) => Promise<{ readonly batch: Batch; readonly moved: number }>,
    progress: (so: ResetProgress) => void,
  ): Promise<ResetProgress> {
    let so: ResetProgress = { seen: 0, moved: 0 };
    for (let cursor: string | null = null; ;) {
      const { batch, moved } = await step(cursor);
      so = { seen: so.seen + batch.periods.length, moved: so.moved + moved };
      progress(so);
      if (batch.next === null) return so;
      cursor = batch.next;
    }
  }

  private async look(cursor: string | null, now: Date): Promise<{ batch: Batch; moved: number }> {
    const batch = await this.stored.list(oldestOpen(now), cursor, BATCH);
    return { batch, moved: ended(batch.periods, now).length };
  }

  private move(
    cursor: string | null,
    now: Date,
    { actor, reason }: Operator,
  ): Promise<{ batch: Batch; moved: number }> {
    return this.transaction.run(async () => {
      const batch = await this.stored.hold(oldestOpen(now), cursor, BATCH);
      const moves = ended(batch.periods, now);
      if (moves.length > 0) {
        await this.stored.move(moves);
        const after = { moved: moves.length, now: now.toISOString() };
        await this.audit.append({ actor, action: 'period.reset_all_ended', userId: null, reason, before: null, after });
      }
      return { batch, moved: moves.length };
    });
  }
}

function oldestOpen(now: Date): Date {
  return new Date(now.getTime() - SHORTEST_PERIOD_MS);
}

/** Where the periods that are over should begin. */
function ended(periods: readonly StoredPeriod[], now: Date): readonly Pick<StoredPeriod, 'userId' | 'start'>[] {
  return periods.flatMap(({ userId, start: stored, anchor }) => {
    const start = BillingPeriod.containing(now, anchor).start;
    return start !== null && start > stored ? [{ userId, start }] : [];
  });
}
