import { injectable } from 'inversify';
import type { UserId } from '#domain/accounts/user';
import type { SessionId } from '#domain/sessions/session';
import { UsageLog } from '#domain/usage/usage-log';
import type { UsageLogRepository } from '#domain/usage/usage-log-repository';
import { periodKey } from '../persistence/columns.js';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class TypeOrmUsageLogRepository implements UsageLogRepository {
  constructor(private readonly database: TypeOrmTransaction) {}

  async append(log: UsageLog): Promise<boolean> {
    const inserted = await this.database.writer
      .createQueryBuilder()
      .insert()
      .into(UsageLog)
      .values(log as object)
      .orIgnore()
      .returning(['id'])
      .execute();
    if ((inserted.raw as unknown[]).length === 0) return false;

    // The row is there since something was held in this period; its end never changes once written.
    const [, counted] = await this.database.writer.query<[unknown, number]>(
      `update period_usage
          set seconds = seconds + $3, transcriptions = transcriptions + $4
        where user_id = $1 and period_start = $2`,
      [log.userId, periodKey(log.periodStart), log.countedSeconds, log.countedTranscriptions],
    );
    if (counted !== 1) throw new Error(`Usage log ${log.id} names a period that has no counters.`);
    return true;
  }

  listOfSession(sessionId: SessionId, userId: UserId): Promise<readonly UsageLog[]> {
    return this.database.reader.find(UsageLog, { where: { sessionId, userId }, order: { attempt: 'ASC' } });
  }
}
