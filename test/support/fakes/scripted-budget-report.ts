import type { BudgetReport, BudgetSlice, SpendShares } from '#application/budgets/budget-report';
import type { BudgetId } from '#domain/budgets/budget';
import type { BudgetPeriod } from '#domain/budgets/budget-period';
import { Money } from '#domain/shared/money';

export const NO_SLICE: BudgetSlice = { cost: Money.zero, estimated: Money.zero, requests: 0, tokens: 0 };

/** Answers what a test has written down, and remembers which period it was asked about. */
export class ScriptedBudgetReport implements BudgetReport {
  shares: SpendShares = { total: NO_SLICE, byProvider: [], byService: [], byModel: [], byDay: [], dearest: [] };
  readonly asked: { readonly id: BudgetId; readonly period: BudgetPeriod }[] = [];

  async sharesOf(id: BudgetId, period: BudgetPeriod): Promise<SpendShares> {
    this.asked.push({ id, period });
    return this.shares;
  }
}
