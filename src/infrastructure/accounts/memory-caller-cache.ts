import { injectable } from 'inversify';
import { LRUCache } from 'lru-cache';
import type { Caller } from '#application/accounts/authentication';
import type { CallerCache } from '#application/accounts/caller-cache';

@injectable()
export class MemoryCallerCache implements CallerCache {
  /** The promise is one second; the rest of it is left for requests under way. */
  private readonly callers = new LRUCache<string, Caller>({ max: 10_000, ttl: 800 });

  get(key: string): Caller | null {
    return this.callers.get(key) ?? null;
  }

  set(key: string, caller: Caller): void {
    this.callers.set(key, caller);
  }

  clear(): void {
    this.callers.clear();
  }
}
