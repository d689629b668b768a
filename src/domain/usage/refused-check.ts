import { USUAL_BUFFER, unaffordable } from '../budgets/affordability.js';
import type { BudgetStatus } from '../budgets/budget-status.js';
import type { PlanName } from '../plans/plan-name.js';
import type { CreditPackage } from '../payments/credit-package.js';
import { EXPORT_FORMATS } from '../plans/export-format.js';
import type { Plan } from '../plans/plan-catalog.js';
import { BYTES_PER_MB, FileTooLarge, LimitExceeded, type PlanLimits } from '../plans/plan-limits.js';
import { Duration } from '../shared/duration.js';
import { Money } from '../shared/money.js';
import type { BillingPeriod } from './billing-period.js';
import { PeriodUsage } from './period-usage.js';
import type { KeptRefusal } from './refusal.js';

/** How a user stands now: what a refusal of before is looked at by. What no refusal asks for is null. */
export interface UserStanding {
  /** Null when the catalogue does not know it any more. */
  readonly plan: Plan | null;
  /** From the smallest to the largest. */
  readonly plans: readonly Plan[];
  readonly period: BillingPeriod;
  readonly usage: PeriodUsage;
  /** Those that are not revoked. */
  readonly devices: number | null;
  readonly credit: { readonly balance: Money; readonly held: Money; readonly debt: Money } | null;
  readonly packages: readonly CreditPackage[];
  readonly budgets: Readonly<Record<'user' | 'global', BudgetOutlook | null>>;
  /** A payment of the subscription is due; `restores` is the plan that it is for, null where that is not known. */
  readonly paymentDue: { readonly restores: PlanName | null } | null;
}

export interface BudgetOutlook {
  readonly status: BudgetStatus;
  readonly microAllowance: Money;
  /** Whether whoever asks may raise it. */
  readonly mayRaise: boolean;
}

/** The check of a plan that refused, by what is used now. Throws as it did; null for a refusal that no plan's limits decided. */
export type LimitRule = (limits: PlanLimits, usage: PeriodUsage) => void;

export function limitRuleOf(refusal: KeptRefusal, { period, devices }: UserStanding): LimitRule | null {
  switch (refusal.code) {
    case 'session_limit_exceeded':
      return (limits, usage) => limits.admitSession(usage, period);
    case 'transcription_limit_exceeded': {
      const requested = refusal.number('requested_seconds') ?? 0;
      // A session asks for no minutes, and is refused when none is left.
      if (requested === 0) return (limits, usage) => limits.admitSession(usage, period);
      return (limits, usage) => limits.admitMinutes(usage, Duration.ofSeconds(requested), period);
    }
    case 'transcription_count_exceeded':
      return (limits, usage) => limits.admitTranscription(countAlone(usage), Duration.zero, period);
    case 'concurrent_transcription_limit_exceeded':
      return (limits, usage) => limits.admitRun(usage);
    case 'device_limit_exceeded':
      return devices === null ? null : (limits) => limits.admitDevice(devices);
    case 'export_format_not_in_plan': {
      const format = EXPORT_FORMATS.find((known) => known === refusal.facts['format']);
      return format === undefined ? null : (limits) => limits.admitExport(format);
    }
    case 'file_size_exceeded': {
      // Rounded up when it was refused, so what was one byte over is over still.
      const megabytes = refusal.number('file_size_mb');
      return megabytes === null ? null : (limits) => limits.admitFile(megabytes * BYTES_PER_MB);
    }
    default:
      return null;
  }
}

function countAlone({ transcriptions, heldTranscriptions }: PeriodUsage): PeriodUsage {
  return new PeriodUsage(0, Duration.zero, transcriptions, Duration.zero, heldTranscriptions, 0);
}

export function passes(rule: LimitRule, limits: PlanLimits, usage: PeriodUsage): boolean {
  try {
    rule(limits, usage);
    return true;
  } catch (error) {
    if (error instanceof LimitExceeded || error instanceof FileTooLarge) return false;
    throw error;
  }
}

/** The budget that refused, as it is now; null where it is not known. */
export function budgetOfRefusal({ facts }: KeptRefusal, { budgets }: UserStanding): BudgetOutlook | null {
  return facts['budget'] === 'user' || facts['budget'] === 'global' ? budgets[facts['budget']] : null;
}

/** Whether what was refused would fit a budget of that limit, of which so much is taken. */
export function fitsBudget(
  refusal: KeptRefusal,
  { status: { budget }, microAllowance }: BudgetOutlook,
  { limit, used, held }: { readonly limit: Money; readonly used: Money; readonly held: Money },
): boolean {
  const standing = { limit, used, held, level: budget.thresholds.levelOf(used, limit), mode: budget.mode };
  return unaffordable(standing, requiredBy(refusal), { buffer: USUAL_BUFFER, microAllowance }) === null;
}

/** The money that was asked for: credit, or provider money. */
export function requiredBy(refusal: KeptRefusal): Money {
  return Money.ofMicros(BigInt(refusal.number('required_micros') ?? 0));
}

/** Whether the same check would refuse the same request now; null where that cannot be told. */
export function isStillRefused(refusal: KeptRefusal, standing: UserStanding): boolean | null {
  if (refusal.code === 'insufficient_credits') {
    const { credit } = standing;
    return credit && credit.balance.minus(credit.held).isLessThan(requiredBy(refusal));
  }
  if (refusal.code === 'budget_exceeded') {
    const outlook = budgetOfRefusal(refusal, standing);
    return outlook && !fitsBudget(refusal, outlook, { ...outlook.status.spend, limit: outlook.status.limit });
  }
  const rule = limitRuleOf(refusal, standing);
  return rule && standing.plan && !passes(rule, standing.plan.limits, standing.usage);
}
