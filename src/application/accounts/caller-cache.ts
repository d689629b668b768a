import type { Caller } from './authentication.js';

/**
 * Callers by the key they presented, for less than a second: how long a revoked key may live on in one process. By the key
 * and not its hash, because hashing it again is what a warm request is spared; it never leaves this process's memory.
 */
export abstract class CallerCache {
  abstract get(key: string): Caller | null;
  abstract set(key: string, caller: Caller): void;
  abstract clear(): void;
}
