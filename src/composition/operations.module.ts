import { ContainerModule } from 'inversify';
import { SubscriptionVerification } from '#application/billing/subscription-verification';
import { BudgetVerification } from '#application/budgets/budget-verification';
import { CreditVerification } from '#application/credits/credit-verification';
import { AiUsageVerification } from '#application/gateway/ai-usage-verification';
import { BooksVerification } from '#application/operations/books-verification';
import { GetDiagnosis } from '#application/operations/get-diagnosis';
import { GetHealthReport } from '#application/operations/get-health-report';
import { GetUserTimeline } from '#application/operations/get-user-timeline';
import { ListUserOverviews } from '#application/operations/list-user-overviews';
import { ListVerificationRuns } from '#application/operations/list-verification-runs';
import { ProviderFindings } from '#application/operations/provider-findings';
import { SystemState } from '#application/operations/system-state';
import { UserOverviews } from '#application/operations/user-overview';
import { UserTimeline } from '#application/operations/user-timeline';
import { VerificationExecution } from '#application/operations/verification-execution';
import { VerificationRequest } from '#application/operations/verification-request';
import { VerificationRuns } from '#application/operations/verification-runs';
import { UsageVerification } from '#application/usage/usage-verification';
import { SqlBudgetFindings } from '#infrastructure/budgets/sql-budget-findings';
import { SqlCreditReconciliation } from '#infrastructure/credits/sql-credit-reconciliation';
import { SqlAiUsageEvidence } from '#infrastructure/gateway/sql-ai-usage-evidence';
import { SqlSystemState } from '#infrastructure/operations/sql-system-state';
import { SqlUserOverviews } from '#infrastructure/operations/sql-user-overviews';
import { SqlUserTimeline } from '#infrastructure/operations/sql-user-timeline';
import { SqlVerificationRuns } from '#infrastructure/operations/sql-verification-runs';
import { OperationsController } from '#interfaces/http/admin/operations.controller';
import { Controller } from '#interfaces/http/shared/operation';

export const operations = new ContainerModule(({ bind }) => {
  bind(SystemState).to(SqlSystemState);
  bind(GetDiagnosis).toSelf();
  bind(GetHealthReport).toSelf();
  bind(ProviderFindings).toSelf();
  bind(UserOverviews).to(SqlUserOverviews);
  bind(ListUserOverviews).toSelf();
  bind(UserTimeline).to(SqlUserTimeline);
  bind(GetUserTimeline).toSelf();
  bind(VerificationRuns).to(SqlVerificationRuns);
  bind(VerificationRequest).toSelf();
  bind(VerificationExecution).toSelf();
  bind(ListVerificationRuns).toSelf();
  // The command line loads the single books beside this: what they stand on is named here by its own class, and not bound twice.
  bind(SqlCreditReconciliation).toSelf();
  bind(SqlAiUsageEvidence).toSelf();
  bind(SqlBudgetFindings).toSelf();
  bind(BooksVerification).toDynamicValue(
    ({ get }) =>
      new BooksVerification(
        get(UsageVerification),
        new CreditVerification(get(SqlCreditReconciliation)),
        new AiUsageVerification(get(SqlAiUsageEvidence)),
        new BudgetVerification(get(SqlBudgetFindings)),
        get(SubscriptionVerification),
      ),
  );
  bind(Controller).to(OperationsController);
});
