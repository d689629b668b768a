import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import type { ExportFormat } from '#domain/plans/export-format';
import { type Plan, PlanCatalog } from '#domain/plans/plan-catalog';
import { FileTooLarge, LimitExceeded, megabytesOf, type PlanLimits } from '#domain/plans/plan-limits';
import { LONGEST_RECORDING_SECONDS, RecordingRefused } from '#domain/sessions/recording';
import type { DomainException } from '#domain/shared/domain-exception';
import type { Duration } from '#domain/shared/duration';
import type { Limit } from '#domain/shared/limit';
import type { BillingPeriod } from '#domain/usage/billing-period';
import { HoldRepository } from '#domain/usage/hold-repository';
import type { PeriodUsage } from '#domain/usage/period-usage';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';

/** What a user is about to do. */
export type LimitedAction =
  | { readonly action: 'create_session' }
  | { readonly action: 'transcribe'; readonly duration: Duration }
  | { readonly action: 'check_minutes'; readonly duration: Duration }
  | { readonly action: 'upload_file'; readonly bytes: number }
  | { readonly action: 'export_transcript'; readonly format: ExportFormat };

export const LIMITED_ACTIONS = [
  'create_session',
  'transcribe',
  'upload_file',
  'export_transcript',
  'check_minutes',
] as const satisfies readonly LimitedAction['action'][];

export const LIMIT_TYPES = [
  'sessions',
  'minutes',
  'transcriptions',
  'concurrent_transcriptions',
  'file_size_mb',
  'export_formats',
] as const;
export type LimitType = (typeof LIMIT_TYPES)[number];

/** The limit that decided: the one that refuses, or else the one that the action uses up. */
export interface LimitInfo {
  readonly type: LimitType;
  /** Null where nothing adds up: file sizes and formats are compared by themselves. */
  readonly current: number | null;
  readonly held: number | null;
  readonly requested: number | string;
  readonly limit: Limit | readonly ExportFormat[];
  readonly resetsAt: Date | null;
}

/** The smallest larger plan under which the same request would be admitted now. */
export interface UpgradeSuggestion {
  readonly plan: Plan;
  readonly type: LimitType;
  readonly limit: Limit | readonly ExportFormat[];
}

export interface LimitVerdict {
  readonly action: LimitedAction['action'];
  /** Null when the action is admitted. */
  readonly refusal: DomainException | null;
  readonly limit: LimitInfo;
  readonly suggestion: UpgradeSuggestion | null;
}

/**
 * Says beforehand what the deed itself would say now, by the same rules and the same numbers. Nothing is reserved: the
 * deed decides again. Whatever cannot be decided is an error and never an admission.
 */
@UseCase()
export class LimitCheck {
  constructor(
    private readonly users: UserRepository,
    private readonly plans: PlanCatalog,
    private readonly holds: HoldRepository,
    private readonly clock: Clock,
  ) {}

  /** Throws UserNotFound, UserSuspended, PlanUnknown, InvalidValue and RecordingRefused (longer than a day). */
  async execute(userId: UserId, asked: LimitedAction): Promise<LimitVerdict> {
    const user = await this.users.get(userId);
    user.mustBeActive();
    mustBePossible(asked);
    const plan = this.plans.get(user.plan);
    const now = this.clock.now();
    const period = user.billingPeriodAt(now);
    const usage = await this.holds.usageIn(period, userId, now);

    const refusal = refusalOf(plan.limits, asked, usage, period);
    const type = refusal ? typeOf(refusal) : USES[asked.action];
    const limit = limitInfo(type, plan.limits, asked, usage, period);
    const larger = this.plans.plans.slice(this.plans.plans.findIndex(({ name }) => name === plan.name) + 1);
    const enough = refusal && larger.find(({ limits }) => !refusalOf(limits, asked, usage, period));
    const suggestion = enough ? { plan: enough, type, limit: limitOf(type, enough.limits) } : null;
    return { action: asked.action, refusal, limit, suggestion };
  }
}

/** No plan admits these, so no plan is asked. */
function mustBePossible(asked: LimitedAction): void {
  if (asked.action === 'transcribe' && asked.duration.seconds > LONGEST_RECORDING_SECONDS) {
    throw new RecordingRefused('audio_too_long', 'A recording is at most 24 hours long.', {
      duration_seconds: asked.duration.seconds,
      limit_seconds: LONGEST_RECORDING_SECONDS,
    });
  }
}

function refusalOf(
  limits: PlanLimits,
  asked: LimitedAction,
  usage: PeriodUsage,
  period: BillingPeriod,
): LimitExceeded | FileTooLarge | null {
  try {
    admit(limits, asked, usage, period);
    return null;
  } catch (error) {
    if (error instanceof LimitExceeded || error instanceof FileTooLarge) return error;
    throw error;
  }
}

function admit(limits: PlanLimits, asked: LimitedAction, usage: PeriodUsage, period: BillingPeriod): void {
  switch (asked.action) {
    case 'create_session':
      return limits.admitSession(usage, period);
    case 'transcribe':
      return limits.admitTranscription(usage, asked.duration, period);
    case 'check_minutes':
      return limits.admitMinutes(usage, asked.duration, period);
    case 'upload_file':
      return limits.admitFile(asked.bytes);
    case 'export_transcript':
      return limits.admitExport(asked.format);
  }
}

const USES: Readonly<Record<LimitedAction['action'], LimitType>> = {
  create_session: 'sessions',
  transcribe: 'minutes',
  check_minutes: 'minutes',
  upload_file: 'file_size_mb',
  export_transcript: 'export_formats',
};

const REFUSED_BY: Readonly<Record<string, LimitType>> = {
  session_limit_exceeded: 'sessions',
  transcription_limit_exceeded: 'minutes',
  transcription_count_exceeded: 'transcriptions',
  concurrent_transcription_limit_exceeded: 'concurrent_transcriptions',
  file_size_exceeded: 'file_size_mb',
  export_format_not_in_plan: 'export_formats',
};

function typeOf(refusal: DomainException): LimitType {
  const type = REFUSED_BY[refusal.code];
  if (!type) throw new Error(`${refusal.code} is the refusal of no limit that is checked here.`);
  return type;
}

function limitOf(type: LimitType, limits: PlanLimits): Limit | readonly ExportFormat[] {
  return {
    sessions: limits.sessions,
    minutes: limits.minutes,
    transcriptions: limits.transcriptions,
    concurrent_transcriptions: limits.concurrentTranscriptions,
    file_size_mb: limits.fileSizeMb,
    export_formats: limits.exportFormats,
  }[type];
}

function limitInfo(
  type: LimitType,
  limits: PlanLimits,
  asked: LimitedAction,
  usage: PeriodUsage,
  { end }: BillingPeriod,
): LimitInfo {
  const limit = limitOf(type, limits);
  const minutes = 'duration' in asked ? asked.duration.minutes : 0;
  switch (type) {
    case 'sessions':
      return { type, current: usage.sessions, held: 0, requested: 1, limit, resetsAt: end };
    case 'minutes':
      return { type, current: usage.used.minutes, held: usage.held.minutes, requested: minutes, limit, resetsAt: end };
    case 'transcriptions':
      return {
        type,
        current: usage.transcriptions,
        held: usage.heldTranscriptions,
        requested: 1,
        limit,
        resetsAt: end,
      };
    case 'concurrent_transcriptions':
      return { type, current: usage.running, held: 0, requested: 1, limit, resetsAt: null };
    case 'file_size_mb': {
      const megabytes = 'bytes' in asked ? megabytesOf(asked.bytes) : 0;
      return { type, current: null, held: null, requested: megabytes, limit, resetsAt: null };
    }
    case 'export_formats':
      return {
        type,
        current: null,
        held: null,
        requested: 'format' in asked ? asked.format : '',
        limit,
        resetsAt: null,
      };
  }
}
