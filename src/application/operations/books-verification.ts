import type { UserId } from '#domain/accounts/user';
import { SubscriptionVerification } from '../billing/subscription-verification.js';
import { BudgetVerification } from '../budgets/budget-verification.js';
import { CreditVerification } from '../credits/credit-verification.js';
import { AiUsageVerification } from '../gateway/ai-usage-verification.js';
import { UseCase } from '../use-case.js';
import { UsageVerification } from '../usage/usage-verification.js';
import type { BooksReport } from './books-report.js';

/** Verifies all books, one after the other. Changes nothing. */
@UseCase()
export class BooksVerification {
  constructor(
    private readonly usage: UsageVerification,
    private readonly credit: CreditVerification,
    private readonly ai: AiUsageVerification,
    private readonly budget: BudgetVerification,
    private readonly subscription: SubscriptionVerification,
  ) {}

  /** Of one user, or of everybody (null). `between` is waited for after each book but the last. */
  async execute(
    userId: UserId | null,
    between: () => Promise<unknown> = () => Promise.resolve(),
  ): Promise<BooksReport> {
    const usage = await this.usage.execute(userId);
    await between();
    const credit = await this.credit.execute(userId);
    await between();
    const ai = await this.ai.execute(userId);
    await between();
    const budget = await this.budget.execute(userId);
    await between();
    return { usage, credit, ai, budget, subscription: await this.subscription.execute(userId) };
  }
}
