import type { UserId } from '../accounts/user.js';
import type { RateCardId } from '../providers/rate-card.js';
import type { TranscriptionType } from '../usage/transcription-type.js';
import type { SessionId } from './session.js';

/** One run of one recording through a provider, as it was ordered. */
export class TranscriptionAttempt {
  constructor(
    readonly sessionId: SessionId,
    readonly attempt: number,
    readonly userId: UserId,
    readonly type: TranscriptionType,
    readonly provider: string,
    readonly model: string,
    /** The price it was held by, and is charged by, whatever changes meanwhile. */
    readonly rateCardId: RateCardId,
    readonly uploadKey: string,
    /** As measured by us at confirmation. */
    readonly audioSeconds: number,
    /** The provider's own name of the order, once it has told us. */
    readonly externalId: string | null,
    readonly startedAt: Date,
  ) {}

  /** The same for every delivery of this attempt, and for no other. */
  get key(): string {
    return `${this.sessionId}:${this.attempt}`;
  }

  accepted(externalId: string): TranscriptionAttempt {
    return Object.assign(Object.create(TranscriptionAttempt.prototype) as TranscriptionAttempt, this, { externalId });
  }
}

export abstract class TranscriptionAttemptRepository {
  /** Needs a running transaction. */
  abstract add(attempt: TranscriptionAttempt): Promise<void>;
  abstract save(attempt: TranscriptionAttempt): Promise<void>;
  /** Null when it was never ordered. Not by owner: the worker asks, on behalf of nobody. */
  abstract find(sessionId: SessionId, attempt: number): Promise<TranscriptionAttempt | null>;
}
