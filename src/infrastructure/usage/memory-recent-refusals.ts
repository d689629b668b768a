import { injectable } from 'inversify';
import { LRUCache } from 'lru-cache';
import type { RecentRefusals } from '#application/usage/recent-refusals';
import type { UserId } from '#domain/accounts/user';

const SECOND_MS = 1000;

/** A singleton of its process. By the clock of the product and not by the timer of the library, so that a second is a second. */
@injectable()
export class MemoryRecentRefusals implements RecentRefusals {
  private readonly kept = new LRUCache<string, number>({ max: 10_000 });

  isRepeated(userId: UserId, cause: string, now: Date): boolean {
    const key = `${userId} ${cause}`;
    const last = this.kept.get(key);
    // A clock that was set back must not silence anybody.
    if (last !== undefined && Math.abs(now.getTime() - last) < SECOND_MS) return true;
    this.kept.set(key, now.getTime());
    return false;
  }
}
