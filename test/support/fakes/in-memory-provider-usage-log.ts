import type { ProviderUsageLog, ProviderUsageLogRepository } from '#domain/budgets/provider-usage-log';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

export class InMemoryProviderUsageLog implements ProviderUsageLogRepository {
  private readonly rows: Table<ProviderUsageLog>;

  constructor(transaction: InMemoryTransaction) {
    this.rows = transaction.table('provider_usage_logs');
  }

  /** What was committed, for a test to look at. */
  get entries(): readonly ProviderUsageLog[] {
    return this.rows.all();
  }

  async append(entry: ProviderUsageLog): Promise<boolean> {
    const key = `${entry.userId ?? 'nobody'} ${entry.requestId}`;
    const isNew = !this.rows.has(key);
    this.rows.put(key, this.rows.get(key) ?? entry);
    return isNew;
  }
}
