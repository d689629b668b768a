import type { BudgetFinding, BudgetFindingKind } from '#application/budgets/budget-findings';
import { GLOBAL_BUDGET } from '#domain/budgets/budget';
import { factsText } from './credit-finding.answer.js';

export function budgetFindingText({ kind, budgetId, id, stored, recomputed }: BudgetFinding): string {
  const [subject, fault] = SENTENCES[kind];
  const whose = budgetId === GLOBAL_BUDGET ? 'global budget' : `budget of user ${budgetId}`;
  return `${whose}: ${subject} ${id} ${fault}: ${factsText(stored)}, recomputed ${factsText(recomputed)}`;
}

/** Of what it is told, and what is wrong with it. */
const SENTENCES: Readonly<Record<BudgetFindingKind, readonly [string, string]>> = {
  budget_used_differs: ['the period of', 'has not counted what was spent in it'],
  budget_held_differs: ['the period of', 'has not counted what is held in it'],
  budget_day_differs: ['the day', 'is not what its entries add up to'],
  budget_periods_overlap: ['the period of', 'is not whole, or has time in common with the next'],
  budget_overpromised: ['the period of', 'gives out more than is left'],
};
