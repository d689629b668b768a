import type { DataSource } from 'typeorm';
import { TypeOrmDeviceRepository } from '#infrastructure/accounts/typeorm-device-repository';
import { TypeOrmUserRepository } from '#infrastructure/accounts/typeorm-user-repository';
import { SqlInvoiceRepository } from '#infrastructure/billing/sql-invoice-repository';
import { SqlSubscriptionCheckouts } from '#infrastructure/billing/sql-subscription-checkouts';
import { SqlSubscriptionRepository } from '#infrastructure/billing/sql-subscription-repository';
import { SqlBudgetRepository } from '#infrastructure/budgets/sql-budget-repository';
import { SqlCreditAccountRepository } from '#infrastructure/credits/sql-credit-account-repository';
import { SqlCreditAllowances } from '#infrastructure/credits/sql-credit-allowances';
import { SqlCreditReport } from '#infrastructure/credits/sql-credit-report';
import { SqlAiUsageLogRepository } from '#infrastructure/gateway/sql-ai-usage-log-repository';
import { SqlPaymentEventRepository } from '#infrastructure/payments/sql-payment-event-repository';
import { TypeOrmPaymentRepository } from '#infrastructure/payments/typeorm-payment-repository';
import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import { dataSource } from '#infrastructure/persistence/data-source';
import { SqlIdempotentAnswers } from '#infrastructure/persistence/sql-idempotent-answers';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { FixedPlanCatalog } from '#infrastructure/plans/fixed-plan-catalog';
import { TypeOrmRateCards } from '#infrastructure/providers/typeorm-rate-cards';
import { SqlTranscriptRepository } from '#infrastructure/sessions/sql-transcript-repository';
import { TypeOrmSessionRepository } from '#infrastructure/sessions/typeorm-session-repository';
import { TypeOrmTranscriptionAttemptRepository } from '#infrastructure/sessions/typeorm-transcription-attempt-repository';
import { SqlPeriodResetRepository } from '#infrastructure/usage/sql-period-reset-repository';
import { TypeOrmHoldRepository } from '#infrastructure/usage/typeorm-hold-repository';
import { TypeOrmUsageLogRepository } from '#infrastructure/usage/typeorm-usage-log-repository';
import { createTestDatabase } from '#test/support/test-database';
import { AMPLE_BUDGETS } from '#test/support/builders/budgets';
import { PostgresBudgetBooks } from './postgres-budget-books.js';
import type { World } from './world.js';

export interface PostgresWorld extends World {
  readonly database: DataSource;
  close(): Promise<void>;
}

/** The adapters of production over a database of their own. */
export async function postgresWorld(poolSize = 10): Promise<PostgresWorld> {
  const testDatabase = await createTestDatabase();
  const database = await dataSource({ url: testDatabase.url, poolSize }).initialize();
  const transaction = new TypeOrmTransaction(database);
  return {
    database,
    transaction,
    users: new TypeOrmUserRepository(transaction),
    devices: new TypeOrmDeviceRepository(transaction),
    sessions: new TypeOrmSessionRepository(transaction),
    attempts: new TypeOrmTranscriptionAttemptRepository(transaction),
    transcripts: new SqlTranscriptRepository(transaction),
    holds: new TypeOrmHoldRepository(transaction),
    logs: new TypeOrmUsageLogRepository(transaction),
    resets: new SqlPeriodResetRepository(transaction),
    credits: new SqlCreditAccountRepository(transaction),
    aiLogs: new SqlAiUsageLogRepository(transaction, AMPLE_BUDGETS),
    creditReport: new SqlCreditReport(transaction),
    allowances: new SqlCreditAllowances(transaction),
    payments: new TypeOrmPaymentRepository(transaction),
    events: new SqlPaymentEventRepository(transaction),
    subscriptions: new SqlSubscriptionRepository(transaction),
    subscriptionCheckouts: new SqlSubscriptionCheckouts(transaction),
    invoices: new SqlInvoiceRepository(transaction),
    rateCards: new TypeOrmRateCards(transaction),
    answers: new SqlIdempotentAnswers(transaction),
    budgetBooks: (rules) => new PostgresBudgetBooks(database, transaction, rules),
    budgets: (rules) => new SqlBudgetRepository(transaction, rules, new FixedPlanCatalog(DEFAULT_CATALOG)),
    givenRateCard: async ({ id, provider, model, microsPerMinute, effectiveFrom, source }) => {
      await database.query(
        `insert into rate_cards (id, provider, model, micros_per_minute, effective_from, source) values ($1, $2, $3, $4, $5, $6)`,
        [id, provider, model, microsPerMinute.toString(), effectiveFrom, source],
      );
    },
    close: async () => {
      await database.destroy();
      await testDatabase.drop();
    },
  };
}
