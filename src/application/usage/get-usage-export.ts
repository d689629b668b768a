import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { InvalidValue } from '#domain/shared/domain-exception';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { UsageDocuments, type UsageFormat } from './usage-documents.js';
import { UsageEvidence } from './usage-evidence.js';

/**
 * A file is made in memory: more entries than this would be felt by everybody else. A spreadsheet is made in one go, by
 * which requests wait: some 80 ms for a thousand rows. The others let them in between.
 */
export const MOST_EXPORTED_ENTRIES: Readonly<Record<UsageFormat, number>> = { csv: 50_000, json: 50_000, xlsx: 5_000 };

export interface ExportRequest {
  readonly userId: UserId;
  readonly format: UsageFormat;
  /** Null: the start of the current period, or of everything in the open one. */
  readonly from: Date | null;
  /** Exclusive. Null: now. */
  readonly to: Date | null;
}

export interface ExportedUsage {
  readonly format: UsageFormat;
  readonly from: Date;
  readonly to: Date;
  readonly content: Buffer | string;
}

/** The log entries of a span of time, as a file. */
@UseCase()
export class GetUsageExport {
  constructor(
    private readonly users: UserRepository,
    private readonly evidence: UsageEvidence,
    private readonly documents: UsageDocuments,
    private readonly clock: Clock,
  ) {}

  /** Throws UserNotFound, and InvalidValue for a span that is empty or holds more than can be exported at once. */
  async execute({ userId, format, ...span }: ExportRequest): Promise<ExportedUsage> {
    const user = await this.users.get(userId);
    const now = this.clock.now();
    const from = span.from ?? user.billingPeriodAt(now).start ?? user.createdAt;
    // An entry of this very millisecond is wanted too.
    const to = span.to ?? new Date(now.getTime() + 1);
    if (from >= to) {
      throw new InvalidValue(
        'empty_span',
        'An export covers the time from `from` until before `to`, so `to` is later.',
        {
          from: from.toISOString(),
          to: to.toISOString(),
        },
      );
    }
    const most = MOST_EXPORTED_ENTRIES[format];
    const lines = await this.evidence.linesBetween({ from, to }, userId, most + 1);
    if (lines.length > most) {
      throw new InvalidValue(
        'export_too_large',
        `More than ${most} entries lie in this span, which is the most for ${format}. Ask for a smaller one.`,
        { from: from.toISOString(), to: to.toISOString(), format, limit: most },
      );
    }
    return { format, from, to, content: await this.documents.render(format, lines) };
  }
}
