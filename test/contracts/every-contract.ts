import { jest } from '@jest/globals';
import { budgetLedgerContract } from './budget-ledger.contract.js';
import { budgetRepositoryContract } from './budget-repository.contract.js';
import { creditAccountRepositoryContract } from './credit-account-repository.contract.js';
import { creditAllowancesContract } from './credit-allowances.contract.js';
import { creditAtOnceContract } from './credit-at-once.contract.js';
import { creditReportContract } from './credit-report.contract.js';
import { deviceRepositoryContract } from './device-repository.contract.js';
import { holdRepositoryContract } from './hold-repository.contract.js';
import { idempotentAnswersContract } from './idempotent-answers.contract.js';
import { invoiceRepositoryContract } from './invoice-repository.contract.js';
import { paymentEventRepositoryContract } from './payment-event-repository.contract.js';
import { paymentRepositoryContract } from './payment-repository.contract.js';
import { periodResetRepositoryContract } from './period-reset-repository.contract.js';
import { rateCardsContract } from './rate-cards.contract.js';
import { sessionRepositoryContract } from './session-repository.contract.js';
import { subscriptionCheckoutsContract } from './subscription-checkouts.contract.js';
import { subscriptionRepositoryContract } from './subscription-repository.contract.js';
import { transactionContract } from './transaction.contract.js';
import { transcriptRepositoryContract } from './transcript-repository.contract.js';
import { transcriptionAttemptRepositoryContract } from './transcription-attempt-repository.contract.js';
import { usageLogRepositoryContract } from './usage-log-repository.contract.js';
import { userRepositoryContract } from './user-repository.contract.js';
import type { Effort, World } from './world.js';

/** What fake and database both must keep, so that neither can lie about the other. */
export function everyContract(world: () => World, effort: Effort): void {
  // Properties are tried many times, perhaps on a machine that is busy with other things.
  jest.setTimeout(60_000);
  transactionContract(world);
  userRepositoryContract(world);
  deviceRepositoryContract(world);
  sessionRepositoryContract(world, effort);
  transcriptionAttemptRepositoryContract(world);
  transcriptRepositoryContract(world);
  holdRepositoryContract(world, effort);
  usageLogRepositoryContract(world);
  periodResetRepositoryContract(world);
  creditAccountRepositoryContract(world);
  creditAtOnceContract(world, effort);
  creditReportContract(world);
  creditAllowancesContract(world);
  budgetLedgerContract(world, effort);
  budgetRepositoryContract(world);
  paymentRepositoryContract(world);
  paymentEventRepositoryContract(world);
  subscriptionRepositoryContract(world);
  subscriptionCheckoutsContract(world);
  invoiceRepositoryContract(world);
  rateCardsContract(world);
  idempotentAnswersContract(world);
}
