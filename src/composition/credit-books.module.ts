import { ContainerModule } from 'inversify';
import { CreditReconciliation } from '#application/credits/credit-reconciliation';
import { CreditVerification } from '#application/credits/credit-verification';
import { SqlCreditReconciliation } from '#infrastructure/credits/sql-credit-reconciliation';

/** What only the command line asks. */
export const creditBooks = new ContainerModule(({ bind }) => {
  bind(CreditReconciliation).to(SqlCreditReconciliation);
  bind(CreditVerification).toSelf();
});
