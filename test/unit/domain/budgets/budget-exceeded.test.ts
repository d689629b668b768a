import { type Unaffordable, unaffordable } from '#domain/budgets/affordability';
import { BudgetExceeded } from '#domain/budgets/budget-ledger';
import { BudgetPeriod } from '#domain/budgets/budget-period';
import { Money } from '#domain/shared/money';
import { micros } from '#test/support/builders/credits';

const MARCH = BudgetPeriod.of(new Date('2026-03-01T00:00:00.000Z'), new Date('2026-04-01T00:00:00.000Z'));
const standing = { limit: micros(10_000_000), used: micros(0), held: micros(0), level: 'red', mode: 'block' } as const;

const said = (scope: 'user' | 'global', reason: Unaffordable): string =>
  new BudgetExceeded(scope, reason, standing, MARCH, micros(1), true).message;

describe('a refusal by a budget', () => {
  it('says whose budget it is, what is wrong, and what to do next', () => {
    expect(said('user', 'budget_spent')).toBe(
      'Your budget for provider costs has too little left for this request. It starts anew at 2026-04-01T00:00:00.000Z; ' +
        'until then ask an administrator for more, or ask for less.',
    );
    expect(said('global', 'budget_spent')).toMatch(/^The budget of this service .* until then try again later/);
  });

  it.each([
    ['red', 'too_dear_at_red', '0.05'],
    ['critical', 'too_dear_at_critical', '0.01'],
  ] as const)('names what is still served at %s: a micro-dollar less than that is', (level, reason, usd) => {
    expect(said('user', reason)).toContain(`below ${usd} USD`);
    const ceiling = micros(Number(usd) * 1_000_000);
    const asked = (cost: Money) =>
      unaffordable({ ...standing, level }, cost, { buffer: 0, microAllowance: Money.zero });
    expect([asked(ceiling), asked(ceiling.minus(micros(1)))]).toEqual([reason, null]);
  });
});
