import type { UserId } from '../accounts/user.js';
import type { RateCardId } from '../providers/rate-card.js';
import type { SessionId } from '../sessions/session.js';
import { Duration } from '../shared/duration.js';
import type { Id } from '../shared/id.js';
import { Money } from '../shared/money.js';
import type { Outcome, TranscriptionType } from './transcription-type.js';

export type UsageLogId = Id<'UsageLog'>;

/**
 * One immutable entry: what ran, how long, what it cost, under which plan and price, whose retry it is.
 * It carries its own copy of everything it tells, so that nothing deleted elsewhere can change what was used.
 */
export class UsageLog {
  constructor(
    readonly id: UsageLogId,
    readonly userId: UserId,
    readonly sessionId: SessionId,
    /** With the session the business key: one attempt is logged once. */
    readonly attempt: number,
    /** The billing period that it counts in; null is the open period. */
    readonly periodStart: Date | null,
    readonly transcriptionType: TranscriptionType,
    readonly outcome: Outcome,
    /** The first entry of the session, for every entry that is not `original`. */
    readonly parentLogId: UsageLogId | null,
    /** Identifies the recording. */
    readonly uploadKey: string,
    /** Length of the audio that was worked on, as the provider reports it or else as we measured it. */
    readonly audioSeconds: number,
    /** What counts against the plan: all of it for a billable success, else nothing. */
    readonly countedSeconds: number,
    readonly countedTranscriptions: 0 | 1,
    readonly billable: boolean,
    readonly billingReason: string,
    readonly costMicros: bigint,
    /** What the provider charges us for it, whoever pays in the end. */
    readonly providerCostMicros: bigint,
    readonly provider: string,
    readonly model: string,
    readonly rateCardId: RateCardId,
    readonly plan: string,
    readonly planVersion: string,
    readonly planLimits: Readonly<Record<string, unknown>>,
    readonly language: string,
    readonly filename: string | null,
    readonly fileBytes: number | null,
    readonly providerMetadata: Readonly<Record<string, unknown>>,
    readonly startedAt: Date,
    readonly completedAt: Date,
  ) {}

  get counted(): Duration {
    return Duration.ofSeconds(this.countedSeconds);
  }

  get cost(): Money {
    return Money.ofMicros(this.costMicros);
  }
}

/** Why an entry costs what it costs, in the words shown to people. */
export function billingReason(type: TranscriptionType, outcome: Outcome): string {
  if (outcome === 'failed') return 'transcription_failed';
  return { original: 'transcription_completed', retry_failed: 'retry_after_failure', retry_success: 'retranscription' }[
    type
  ];
}
