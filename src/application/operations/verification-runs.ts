import { DomainException } from '#domain/shared/domain-exception';
import type { Id } from '#domain/shared/id';
import type { Page, PageOf } from '#domain/shared/page';
import type { KeptFinding } from './books-report.js';

export type VerificationRunId = Id<'VerificationRun'>;

/** A run that gave no sign of life for so long has lost its worker. */
export const VERIFICATION_LOST_MS = 15 * 60_000;

export const VERIFICATION_OUTCOMES = ['verified', 'failed', 'lost'] as const;
/** `verified`: came to its end, whatever it found. `failed`: could not, and says why. `lost`: its worker died. */
export type VerificationOutcome = (typeof VERIFICATION_OUTCOMES)[number];

/** What a run found out. */
export interface VerificationResult {
  /** How many differences were found; `truncated` when there are more than were counted. */
  readonly findingsCount: number;
  readonly truncated: boolean;
  /** The first thousand of them. */
  readonly findings: readonly KeptFinding[];
  /** How much was recomputed, by what it was. */
  readonly checked: Readonly<Record<string, number>>;
}

/** One recomputation of all books. */
export interface VerificationRun extends VerificationResult {
  readonly id: VerificationRunId;
  /** A user's id, `cli:<name>`, or `system` for the daily one. */
  readonly requestedBy: string;
  readonly startedAt: Date;
  /** Null while it waits or runs. */
  readonly finishedAt: Date | null;
  readonly outcome: VerificationOutcome | null;
  readonly error: string | null;
  /** Entries of all logs together. */
  readonly entriesChecked: number;
}

/** Every verification that was asked for, with what it found. One at a time is under way. */
export abstract class VerificationRuns {
  /**
   * Begins one, and first finishes as lost what gave no sign of life since `lostSince`. Throws VerificationRunning, also when
   * others begin one at the same time. Needs a running transaction.
   */
  abstract begin(run: { id: VerificationRunId; requestedBy: string; startedAt: Date }, lostSince: Date): Promise<void>;

  /** Whether it is still to be brought to its end; if so this is a sign of life. Needs a running transaction. */
  abstract touch(id: VerificationRunId, now: Date): Promise<boolean>;

  /** Also one that was taken for lost: it was late, and what it found is true. Needs a running transaction. */
  abstract finish(id: VerificationRunId, result: VerificationResult, now: Date): Promise<void>;

  /** Needs a running transaction. */
  abstract fail(id: VerificationRunId, error: string, now: Date): Promise<void>;

  /** Newest first. What gave no sign of life since `lostSince` is shown as lost. */
  abstract list(page: Page, lostSince: Date): Promise<PageOf<VerificationRun>>;

  /** The newest that is finished; null when none ever was. */
  abstract latest(): Promise<VerificationRun | null>;
}

export class VerificationRunning extends DomainException {
  constructor(since: Date) {
    super(
      'verification_running',
      `The books are being verified since ${since.toISOString()}, and one verification runs at a time. Wait for what it finds: GET /api/v1/admin/verification.`,
      { since: since.toISOString() },
      'conflict',
    );
  }
}
