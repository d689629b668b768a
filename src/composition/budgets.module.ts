import { ContainerModule } from 'inversify';
import { BudgetSettings } from '#application/budgets/budget-settings';
import { BudgetLedger } from '#domain/budgets/budget-ledger';
import { BudgetRules } from '#domain/budgets/budget-rules';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import { SqlBudgetLedger } from '#infrastructure/budgets/sql-budget-ledger';

export const budgets = new ContainerModule(({ bind }) => {
  bind(BudgetRules)
    .toDynamicValue((context) => {
      const { globalLimit, microAllowance } = context.get(BudgetSettings);
      const { plans } = context.get(PlanCatalog);
      const limits = Object.fromEntries(plans.map(({ name, monthlyProviderBudget }) => [name, monthlyProviderBudget]));
      return new BudgetRules(globalLimit, limits, microAllowance);
    })
    .inSingletonScope();
  bind(BudgetLedger).to(SqlBudgetLedger);
});
