import type { UserId } from '#domain/accounts/user';

/** What was answered to a request that carried an Idempotency-Key. */
export interface KeptAnswer {
  /** Identifies method, path and body: the same key with another fingerprint is a mistake of the caller's. */
  readonly fingerprint: string;
  readonly status: number;
  readonly body: unknown;
}

/** Answers by user and key, kept for ever in the transaction of the effect they report. */
export abstract class IdempotentAnswers {
  abstract find(userId: UserId, key: string): Promise<KeptAnswer | null>;

  /**
   * Runs `produce` in a transaction and keeps its answer there, unless one is kept already: then that one is answered,
   * with `replayed` true. `refused` says what to keep when `produce` throws: an answer (its writes are undone, the
   * answer is kept) or null (nothing is kept, the error goes on). Throws StillRunning while another request with this
   * key is at work.
   */
  abstract once(
    request: { readonly userId: UserId; readonly key: string; readonly fingerprint: string; readonly now: Date },
    produce: () => Promise<{ readonly shown: KeptAnswer; readonly kept: KeptAnswer }>,
    refused: (error: unknown) => KeptAnswer | null,
  ): Promise<{ readonly answer: KeptAnswer; readonly replayed: boolean }>;

  /** Keeps an answer in the running transaction; one that is kept under this key already stays. */
  abstract keep(userId: UserId, key: string, answer: KeptAnswer, now: Date): Promise<void>;
}

export class StillRunning extends Error {}
