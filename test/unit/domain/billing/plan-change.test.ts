import { planChange } from '#domain/billing/plan-change';
import type { BillingCycle } from '#domain/billing/billing-cycle';
import type { PlanName } from '#domain/plans/plan-name';

const sold = (plan: PlanName, cycle: BillingCycle = 'month') => ({ plan, cycle });

describe('a change of the plan in a trial', () => {
  it.each([
    ['more', sold('student'), sold('coaching_school'), 'now', true],
    ['more by the year', sold('student'), sold('pro', 'year'), 'now', true],
    ['less', sold('pro'), sold('student'), 'period_end', false],
    ['less by the year', sold('pro'), sold('student', 'year'), 'period_end', false],
    ['the year', sold('pro'), sold('pro', 'year'), 'now', false],
    ['the month', sold('pro', 'year'), sold('pro'), 'period_end', false],
  ] as const)(
    'to %s ends the trial only where that is of another, larger plan',
    (_, from, to, effective, endsTrial) => {
      expect(planChange(from, to, true)).toMatchObject({ effective, endsTrial });
      expect(planChange(from, to, false)).toMatchObject({ effective, endsTrial: false });
    },
  );

  it('to what one has is none', () => {
    expect(planChange(sold('pro'), sold('pro'), true)).toBeNull();
  });
});
