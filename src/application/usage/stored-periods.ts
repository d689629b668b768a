import type { UserId } from '#domain/accounts/user';

/** The stored start of a user's period, and the anchor that the right one is computed from. */
export interface StoredPeriod {
  readonly userId: UserId;
  readonly start: Date;
  readonly anchor: Date;
}

/** A walk over all users in the order of their stored starts. */
export interface Batch {
  readonly periods: readonly StoredPeriod[];
  /** Where the next batch begins; null when this was the last. */
  readonly next: string | null;
}

/** The periods that are stored with the users, many at a time. Open ones (of imported users) are none of them. */
export abstract class StoredPeriods {
  /** Those that began at `instant` or before, from `cursor` (null: the first) on. */
  abstract list(instant: Date, cursor: string | null, limit: number): Promise<Batch>;

  /**
   * Like list, and nobody else may hold or change these users until the running transaction ends. Users whom somebody
   * else holds just now are left out: a request under way, or the same walk in another process.
   */
  abstract hold(instant: Date, cursor: string | null, limit: number): Promise<Batch>;

  /** Stores new starts of users held in the running transaction. */
  abstract move(starts: readonly Pick<StoredPeriod, 'userId' | 'start'>[]): Promise<void>;
}
