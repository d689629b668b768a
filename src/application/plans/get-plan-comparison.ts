import type { UserId } from '#domain/accounts/user';
import { DeviceRepository } from '#domain/accounts/device';
import { UserRepository } from '#domain/accounts/user-repository';
import { type Plan, PlanCatalog } from '#domain/plans/plan-catalog';
import { megabytesOf } from '#domain/plans/plan-limits';
import { HoldRepository } from '#domain/usage/hold-repository';
import { LimitUse } from '#domain/usage/limit-use';
import { PeriodTimeline } from '#domain/usage/period-timeline';
import type { PeriodTotals } from '#domain/usage/usage-totals';
import { Clock } from '../ports/clock.js';
import { UsageReport } from '../usage/usage-report.js';
import { UseCase } from '../use-case.js';

/** The current period and the three before it: one quiet month must not make every plan look large enough. */
const PERIODS = 4;

/** The most that a user has used in one period, of those that were looked at. */
export interface PeakUse {
  readonly periods: number;
  readonly sessions: number;
  readonly seconds: number;
  readonly transcriptions: number;
  readonly largestFileMb: number;
  readonly devices: number;
}

export interface ComparedPlan {
  readonly plan: Plan;
  readonly isCurrent: boolean;
  /** Whether all of the user's own use would have been admitted. */
  readonly fits: boolean;
  readonly sessions: LimitUse;
  /** In seconds, as it is compared. */
  readonly seconds: LimitUse;
  readonly transcriptions: LimitUse;
  readonly fileSizeMb: LimitUse;
  readonly devices: LimitUse;
}

export interface PlanComparison {
  readonly catalogVersion: string;
  readonly current: Plan;
  readonly peak: PeakUse;
  readonly plans: readonly ComparedPlan[];
}

/** Every plan against what the user has really used. */
@UseCase()
export class GetPlanComparison {
  constructor(
    private readonly users: UserRepository,
    private readonly devices: DeviceRepository,
    private readonly plans: PlanCatalog,
    private readonly holds: HoldRepository,
    private readonly report: UsageReport,
    private readonly clock: Clock,
  ) {}

  /** Throws UserNotFound and PlanUnknown. */
  async execute(userId: UserId): Promise<PlanComparison> {
    const user = await this.users.get(userId);
    const current = this.plans.get(user.plan);
    const now = this.clock.now();
    const timeline = PeriodTimeline.of(user, await this.report.standingResets(userId));
    const totals = await this.report.totalsOf(timeline.latest(PERIODS, now), userId);
    const { held, heldTranscriptions } = await this.holds.usageIn(totals[0]!.period, userId, now);
    const peak = peakOf(totals, held.seconds, heldTranscriptions, await this.devices.countActive(userId));
    const plans = this.plans.plans.map((plan) => compared(plan, plan.name === current.name, peak));
    return { catalogVersion: this.plans.version, current, peak, plans };
  }
}

function peakOf(
  [current, ...past]: readonly PeriodTotals[],
  heldSeconds: number,
  heldTranscriptions: number,
  devices: number,
): PeakUse {
  const all = [current!, ...past];
  const mostBytes = Math.max(...all.map(({ largestFileBytes }) => largestFileBytes ?? 0));
  return {
    periods: all.length,
    sessions: Math.max(...all.map(({ sessions }) => sessions)),
    seconds: Math.max(current!.used.seconds + heldSeconds, ...past.map(({ used }) => used.seconds)),
    transcriptions: Math.max(
      current!.transcriptions + heldTranscriptions,
      ...past.map(({ transcriptions }) => transcriptions),
    ),
    largestFileMb: megabytesOf(mostBytes),
    devices,
  };
}

function compared(plan: Plan, isCurrent: boolean, peak: PeakUse): ComparedPlan {
  const { limits } = plan;
  const uses = {
    sessions: new LimitUse(peak.sessions, 0, limits.sessions),
    seconds: new LimitUse(peak.seconds, 0, limits.seconds),
    transcriptions: new LimitUse(peak.transcriptions, 0, limits.transcriptions),
    fileSizeMb: new LimitUse(peak.largestFileMb, 0, limits.fileSizeMb),
    devices: new LimitUse(peak.devices, 0, limits.devices),
  };
  return { plan, isCurrent, fits: Object.values(uses).every(({ fits }) => fits), ...uses };
}
