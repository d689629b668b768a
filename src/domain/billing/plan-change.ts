import { PLAN_NAMES, type PlanName } from '../plans/plan-name.js';
import { InvalidValue } from '../shared/domain-exception.js';
import { BILLING_CYCLES, type BillingCycle, type SoldPlan } from './billing-cycle.js';

/** Whole seconds, as providers count. A preview that is older says nothing about what a change costs now. */
export const OLDEST_PREVIEW_SECONDS = 60 * 60;

/** `cycle_change`: the same plan, paid in another rhythm. */
export const CHANGE_DIRECTIONS = ['upgrade', 'downgrade', 'cycle_change'] as const;
export type ChangeDirection = (typeof CHANGE_DIRECTIONS)[number];

export interface PlanChange {
  readonly direction: ChangeDirection;
  /** Whoever pays more gets it now; what is paid for is kept to its end. */
  readonly effective: 'now' | 'period_end';
  /** The new plan is paid for from now on, and a period of its own begins. */
  readonly endsTrial: boolean;
}

/**
 * Null when nothing changes. Nobody tries a plan by beginning a trial of a cheaper one: more than what the trial was begun with ends the
 * trial, and is paid for at once. Whatever costs no more leaves the trial as it is.
 */
export function planChange(from: SoldPlan<PlanName>, to: SoldPlan<PlanName>, isTrial: boolean): PlanChange | null {
  const step = PLAN_NAMES.indexOf(to.plan) - PLAN_NAMES.indexOf(from.plan);
  if (step > 0) return { direction: 'upgrade', effective: 'now', endsTrial: isTrial };
  if (step < 0) return { direction: 'downgrade', effective: 'period_end', endsTrial: false };
  if (from.cycle === to.cycle) return null;
  return { direction: 'cycle_change', effective: to.cycle === 'year' ? 'now' : 'period_end', endsTrial: false };
}

/** The cycle that `text` names. Throws InvalidValue `unknown_billing_cycle`. */
export function billingCycle(text: string): BillingCycle {
  const found = BILLING_CYCLES.find((cycle) => cycle === text.trim().toLowerCase());
  if (found) return found;
  throw new InvalidValue(
    'unknown_billing_cycle',
    `There is no billing cycle "${text}". Cycles are ${BILLING_CYCLES.join(', ')}.`,
    { billing_cycle: text, supported: BILLING_CYCLES },
  );
}
