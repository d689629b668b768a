import { ContainerModule } from 'inversify';
import { CreditLedger } from '#application/credits/credit-ledger';
import { CreditAccountRepository } from '#domain/credits/credit-account-repository';
import { SqlCreditAccountRepository } from '#infrastructure/credits/sql-credit-account-repository';

export const credits = new ContainerModule(({ bind }) => {
  bind(CreditAccountRepository).to(SqlCreditAccountRepository);
  bind(CreditLedger).toSelf();
});
