import { DomainException } from '#domain/shared/domain-exception';
import type { CreditAllowances } from '#application/credits/credit-allowances';
import type { CreditReport } from '#application/credits/credit-report';
import type { IdempotentAnswers } from '#application/ports/idempotent-answers';
import type { Transaction } from '#application/ports/transaction';
import type { DeviceRepository } from '#domain/accounts/device';
import type { UserRepository } from '#domain/accounts/user-repository';
import type { SubscriptionCheckouts } from '#domain/billing/subscription-checkouts';
import type { InvoiceRepository, SubscriptionRepository } from '#domain/billing/subscription-repository';
import type { BudgetRepository } from '#domain/budgets/budget-repository';
import type { BudgetRules } from '#domain/budgets/budget-rules';
import type { CreditAccountRepository } from '#domain/credits/credit-account-repository';
import type { PaymentEventRepository } from '#domain/payments/payment-event';
import type { PaymentRepository } from '#domain/payments/payment-repository';
import type { AiUsageLogRepository } from '#domain/providers/ai-usage-log';
import type { RateCard, RateCards } from '#domain/providers/rate-card';
import type { SessionRepository } from '#domain/sessions/session-repository';
import type { TranscriptRepository } from '#domain/sessions/transcript-repository';
import type { TranscriptionAttemptRepository } from '#domain/sessions/transcription-attempt';
import type { HoldRepository } from '#domain/usage/hold-repository';
import type { PeriodResetRepository } from '#domain/usage/period-reset';
import type { UsageLogRepository } from '#domain/usage/usage-log-repository';
import type { BudgetBooks } from './budget-books.js';

/** Every port of one store. A contract is written against this and against nothing behind it. */
export interface World {
  readonly transaction: Transaction;
  readonly users: UserRepository;
  readonly devices: DeviceRepository;
  readonly sessions: SessionRepository;
  readonly attempts: TranscriptionAttemptRepository;
  readonly transcripts: TranscriptRepository;
  readonly holds: HoldRepository;
  readonly logs: UsageLogRepository;
  readonly resets: PeriodResetRepository;
  readonly credits: CreditAccountRepository;
  readonly creditReport: CreditReport;
  readonly aiLogs: AiUsageLogRepository;
  readonly allowances: CreditAllowances;
  readonly payments: PaymentRepository;
  readonly events: PaymentEventRepository;
  readonly subscriptions: SubscriptionRepository;
  readonly subscriptionCheckouts: SubscriptionCheckouts;
  readonly invoices: InvoiceRepository;
  readonly rateCards: RateCards;
  readonly answers: IdempotentAnswers;
  /** Provider money in budgets, by limits that stand outside the store. */
  budgetBooks(rules: BudgetRules): BudgetBooks;
  /** What was configured of the same budgets, by the plans of the users of this store. */
  budgets(rules: BudgetRules): BudgetRepository;
  /** Rate cards come from migrations and the operator, so their port cannot add one. */
  givenRateCard(card: RateCard): Promise<void>;
}

/** How often a property is tried: a database is slower than a map. */
export interface Effort {
  readonly runs: number;
}

/** What a rule that throws decides: the yes or no that a store must answer with. */
export function admits(decision: () => void): boolean {
  try {
    decision();
    return true;
  } catch (error) {
    if (error instanceof DomainException) return false;
    throw error;
  }
}
