import { BudgetRules } from '#domain/budgets/budget-rules';
import { Money } from '#domain/shared/money';

const ample = Money.ofMicros(10_000_000_000n);
const PLANS = ['free', 'student', 'pro', 'coaching_school'];

/** What no test of another thing ever spends. */
export const AMPLE_BUDGETS = new BudgetRules(ample, Object.fromEntries(PLANS.map((plan) => [plan, ample])), Money.zero);
