import type { Affordability } from '#application/budgets/get-affordability';
import type { UserId } from '#domain/accounts/user';
import { Budget, type BudgetChanges, budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { resetBetween } from '#domain/budgets/budget-reset';
import { BudgetStatus } from '#domain/budgets/budget-status';
import type { CostEstimate } from '#domain/budgets/cost-rates';
import { Money } from '#domain/shared/money';
import { budgetStrategyResponse, costEstimateResponse } from '#interfaces/http/budgets/budget-advice.response';
import {
  budgetResetResponse,
  budgetSettingsResponse,
  budgetStatusResponse,
} from '#interfaces/http/budgets/budget.response';

const ADA = budgetOf('00000000-0000-7000-8000-000000000001' as UserId);
const NOW = new Date('2026-03-15T12:00:00Z');
const usd = (dollars: number): Money => Money.ofMicros(BigInt(Math.round(dollars * 1e6)));

interface Figures {
  readonly limit?: number;
  readonly used?: number;
  readonly held?: number;
  readonly id?: typeof ADA;
  readonly changes?: BudgetChanges;
}

function aStatus({ limit = 10, used = 0, held = 0, id = ADA, changes = {} }: Figures = {}): BudgetStatus {
  const budget = Budget.unconfigured(id).changed(changes, 'cli:root', NOW);
  const spend = { used: usd(used), estimated: Money.zero, held: usd(held) };
  return new BudgetStatus(budget, usd(limit), budget.periodAt(NOW), spend, NOW);
}

describe('how a budget stands, on the wire', () => {
  it.each([
    [0, 10, 0],
    [3, 9, 33.33],
    [2, 3, 66.66],
    [9.999999, 10, 99.99],
    [10, 10, 100],
    [33.335, 10, 333.35],
    [0.29, 1, 29],
    [0, 0, 100],
  ])(
    '%d of %d USD is %d percent, to two decimals, never rounded up and never cut at a hundred',
    (used, limit, percent) => {
      expect(budgetStatusResponse(aStatus({ used, limit })).percentage_used).toBe(percent);
    },
  );

  it('tells what remains apart from what is free, and neither below zero', () => {
    const running = budgetStatusResponse(aStatus({ used: 6, held: 3 }));
    expect([running.remaining_budget_micros, running.available_micros]).toEqual([4_000_000, 1_000_000]);
    const over = budgetStatusResponse(aStatus({ used: 6, held: 30 }));
    expect([over.remaining_budget_micros, over.available_micros]).toEqual([4_000_000, 0]);
    const spent = budgetStatusResponse(aStatus({ used: 11 }));
    expect([spent.remaining_budget_micros, spent.available_micros, spent.is_over_budget]).toEqual([0, 0, true]);
  });

  it('says of the global one that it is nobody’s', () => {
    expect(budgetStatusResponse(aStatus({ id: GLOBAL_BUDGET }))).toMatchObject({ scope: 'global', user_id: null });
    expect(budgetStatusResponse(aStatus())).toMatchObject({ scope: 'user', user_id: ADA });
  });
});

describe('how a budget is configured, on the wire', () => {
  it('tells notes, and who configured it, to admins alone', () => {
    const status = aStatus({ changes: { notes: 'pays late', limit: usd(10) } });
    const [told, untold] = [budgetSettingsResponse(status, 'admin'), budgetSettingsResponse(status, 'user')];
    expect(told).toMatchObject({ admin_notes: 'pays late', configured_by: 'cli:root', limit_micros: 10_000_000 });
    expect(untold).toEqual({ ...told, admin_notes: null, configured_by: null });
  });
});

describe('a reset, on the wire', () => {
  it('tells what was before and what is now', () => {
    const before = aStatus({ used: 4, limit: 10 });
    const after = aStatus({ limit: 12, changes: { cadence: 'daily', limit: usd(12) } });
    const by = { id: ADA as never, cause: 'reset', actor: ADA, reason: null } as const;
    expect(budgetResetResponse(resetBetween(before, after, by), 'Done.')).toEqual({
      success: true,
      message: 'Done.',
      previous_spent_micros: 4_000_000,
      previous_period_start: '2026-03-01T00:00:00.000Z',
      new_period_start: '2026-03-15T12:00:00.000Z',
      new_period_end: '2026-03-16T00:00:00.000Z',
      total_budget_micros: 12_000_000,
      reset_by: ADA,
    });
  });
});

describe('what belongs to the operator', () => {
  const user = aStatus({ used: 8 });
  const global = aStatus({ id: GLOBAL_BUDGET, limit: 987_654, used: 987_000 });

  it('is not told with a strategy, except the level that decides', () => {
    const advice = { strategy: 'emergency_only', level: 'critical', decidedBy: 'global', user, global } as const;
    expect(budgetStrategyResponse(advice, 'user')).toEqual({
      strategy: 'emergency_only',
      alert_level: 'critical',
      decided_by: 'global',
      user_alert_level: 'orange',
      global_alert_level: null,
    });
    expect(budgetStrategyResponse(advice, 'admin').global_alert_level).toBe('red');
  });

  it('is not told with an estimate either, nor is a hidden budget', () => {
    const estimate: CostEstimate = {
      ...{ cost: usd(1), provider: 'p', model: 'm', service: 'llm', tokens: 3, confidence: 0.1, basis: 'minimal' },
      rate: null,
    };
    const fits: Affordability = {
      ...{ affordable: false, reason: 'budget_spent', refusedBy: 'global', padded: usd(1.1), user, global },
    };
    const told = costEstimateResponse(estimate, fits, 'user');
    expect(told).toMatchObject({ refused_by: 'global', remaining_budget_micros: 2_000_000, alert_level: 'orange' });
    expect(JSON.stringify(told)).not.toMatch(/98765|98700|654000/);
    const hidden = { ...fits, user: aStatus({ used: 8, changes: { visible: false } }) };
    expect(costEstimateResponse(estimate, hidden, 'user')).toEqual({
      ...told,
      alert_level: null,
      remaining_budget_micros: null,
      available_micros: null,
    });
    expect(costEstimateResponse(estimate, hidden, 'admin')).toEqual(told);
  });
});
