import type { BudgetLedger } from '#domain/budgets/budget-ledger';
import { spendOfRequest } from '#domain/budgets/provider-spend';
import type { CreditSettlement, Occasion } from '#domain/credits/credit-account';
import type { CreditHold } from '#domain/credits/credit-hold';
import type { AiUsageLog, AiUsageLogRepository, LostAiRequest } from '#domain/providers/ai-usage-log';
import { InMemoryCreditAccountRepository } from './in-memory-credit-account-repository.js';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

export class InMemoryAiUsageLogRepository implements AiUsageLogRepository {
  private readonly rows: Table<AiUsageLog>;
  private readonly holds: Table<CreditHold>;
  private readonly credits: InMemoryCreditAccountRepository;

  constructor(
    private readonly transaction: InMemoryTransaction,
    /** Null where no budget counts. */
    private readonly budgets: BudgetLedger | null = null,
  ) {
    this.rows = transaction.table('ai_usage_logs');
    this.holds = transaction.table('credit_holds');
    this.credits = new InMemoryCreditAccountRepository(transaction);
  }

  /** What was committed, for a test to look at. */
  get entries(): readonly AiUsageLog[] {
    return this.rows.all();
  }

  async append(entry: AiUsageLog): Promise<boolean> {
    this.transaction.mustRun();
    const known = this.find(entry);
    if (known && known.id !== entry.id) throw new Error(`Request ${entry.requestId} has another entry already.`);
    if (!known && this.rows.has(entry.id)) throw new Error(`The entry ${entry.id} is of another request.`);
    if (entry.servedPriceId === null && !entry.cost.isZero) throw new Error('What nobody served is free.');
    if (!known) this.rows.put(entry.id, entry);
    return !known;
  }

  async settleAtOnce(entry: AiUsageLog, settlement: CreditSettlement, at: Occasion): Promise<boolean> {
    if (this.transaction.isRunning) return false;
    return this.transaction.run(async () => {
      const account = await this.credits.open(entry.userId, entry.requestId, at.now);
      const { alarmAt, debt, front, holds } = account;
      const hold = holds.find(({ requestId }) => requestId === entry.requestId);
      const isDue = alarmAt !== null && alarmAt <= at.now;
      if (!hold || hold.state !== 'open' || isDue || debt.isPositive) return false;
      if (hold.parts.length !== 1 || hold.amount.isLessThan(entry.cost)) return false;
      if (entry.cost.isLessThan(hold.amount) && hold.parts[0]!.grant !== front?.id) return false;
      await this.credits.save(account.settled(settlement, at));
      await this.budgets?.settle(spendOfRequest(entry));
      await this.append(entry);
      return true;
    });
  }

  async listLost(before: Date, limit: number): Promise<readonly LostAiRequest[]> {
    return this.holds
      .all()
      .filter(
        ({ state, closedAt, metadata }) => state === 'expired' && closedAt! < before && 'ai_usage_log_id' in metadata,
      )
      .filter((hold) => !this.find(hold))
      .sort((one, other) => one.closedAt!.getTime() - other.closedAt!.getTime())
      .slice(0, limit)
      .map(({ userId, requestId, amount: held, placedAt, closedAt, metadata }) => ({
        userId,
        requestId,
        held,
        placedAt,
        closedAt: closedAt!,
        metadata,
      }));
  }

  private find({ userId, requestId }: Pick<AiUsageLog, 'userId' | 'requestId'>): AiUsageLog | null {
    return this.rows.all().find((row) => row.userId === userId && row.requestId === requestId) ?? null;
  }
}
