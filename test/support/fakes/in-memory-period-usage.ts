import type { UserId } from '#domain/accounts/user';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

/** The counters of one user in one period, as the table `period_usage` keeps them. */
export interface Counters {
  readonly sessions: number;
  readonly seconds: number;
  readonly transcriptions: number;
  /** True when a reset was undone: what was counted here counts elsewhere, and nothing more is admitted. */
  readonly merged: boolean;
}

const NOTHING: Counters = { sessions: 0, seconds: 0, transcriptions: 0, merged: false };

/** Shared by the fakes of sessions, holds and logs, as the table is by their statements. */
export class InMemoryPeriodUsage {
  private readonly rows: Table<Counters>;

  constructor(transaction: InMemoryTransaction) {
    this.rows = transaction.table('period_usage');
  }

  of(userId: UserId, start: Date | null): Counters {
    return this.find(userId, start) ?? NOTHING;
  }

  /** Null when nothing was ever counted or held in this period. */
  find(userId: UserId, start: Date | null): Counters | null {
    return this.rows.get(key(userId, start));
  }

  add(userId: UserId, start: Date | null, more: Partial<Omit<Counters, 'merged'>>): void {
    const counted = this.of(userId, start);
    this.rows.put(key(userId, start), {
      sessions: counted.sessions + (more.sessions ?? 0),
      seconds: counted.seconds + (more.seconds ?? 0),
      transcriptions: counted.transcriptions + (more.transcriptions ?? 0),
      merged: counted.merged,
    });
  }

  /** Lets what was counted from `start` on count in the period that begins at `into`. */
  merge(userId: UserId, start: Date | null, into: Date | null): void {
    const undone = this.of(userId, start);
    this.rows.put(key(userId, start), { ...undone, merged: true });
    this.add(userId, into, {
      sessions: undone.sessions,
      seconds: undone.seconds,
      transcriptions: undone.transcriptions,
    });
  }
}

function key(userId: UserId, start: Date | null): string {
  return `${userId}@${start?.toISOString() ?? '-infinity'}`;
}
