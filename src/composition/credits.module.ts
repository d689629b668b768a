import { ContainerModule } from 'inversify';
import { AdminCreditGrant } from '#application/credits/admin-credit-grant';
import { AuditedCreditChange } from '#application/credits/audited-credit-change';
import { BulkCreditGrant } from '#application/credits/bulk-credit-grant';
import { CreditAdjustment } from '#application/credits/credit-adjustment';
import { CreditAllowances } from '#application/credits/credit-allowances';
import { CreditExpirySweep } from '#application/credits/credit-expiry-sweep';
import { CreditGrantApproval } from '#application/credits/credit-grant-approval';
import { CreditGrantCaps } from '#application/credits/credit-grant-caps';
import { CreditLedger } from '#application/credits/credit-ledger';
import { CreditReport } from '#application/credits/credit-report';
import { GetCreditBalance } from '#application/credits/get-credit-balance';
import { GetCreditStanding } from '#application/credits/get-credit-standing';
import { GetCreditSummary } from '#application/credits/get-credit-summary';
import { ListCreditTransactions } from '#application/credits/list-credit-transactions';
import { CreditAccountRepository } from '#domain/credits/credit-account-repository';
import { moneyOfCredits } from '#domain/credits/credit';
import { SqlCreditAccountRepository } from '#infrastructure/credits/sql-credit-account-repository';
import { SqlCreditAllowances } from '#infrastructure/credits/sql-credit-allowances';
import { SqlCreditReport } from '#infrastructure/credits/sql-credit-report';
import { CreditAdminController } from '#interfaces/http/admin/credit-admin.controller';
import { CreditController } from '#interfaces/http/credits/credit.controller';
import { Controller } from '#interfaces/http/shared/operation';

/** 1 000 USD at once, 5 000 USD a day. */
const CAPS = new CreditGrantCaps(moneyOfCredits(100_000), moneyOfCredits(500_000));

export const credits = new ContainerModule(({ bind }) => {
  bind(CreditAccountRepository).to(SqlCreditAccountRepository);
  bind(CreditReport).to(SqlCreditReport);
  bind(CreditAllowances).to(SqlCreditAllowances);
  bind(CreditGrantCaps).toConstantValue(CAPS);
  bind(CreditLedger).toSelf();
  bind(GetCreditStanding).toSelf();
  bind(GetCreditBalance).toSelf();
  bind(ListCreditTransactions).toSelf();
  bind(GetCreditSummary).toSelf();
  bind(CreditGrantApproval).toSelf();
  bind(AuditedCreditChange).toSelf();
  bind(AdminCreditGrant).toSelf();
  bind(CreditAdjustment).toSelf();
  bind(BulkCreditGrant).toSelf();
  bind(CreditExpirySweep).toSelf();
  bind(Controller).to(CreditController);
  bind(Controller).to(CreditAdminController);
});
