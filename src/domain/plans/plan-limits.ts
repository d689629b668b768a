import { DomainException, InvalidValue, type Facts } from '../shared/domain-exception.js';
import { Duration } from '../shared/duration.js';
import type { Limit } from '../shared/limit.js';
import type { BillingPeriod } from '../usage/billing-period.js';
import type { PeriodUsage } from '../usage/period-usage.js';
import type { ExportFormat } from './export-format.js';
import type { PlanName } from './plan-name.js';

export const BYTES_PER_MB = 1024 * 1024;

/** Two decimals, rounded up: a file that is one byte over must not read as if it fitted. */
export function megabytesOf(bytes: number): number {
  return Math.ceil((bytes / BYTES_PER_MB) * 100) / 100;
}

/** What a plan allows in one billing period. Each `admit…` throws LimitExceeded with the very numbers it compared. */
export class PlanLimits {
  constructor(
    readonly plan: PlanName,
    readonly sessions: Limit,
    readonly minutes: Limit,
    readonly transcriptions: Limit,
    readonly fileSizeMb: number,
    readonly exportFormats: readonly ExportFormat[],
    readonly concurrentTranscriptions: number,
    readonly retentionDays: Limit,
    readonly devices: number,
  ) {}

  get seconds(): Limit {
    return this.minutes === 'unlimited' ? 'unlimited' : this.minutes * 60;
  }

  get fileSizeBytes(): number {
    return this.fileSizeMb * BYTES_PER_MB;
  }

  /** One more session: refused when none is left, or when no second is left to fill it with. */
  admitSession(usage: PeriodUsage, period: BillingPeriod): void {
    if (this.sessions !== 'unlimited' && usage.sessions + 1 > this.sessions) {
      throw new LimitExceeded(
        'session_limit_exceeded',
        `The ${this.plan} plan allows ${this.sessions} sessions a period; ${usage.sessions} are used.`,
        { ...this.facts(period), current_usage: usage.sessions, limit: this.sessions },
      );
    }
    if (this.seconds !== 'unlimited' && usage.used.seconds >= this.seconds) {
      throw this.minutesExceeded(usage, Duration.zero, period);
    }
  }

  /** One more counted transcription of `requested` audio: used + held + requested may reach the limit, not pass it. */
  admitTranscription(usage: PeriodUsage, requested: Duration, period: BillingPeriod): void {
    this.admitRun(usage);
    this.admitMinutes(usage, requested, period);
    const count = usage.transcriptions + usage.heldTranscriptions;
    if (this.transcriptions !== 'unlimited' && count + 1 > this.transcriptions) {
      throw new LimitExceeded(
        'transcription_count_exceeded',
        `The ${this.plan} plan allows ${this.transcriptions} transcriptions a period; ${count} are used or running.`,
        {
          ...this.facts(period),
          current_usage: usage.transcriptions,
          held: usage.heldTranscriptions,
          limit: this.transcriptions,
        },
      );
    }
  }

  /** `requested` more audio in this period, apart from any other limit. */
  admitMinutes(usage: PeriodUsage, requested: Duration, period: BillingPeriod): void {
    if (this.seconds !== 'unlimited' && usage.used.seconds + usage.held.seconds + requested.seconds > this.seconds) {
      throw this.minutesExceeded(usage, requested, period);
    }
  }

  /** One more transcription at the same time, whether it counts or not. */
  admitRun(usage: PeriodUsage): void {
    if (usage.running + 1 > this.concurrentTranscriptions) {
      throw new LimitExceeded(
        'concurrent_transcription_limit_exceeded',
        `The ${this.plan} plan runs ${this.concurrentTranscriptions} at a time; ${usage.running} are running.`,
        { plan: this.plan, current_usage: usage.running, limit: this.concurrentTranscriptions },
      );
    }
  }

  /** A file of `bytes`. Throws InvalidValue for zero and negative sizes. */
  admitFile(bytes: number): void {
    if (!Number.isFinite(bytes) || bytes <= 0) {
      throw new InvalidValue('invalid_file_size', `A file size is more than zero, not ${bytes}.`, {
        file_size_bytes: bytes,
      });
    }
    if (bytes > this.fileSizeBytes) throw new FileTooLarge(this.plan, bytes, this.fileSizeMb);
  }

  admitExport(format: ExportFormat): void {
    if (!this.exportFormats.includes(format)) {
      throw new LimitExceeded(
        'export_format_not_in_plan',
        `The ${this.plan} plan exports ${this.exportFormats.join(', ')}, not ${format}.`,
        { plan: this.plan, format, allowed_formats: this.exportFormats },
      );
    }
  }

  /** One more device beside `active` ones that are not revoked. */
  admitDevice(active: number): void {
    if (active + 1 > this.devices) {
      throw new LimitExceeded(
        'device_limit_exceeded',
        `The ${this.plan} plan allows ${this.devices} devices; ${active} are active. Revoke one first.`,
        { plan: this.plan, current_usage: active, limit: this.devices },
      );
    }
  }

  private minutesExceeded(usage: PeriodUsage, requested: Duration, period: BillingPeriod): LimitExceeded {
    const limit = this.minutes as number;
    return new LimitExceeded(
      'transcription_limit_exceeded',
      `The ${this.plan} plan allows ${limit} minutes a period; ${usage.used.minutes} are used, ` +
        `${usage.held.minutes} held and ${requested.minutes} asked for.`,
      {
        ...this.facts(period),
        current_usage: usage.used.minutes,
        held: usage.held.minutes,
        requested: requested.minutes,
        limit,
        current_usage_seconds: usage.used.seconds,
        held_seconds: usage.held.seconds,
        requested_seconds: requested.seconds,
        limit_seconds: limit * 60,
      },
    );
  }

  private facts(period: BillingPeriod): Facts {
    return {
      plan: this.plan,
      period_start: period.start?.toISOString() ?? null,
      resets_at: period.end?.toISOString() ?? null,
    };
  }
}

export class LimitExceeded extends DomainException {
  constructor(
    code:
      | 'session_limit_exceeded'
      | 'transcription_limit_exceeded'
      | 'transcription_count_exceeded'
      | 'concurrent_transcription_limit_exceeded'
      | 'export_format_not_in_plan'
      | 'device_limit_exceeded',
    message: string,
    facts: Facts,
  ) {
    super(code, message, facts);
  }
}

export class FileTooLarge extends DomainException {
  constructor(plan: PlanName, bytes: number, limitMb: number) {
    const megabytes = megabytesOf(bytes);
    super(
      'file_size_exceeded',
      `The file has ${megabytes} MB; the ${plan} plan allows ${limitMb} MB.`,
      { file_size_mb: megabytes, limit_mb: limitMb, plan },
      'too_large',
    );
  }
}
