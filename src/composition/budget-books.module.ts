import { ContainerModule } from 'inversify';
import { BudgetFindings } from '#application/budgets/budget-findings';
import { BudgetVerification } from '#application/budgets/budget-verification';
import { SqlBudgetFindings } from '#infrastructure/budgets/sql-budget-findings';

/** What only the command line asks. */
export const budgetBooks = new ContainerModule(({ bind }) => {
  bind(BudgetFindings).to(SqlBudgetFindings);
  bind(BudgetVerification).toSelf();
});
