import { InMemoryAiUsageLogRepository } from '#test/support/fakes/in-memory-ai-usage-log-repository';
import { InMemoryBudgetRepository } from '#test/support/fakes/in-memory-budget-repository';
import { InMemoryCreditAccountRepository } from '#test/support/fakes/in-memory-credit-account-repository';
import { InMemoryCreditAllowances } from '#test/support/fakes/in-memory-credit-allowances';
import { InMemoryCreditReport } from '#test/support/fakes/in-memory-credit-report';
import { InMemoryDeviceRepository } from '#test/support/fakes/in-memory-device-repository';
import { InMemoryHoldRepository } from '#test/support/fakes/in-memory-hold-repository';
import { InMemoryIdempotentAnswers } from '#test/support/fakes/in-memory-idempotent-answers';
import { InMemoryInvoiceRepository } from '#test/support/fakes/in-memory-invoice-repository';
import { InMemoryPaymentEventRepository } from '#test/support/fakes/in-memory-payment-event-repository';
import { InMemoryPaymentRepository } from '#test/support/fakes/in-memory-payment-repository';
import { InMemoryPeriodResetRepository } from '#test/support/fakes/in-memory-period-reset-repository';
import { InMemoryRateCards } from '#test/support/fakes/in-memory-rate-cards';
import { InMemorySessionRepository } from '#test/support/fakes/in-memory-session-repository';
import { InMemorySubscriptionCheckouts } from '#test/support/fakes/in-memory-subscription-checkouts';
import { InMemorySubscriptionRepository } from '#test/support/fakes/in-memory-subscription-repository';
import { InMemoryTranscriptRepository } from '#test/support/fakes/in-memory-transcript-repository';
import { InMemoryTranscriptionAttemptRepository } from '#test/support/fakes/in-memory-transcription-attempt-repository';
import { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';
import { InMemoryUsageLogRepository } from '#test/support/fakes/in-memory-usage-log-repository';
import { InMemoryUserRepository } from '#test/support/fakes/in-memory-user-repository';
import { InMemoryBudgetBooks } from './in-memory-budget-books.js';
import type { World } from './world.js';

export function inMemoryWorld(): World {
  const transaction = new InMemoryTransaction();
  const rateCards = new InMemoryRateCards();
  return {
    transaction,
    users: new InMemoryUserRepository(transaction),
    devices: new InMemoryDeviceRepository(transaction),
    sessions: new InMemorySessionRepository(transaction),
    attempts: new InMemoryTranscriptionAttemptRepository(transaction),
    transcripts: new InMemoryTranscriptRepository(transaction),
    holds: new InMemoryHoldRepository(transaction),
    logs: new InMemoryUsageLogRepository(transaction),
    resets: new InMemoryPeriodResetRepository(transaction),
    credits: new InMemoryCreditAccountRepository(transaction),
    aiLogs: new InMemoryAiUsageLogRepository(transaction),
    creditReport: new InMemoryCreditReport(transaction),
    allowances: new InMemoryCreditAllowances(transaction),
    payments: new InMemoryPaymentRepository(transaction),
    events: new InMemoryPaymentEventRepository(transaction),
    subscriptions: new InMemorySubscriptionRepository(transaction),
    subscriptionCheckouts: new InMemorySubscriptionCheckouts(transaction),
    invoices: new InMemoryInvoiceRepository(transaction),
    rateCards,
    answers: new InMemoryIdempotentAnswers(transaction),
    budgetBooks: (rules) => new InMemoryBudgetBooks(transaction, rules),
    budgets: (rules) => new InMemoryBudgetRepository(transaction, rules),
    givenRateCard: async (card) => rateCards.add(card),
  };
}
