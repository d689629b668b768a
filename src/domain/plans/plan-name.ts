import { InvalidValue } from '../shared/domain-exception.js';

/** From the smallest to the largest: an upgrade moves to the right. */
export const PLAN_NAMES = ['free', 'student', 'pro', 'coaching_school'] as const;
export type PlanName = (typeof PLAN_NAMES)[number];

/** The plan that `text` names. Throws InvalidValue `unknown_plan`. */
export function planName(text: string): PlanName {
  const found = PLAN_NAMES.find((name) => name === text.trim().toLowerCase());
  if (!found) {
    throw new InvalidValue('unknown_plan', `There is no plan "${text}". Plans are ${PLAN_NAMES.join(', ')}.`, {
      plan: text,
      supported: PLAN_NAMES,
    });
  }
  return found;
}
