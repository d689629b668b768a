import type { UserId } from '#domain/accounts/user';
import { InvalidValue } from '#domain/shared/domain-exception';

/** Everything of a user that has an instant. */
export const TIMELINE_KINDS = [
  'ai_request',
  'audit',
  'budget_alert',
  'budget_reset',
  'credit',
  'device_created',
  'device_revoked',
  'invoice',
  'notification',
  'page_session',
  'payment',
  'period_reset',
  'refusal',
  'reported_usage',
  'session',
  'subscription',
  'transcription',
] as const;
export type TimelineKind = (typeof TIMELINE_KINDS)[number];

export type TimelineFacts = Readonly<Record<string, unknown>>;

/** One thing that happened to a user, or that a user did. */
export interface TimelineEntry {
  readonly at: Date;
  readonly kind: TimelineKind;
  /** Of its row: an id, and no more, within its kind. */
  readonly id: string;
  /**
   * Micro-USD: of `credit` what the entry changed of the balance, of `transcription`, `ai_request` and `reported_usage` what it cost,
   * of `payment` the credit that it buys, of a budget what was spent in it. Null where no money is in it, or money of another currency.
   */
  readonly amountMicros: bigint | null;
  /** In the minor unit of its own currency: of payments and invoices. */
  readonly money: { readonly amountMinor: number; readonly currency: string } | null;
  /** How much of something was used: seconds of audio, tokens. */
  readonly quantity: { readonly amount: number; readonly unit: string } | null;
  readonly facts: TimelineFacts;
  /** What it has to do with: ids by name, and addresses of documents. */
  readonly links: Readonly<Record<string, string>>;
}

/** A place in the line of time, exact to what the database keeps: entries of one instant are told apart. */
export interface TimelinePlace {
  /** Microseconds since 1970, as digits. */
  readonly at: string;
  readonly kind: TimelineKind;
  readonly id: string;
}

export interface TimelineStretch {
  readonly entries: readonly TimelineEntry[];
  /** Of the last entry, when older ones follow. */
  readonly next: TimelinePlace | null;
}

export interface TimelineFilter {
  /** Only what is older than this place; null begins with the newest. */
  readonly before: TimelinePlace | null;
  /** Null is every kind. */
  readonly kinds: readonly TimelineKind[] | null;
  readonly limit: number;
}

/** Every log, ledger and list that has rows of a user, in one line of time. */
export abstract class UserTimeline {
  /** Newest first, of one moment; those of one instant by kind, then by id. Reads at most `limit` entries of each kind. */
  abstract stretchOf(userId: UserId, filter: TimelineFilter): Promise<TimelineStretch>;
}

export class InvalidTimelinePlace extends InvalidValue {
  constructor() {
    super(
      'invalid_cursor',
      'before is no place in a line of time: leave it out to begin with the newest, or send next_before of the last answer as it is.',
    );
  }
}

export class TimelineKindUnknown extends InvalidValue {
  constructor(kind: string) {
    super('unknown_timeline_kind', `"${kind}" is no kind of entry. The kinds are: ${TIMELINE_KINDS.join(', ')}.`, {
      kind,
      kinds: TIMELINE_KINDS,
    });
  }
}
