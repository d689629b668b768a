import type { UserId } from '#domain/accounts/user';
import { boundary } from '#domain/usage/billing-period';
import type { Hold } from '#domain/usage/hold';
import {
  NothingToUndo,
  PeriodAlreadyReset,
  type PeriodReset,
  type PeriodResetRepository,
} from '#domain/usage/period-reset';
import { InMemoryPeriodUsage } from './in-memory-period-usage.js';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

interface Row {
  readonly reset: PeriodReset;
  readonly undoneAt: Date | null;
}

export class InMemoryPeriodResetRepository implements PeriodResetRepository {
  private readonly rows: Table<Row>;
  private readonly holds: Table<Hold>;
  private readonly counters: InMemoryPeriodUsage;

  constructor(private readonly transaction: InMemoryTransaction) {
    this.rows = transaction.table('period_resets');
    this.holds = transaction.table('holds');
    this.counters = new InMemoryPeriodUsage(transaction);
  }

  async add(reset: PeriodReset): Promise<void> {
    this.transaction.mustRun();
    const begun = this.of(reset.userId).some((one) => one.reset.newStart.getTime() === reset.newStart.getTime());
    if (begun) throw new PeriodAlreadyReset(reset.userId, reset.newStart);
    this.rows.put(reset.id, { reset, undoneAt: null });
  }

  async latest(userId: UserId): Promise<PeriodReset> {
    this.transaction.mustRun();
    const latest = this.of(userId)
      .filter(({ undoneAt }) => undoneAt === null)
      .map(({ reset }) => reset)
      .sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime() || (one.id < other.id ? 1 : -1))[0];
    if (!latest) throw new NothingToUndo(userId);
    return latest;
  }

  async isOverruled(userId: UserId, actor: string, since: Date): Promise<boolean> {
    this.transaction.mustRun();
    return this.of(userId).some(
      ({ reset, undoneAt }) => reset.newStart >= since && (reset.actor === actor) === (undoneAt !== null),
    );
  }

  async undo(
    reset: PeriodReset,
    by: { readonly actor: string; readonly reason: string; readonly at: Date },
  ): Promise<void> {
    const { userId, newStart, endedPeriod } = reset;
    const since = startsSince(newStart, by.at);
    for (const start of since) {
      if (!this.counters.of(userId, start).merged) this.counters.merge(userId, start, endedPeriod.start);
    }
    for (const hold of this.holds.all()) {
      const isSince = since.some((start) => start.getTime() === hold.periodStart?.getTime());
      if (hold.userId !== userId || hold.state !== 'open' || !isSince) continue;
      const moved = Object.assign(Object.create(Object.getPrototypeOf(hold) as object) as Hold, hold, {
        periodStart: endedPeriod.start,
      });
      this.holds.put(`${hold.sessionId}:${hold.attempt}`, moved);
    }
    this.rows.put(reset.id, { reset, undoneAt: by.at });
  }

  private of(userId: UserId): Row[] {
    return this.rows.all().filter(({ reset }) => reset.userId === userId);
  }
}

/** More than one only for a user whose period had been open. */
function startsSince(newStart: Date, now: Date): Date[] {
  const starts = [newStart];
  for (let k = 1; boundary(newStart, k) <= now; k++) starts.push(boundary(newStart, k));
  return starts;
}
