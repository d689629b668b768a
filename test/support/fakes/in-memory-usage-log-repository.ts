import type { UserId } from '#domain/accounts/user';
import type { SessionId } from '#domain/sessions/session';
import type { UsageLog } from '#domain/usage/usage-log';
import type { UsageLogRepository } from '#domain/usage/usage-log-repository';
import { InMemoryPeriodUsage } from './in-memory-period-usage.js';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

export class InMemoryUsageLogRepository implements UsageLogRepository {
  private readonly rows: Table<UsageLog>;
  private readonly counters: InMemoryPeriodUsage;

  constructor(transaction: InMemoryTransaction) {
    this.rows = transaction.table('usage_logs');
    this.counters = new InMemoryPeriodUsage(transaction);
  }

  async append(log: UsageLog): Promise<boolean> {
    const key = `${log.sessionId}:${log.attempt}`;
    if (this.rows.has(key)) return false;
    if (log.transcriptionType !== 'original' && log.parentLogId === null) {
      throw new Error(`Usage log ${log.id} is a retry without a parent.`);
    }
    if (!this.counters.find(log.userId, log.periodStart)) {
      throw new Error(`Usage log ${log.id} names a period that has no counters.`);
    }
    this.rows.put(key, log);
    const { countedSeconds: seconds, countedTranscriptions: transcriptions } = log;
    this.counters.add(log.userId, log.periodStart, { seconds, transcriptions });
    return true;
  }

  async listOfSession(sessionId: SessionId, userId: UserId): Promise<readonly UsageLog[]> {
    return this.rows
      .all()
      .filter((log) => log.sessionId === sessionId && log.userId === userId)
      .sort((one, other) => one.attempt - other.attempt);
  }
}
