import { DeviceRepository } from '#domain/accounts/device';
import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import type { ExportFormat } from '#domain/plans/export-format';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import { megabytesOf } from '#domain/plans/plan-limits';
import type { PlanName } from '#domain/plans/plan-name';
import type { Limit } from '#domain/shared/limit';
import { HoldRepository } from '#domain/usage/hold-repository';
import { LimitUse } from '#domain/usage/limit-use';
import { PeriodTimeline } from '#domain/usage/period-timeline';
import { Clock } from '../ports/clock.js';
import { UsageReport } from '../usage/usage-report.js';
import { UseCase } from '../use-case.js';

export const CHANGED_LIMITS = [
  'sessions',
  'minutes',
  'transcriptions',
  'concurrent_transcriptions',
  'file_size_mb',
  'devices',
  'retention_days',
  'export_formats',
] as const;

/** What becomes of one limit with another plan. */
export interface LimitChange {
  readonly name: (typeof CHANGED_LIMITS)[number];
  readonly from: Limit | readonly ExportFormat[];
  readonly to: Limit | readonly ExportFormat[];
  /** In this period, or now: with what is held. Null where nothing adds up. */
  readonly used: number | null;
  /** Whether that fits into the other plan. Where nothing adds up: whether the other plan allows no less. */
  readonly fits: boolean;
}

/** Each limit of a user's plan beside that of another one, and what is used of it in the current period. */
@UseCase()
export class GetLimitChanges {
  constructor(
    private readonly users: UserRepository,
    private readonly devices: DeviceRepository,
    private readonly plans: PlanCatalog,
    private readonly holds: HoldRepository,
    private readonly report: UsageReport,
    private readonly clock: Clock,
  ) {}

  /** Throws UserNotFound and PlanUnknown. */
  async execute(userId: UserId, plan: PlanName): Promise<readonly LimitChange[]> {
    const user = await this.users.get(userId);
    const [from, to] = [this.plans.get(user.plan).limits, this.plans.get(plan).limits];
    const now = this.clock.now();
    const timeline = PeriodTimeline.of(user, await this.report.standingResets(userId));
    const [totals] = await this.report.totalsOf(timeline.latest(1, now), userId);
    const usage = await this.holds.usageIn(totals!.period, userId, now);
    const taken = usage.used.plus(usage.held);
    const largestFileMb = megabytesOf(totals!.largestFileBytes ?? 0);
    return [
      counted('sessions', from.sessions, to.sessions, usage.sessions),
      // Compared by the second, shown in started minutes.
      {
        ...counted('minutes', from.minutes, to.minutes, taken.minutes),
        fits: new LimitUse(taken.seconds, 0, to.seconds).fits,
      },
      counted(
        'transcriptions',
        from.transcriptions,
        to.transcriptions,
        usage.transcriptions + usage.heldTranscriptions,
      ),
      counted('concurrent_transcriptions', from.concurrentTranscriptions, to.concurrentTranscriptions, usage.running),
      counted('file_size_mb', from.fileSizeMb, to.fileSizeMb, largestFileMb),
      counted('devices', from.devices, to.devices, await this.devices.countActive(userId)),
      {
        name: 'retention_days',
        from: from.retentionDays,
        to: to.retentionDays,
        used: null,
        fits: isNoLess(to.retentionDays, from.retentionDays),
      },
      {
        name: 'export_formats',
        from: from.exportFormats,
        to: to.exportFormats,
        used: null,
        fits: from.exportFormats.every((format) => to.exportFormats.includes(format)),
      },
    ];
  }
}

function counted(name: LimitChange['name'], from: Limit, to: Limit, used: number): LimitChange {
  return { name, from, to, used, fits: new LimitUse(used, 0, to).fits };
}

function isNoLess(one: Limit, other: Limit): boolean {
  return one === 'unlimited' || (other !== 'unlimited' && one >= other);
}
