import type { PlanName } from '../plans/plan-name.js';
import type { Plan } from '../plans/plan-catalog.js';
import { Money } from '../shared/money.js';
import type { KeptRefusal } from './refusal.js';
import {
  budgetOfRefusal,
  fitsBudget,
  isStillRefused,
  limitRuleOf,
  passes,
  requiredBy,
  type UserStanding,
} from './refused-check.js';

export const REMEDY_KINDS = [
  /** `planId`: the smallest larger plan under which it would be admitted now. */
  'upgrade_plan',
  /** `at`: when what is used starts anew, which is enough. */
  'wait_for_reset',
  'see_usage',
  /** `packageId`: the smallest that covers what is missing; null when none does. */
  'buy_credit',
  /** What they hold is enough. */
  'wait_for_running_requests',
  'wait_for_running_transcriptions',
  'raise_budget',
  'ask_operator',
  /** `planId`: the plan that is paid for by it; null where that is not known. */
  'fix_payment',
  'revoke_device',
  'use_allowed_format',
  'use_smaller_file',
] as const;
export type RemedyKind = (typeof REMEDY_KINDS)[number];

/** One thing to do about a refusal. What does not belong to its kind is null. */
export interface Remedy {
  readonly kind: RemedyKind;
  readonly planId: PlanName | null;
  readonly packageId: string | null;
  readonly at: Date | null;
}

const MOST = 3;

/** Up to three things to do about a refusal, the best first; none when it would not be refused any more. */
export function remediesOf(refusal: KeptRefusal, standing: UserStanding): readonly Remedy[] {
  if (isStillRefused(refusal, standing) === false) return [];
  return stepsFor(refusal, standing).slice(0, MOST);
}

function stepsFor(refusal: KeptRefusal, standing: UserStanding): readonly Remedy[] {
  if (refusal.code === 'insufficient_credits') return creditSteps(refusal, standing);
  if (refusal.code === 'budget_exceeded') return budgetSteps(refusal, standing);
  return limitSteps(refusal, standing);
}

function limitSteps(refusal: KeptRefusal, standing: UserStanding): readonly Remedy[] {
  const { plan, usage, period } = standing;
  const rule = limitRuleOf(refusal, standing);
  // Nothing is admitted to who is on a plan that nobody sells: only an operator can change that.
  if (rule === null || plan === null) return [step('ask_operator')];
  const plans = planSteps(standing, ({ limits }) => passes(rule, limits, usage));
  switch (refusal.code) {
    case 'concurrent_transcription_limit_exceeded':
      return [step('wait_for_running_transcriptions'), ...plans];
    case 'device_limit_exceeded':
      return [...due(plans), step('revoke_device'), ...notDue(plans)];
    case 'export_format_not_in_plan':
      return [...plans, step('use_allowed_format')];
    case 'file_size_exceeded':
      return [...plans, step('use_smaller_file')];
    default: {
      const waiting = period.end !== null && passes(rule, plan.limits, usage.carriedOver);
      return [...plans, ...(waiting ? [step('wait_for_reset', { at: period.end })] : []), step('see_usage')];
    }
  }
}

function budgetSteps(refusal: KeptRefusal, standing: UserStanding): readonly Remedy[] {
  const outlook = budgetOfRefusal(refusal, standing);
  if (outlook === null) return [step('ask_operator')];
  const { status, mayRaise } = outlook;
  const { budget, period, spend } = status;
  // Where nobody configured a limit, the plan's is the user's.
  const isOfPlan = !budget.isGlobal && budget.limit === null;
  const fits = ({ monthlyProviderBudget: limit }: Plan): boolean => fitsBudget(refusal, outlook, { ...spend, limit });
  const plans = isOfPlan ? planSteps(standing, fits) : [];
  const waiting = fitsBudget(refusal, outlook, { limit: status.limit, used: Money.zero, held: Money.zero });
  return [
    ...due(plans),
    step(mayRaise ? 'raise_budget' : 'ask_operator'),
    ...notDue(plans),
    ...(waiting ? [step('wait_for_reset', { at: period.end })] : []),
  ];
}

function creditSteps(refusal: KeptRefusal, { credit, packages }: UserStanding): readonly Remedy[] {
  if (credit === null) return [step('buy_credit')];
  const { balance, held, debt } = credit;
  const required = requiredBy(refusal);
  // What is owed is paid out of what comes in before anything else is.
  const missing = required.minus(balance.minus(held)).plus(debt);
  const bySize = [...packages].sort((one, other) => (one.credit.isLessThan(other.credit) ? -1 : 1));
  const enough = bySize.find((one) => !one.credit.isLessThan(missing));
  const buy = step('buy_credit', { packageId: enough?.id ?? null });
  const isHeld = held.isPositive && !debt.isPositive && !balance.isLessThan(required);
  return isHeld ? [step('wait_for_running_requests'), buy] : [buy];
}

/** What to do about the plan: to pay what is due when that gives back one that is enough, or else to take a larger one. */
function planSteps({ plan, plans, paymentDue }: UserStanding, admits: (plan: Plan) => boolean): readonly Remedy[] {
  const larger = plans.slice(plans.findIndex(({ name }) => name === plan?.name) + 1).find(admits);
  const upgrade = larger ? [step('upgrade_plan', { planId: larger.name })] : [];
  if (paymentDue === null) return upgrade;
  const restored = plans.find(({ name }) => name === paymentDue.restores);
  const pay = step('fix_payment', { planId: paymentDue.restores });
  // Nothing more is sold to who has not paid, so this comes first in any case.
  return restored && admits(restored) ? [pay] : [pay, ...upgrade];
}

const due = (steps: readonly Remedy[]): readonly Remedy[] => steps.filter(({ kind }) => kind === 'fix_payment');
const notDue = (steps: readonly Remedy[]): readonly Remedy[] => steps.filter(({ kind }) => kind !== 'fix_payment');

function step(kind: RemedyKind, details: Partial<Omit<Remedy, 'kind'>> = {}): Remedy {
  return { planId: null, packageId: null, at: null, ...details, kind };
}
