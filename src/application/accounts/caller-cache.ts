import type { Caller } from './authentication.js';

/** Callers by the hash of their key, for less than a second: how long a revoked key may live on in one process. */
export abstract class CallerCache {
  abstract get(keyHash: string): Caller | null;
  abstract set(keyHash: string, caller: Caller): void;
  abstract clear(): void;
}
