import { injectable } from 'inversify';
import type {
  AiUsageEvidence,
  AiUsageFinding,
  LinkFindingKind,
  LoggedCost,
} from '#application/gateway/ai-usage-evidence';
import type { UserId } from '#domain/accounts/user';
import type { AiUsage } from '#domain/providers/ai-usage';
import type { AiOutcome, AiUsageLogId } from '#domain/providers/ai-usage-log';
import type { Modality, ModelPrice, ModelPriceId } from '#domain/providers/model-price';
import { Money } from '#domain/shared/money';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { AI_USAGE_FINDINGS } from './ai-usage-findings.js';
import { type ModelPriceRow, modelPriceOf, PRICE_COLUMNS } from './model-rows.js';

/** Before every user there is. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

@injectable()
export class SqlAiUsageEvidence implements AiUsageEvidence {
  constructor(private readonly database: TypeOrmTransaction) {}

  /** Along the index that keeps requests unique, so that no page costs more than another. */
  async *pages(userId: UserId | null, size: number): AsyncIterable<readonly LoggedCost[]> {
    let last: Pick<LoggedRow, 'user_id' | 'request_id'> = { user_id: NOBODY as UserId, request_id: '' };
    let rows: readonly LoggedRow[];
    do {
      rows = await this.database.reader.query<LoggedRow[]>(
        `select id, user_id, request_id, modality, quantities, usage_source, image, outcome, held_micros, cost_micros,
                provider_cost_micros, price_id, served_price_id, markup_bp
           from ai_usage_logs
          where (user_id, request_id) > ($1, $2) and ($3::uuid is null or user_id = $3)
          order by user_id, request_id limit $4`,
        [last.user_id, last.request_id, userId, size],
      );
      if (rows.length > 0) yield rows.map(loggedCostOf);
      last = rows.at(-1) ?? last;
    } while (rows.length === size);
  }

  async prices(ids: readonly ModelPriceId[]): Promise<readonly ModelPrice[]> {
    const rows = await this.database.reader.query<ModelPriceRow[]>(
      `select ${PRICE_COLUMNS} from model_prices p where p.id = any($1::uuid[])`,
      [[...ids]],
    );
    return rows.map(modelPriceOf);
  }

  async findings(kind: LinkFindingKind, userId: UserId | null, limit: number): Promise<readonly AiUsageFinding[]> {
    const rows = await this.database.reader.query<FindingRow[]>(AI_USAGE_FINDINGS[kind], [userId, limit]);
    return rows.map(({ user_id, id, stored, recomputed }) => ({ kind, userId: user_id, id, stored, recomputed }));
  }
}

interface LoggedRow {
  readonly id: AiUsageLogId;
  readonly user_id: UserId;
  readonly request_id: string;
  readonly modality: Modality;
  readonly quantities: AiUsage['quantities'];
  readonly usage_source: AiUsage['source'];
  readonly image: AiUsage['image'];
  readonly outcome: AiOutcome;
  readonly held_micros: string;
  readonly cost_micros: string;
  readonly provider_cost_micros: string;
  readonly price_id: ModelPriceId;
  readonly served_price_id: ModelPriceId | null;
  readonly markup_bp: number;
}

interface FindingRow {
  readonly user_id: UserId;
  readonly id: string;
  readonly stored: AiUsageFinding['stored'];
  readonly recomputed: AiUsageFinding['recomputed'];
}

function loggedCostOf(row: LoggedRow): LoggedCost {
  return {
    id: row.id,
    userId: row.user_id,
    modality: row.modality,
    usage: { quantities: row.quantities, source: row.usage_source, image: row.image },
    outcome: row.outcome,
    held: Money.ofMicros(BigInt(row.held_micros)),
    cost: Money.ofMicros(BigInt(row.cost_micros)),
    providerCost: Money.ofMicros(BigInt(row.provider_cost_micros)),
    priceId: row.price_id,
    servedPriceId: row.served_price_id,
    markup: row.markup_bp,
  };
}
