import { injectable } from 'inversify';
import type { ProviderUsageLog, ProviderUsageLogRepository } from '#domain/budgets/provider-usage-log';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlProviderUsageLog implements ProviderUsageLogRepository {
  constructor(private readonly database: TypeOrmTransaction) {}

  async append(entry: ProviderUsageLog): Promise<boolean> {
    const rows = await this.database.writer.query<unknown[]>(
      `insert into provider_usage_logs (id, user_id, request_id, service, provider, model, operation, tokens,
                                        estimated_micros, actual_micros, succeeded, metadata, actor, at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
       on conflict (coalesce(user_id, '00000000-0000-0000-0000-000000000000'), request_id) do nothing
       returning id`,
      [
        entry.id,
        entry.userId,
        entry.requestId,
        entry.service,
        entry.provider,
        entry.model,
        entry.operation,
        entry.tokens,
        entry.estimated.micros,
        entry.actual?.micros ?? null,
        entry.succeeded,
        entry.metadata,
        entry.actor,
        entry.at,
      ],
    );
    return rows.length === 1;
  }
}
