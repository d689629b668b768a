import { UsageLog } from '#domain/usage/usage-log';
import type { UserId } from '#domain/accounts/user';
import type { BudgetLedger, ProviderSpend } from '#domain/budgets/budget-ledger';
import { spendOfReport, type ProviderUsageLogId } from '#domain/budgets/provider-usage-log';
import { spendOfRequest, spendOfTranscription } from '#domain/budgets/provider-spend';
import type { RateCard } from '#domain/providers/rate-card';
import { SqlProviderUsageLog } from '#infrastructure/budgets/sql-provider-usage-log';
import type { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { anAiUsageLog } from '#test/support/builders/ai-usage-logs';
import { micros } from '#test/support/builders/credits';
import { aLog, aSession, aUser, newId } from '../../contracts/given.js';
import type { PostgresWorld } from '../../contracts/postgres-world.js';

/** One thing that money was spent on. */
export interface Spending {
  readonly source: 'ai' | 'session' | 'report';
  /** Null for reports alone. */
  readonly userId: UserId | null;
  readonly at: Date;
  readonly cost: number;
  readonly isEstimate: boolean;
  readonly provider: string;
  readonly tokens: number;
}

/** Writes what was spent into its log and both budgets, in one transaction each, as the product does. */
export class SpendBook {
  constructor(
    private readonly world: PostgresWorld,
    private readonly ledger: BudgetLedger,
    private readonly card: RateCard,
  ) {}

  async spend(spending: Spending): Promise<void> {
    await this.world.transaction.run(async () => {
      await this.ledger.settle(await this[spending.source](spending));
    });
  }

  private async ai({ userId, at, cost, isEstimate, provider, tokens }: Spending): Promise<ProviderSpend> {
    const quantities = { input_token: tokens, output_token: 7 };
    const entry = anAiUsageLog(userId!, newId(), {
      usage: { quantities, source: isEstimate ? 'estimate' : 'provider', image: null },
      ...{ provider, startedAt: at, providerCost: micros(cost) },
    });
    await this.world.aiLogs.append(entry);
    return spendOfRequest(entry);
  }

  private async session({ userId, at, cost, isEstimate }: Spending): Promise<ProviderSpend> {
    const session = aSession(aUser({ id: userId! }));
    const log = aLog(session, this.card, { providerMetadata: isEstimate ? {} : { duration_source: 'provider' } });
    const spent = { startedAt: at, completedAt: at, providerCostMicros: BigInt(cost) };
    const dated = Object.assign(Object.create(UsageLog.prototype) as UsageLog, log, spent);
    await this.world.logs.append(dated);
    return spendOfTranscription(dated);
  }

  private async report({ userId, at, cost, isEstimate, provider, tokens }: Spending): Promise<ProviderSpend> {
    const amounts = { estimated: micros(cost), actual: isEstimate ? null : micros(cost) };
    const entry = {
      ...{
        id: newId() as ProviderUsageLogId,
        userId,
        requestId: `report:${newId()}`,
        service: 'tts' as const,
        provider,
      },
      ...{ model: 'voice', operation: 'speech', tokens, ...amounts, succeeded: true, metadata: {}, actor: 'test', at },
    };
    await new SqlProviderUsageLog(this.world.transaction as TypeOrmTransaction).append(entry);
    return spendOfReport(entry);
  }
}
