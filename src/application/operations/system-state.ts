/** What waits in the job queue. */
export interface QueueState {
  /** Jobs whose time has come and that nobody works on. */
  readonly due: number;
  /** Since when the oldest of them is due; null when none is. */
  readonly oldestDueAt: Date | null;
  /** Jobs that failed as often as they may: nobody will touch them again. */
  readonly dead: number;
}

/** How long workers know that something is to be done again and again, by the database's clock, which is the world's. */
export interface ScheduleState {
  readonly knownForMs: number;
  /** Since it was last set going; null when its time never came yet. */
  readonly ranMsAgo: number | null;
}

/** What of the payments needs somebody's attention. */
export interface PaymentsState {
  /** Events that failed as often as they may. */
  readonly deadEvents: number;
  /** Events received before `late` and not handled, and when the oldest of them came. */
  readonly lateEvents: number;
  readonly oldestLateAt: Date | null;
  /** Payments that wait for a person's decision. */
  readonly inReview: number;
  /** Payments that are pending although their checkout ended before `stale`. */
  readonly overdue: number;
  /** Whether anything was bought before `stale`. */
  readonly hasPayments: boolean;
}

/** What an operator looks at when something seems wrong. Reads alone, and none that a busy installation would feel. */
export abstract class SystemState {
  abstract queue(now: Date): Promise<QueueState>;

  /** Workers that gave a sign of life within so many seconds, by the clock that they all beat by. */
  abstract countWorkersSeen(withinSeconds: number): Promise<number>;

  /** Holds that are open although they ran out before `before`: work that was lost and not yet swept up. */
  abstract countExpiredHolds(before: Date): Promise<number>;

  abstract payments(late: Date, stale: Date): Promise<PaymentsState>;

  /** Null when no worker ever knew of it. */
  abstract schedule(task: 'reconcile_payments' | 'verify_books'): Promise<ScheduleState | null>;

  /** Names of the migrations that the database lacks, in the order in which they run. */
  abstract pendingMigrations(): Promise<readonly string[]>;

  /** How many users are on each plan. */
  abstract plansInUse(): Promise<readonly { readonly plan: string; readonly users: number }[]>;

  /** Why recordings cannot be written here, or null when they can. */
  abstract uploadsRefusal(): Promise<string | null>;
}
