import { injectable } from 'inversify';
import type { CreditSettlement, Occasion } from '#domain/credits/credit-account';
import type { Metadata } from '#domain/credits/credit-transaction';
import { BudgetRules } from '#domain/budgets/budget-rules';
import { spendOfRequest } from '#domain/budgets/provider-spend';
import type { AiUsageLog, AiUsageLogRepository, LostAiRequest } from '#domain/providers/ai-usage-log';
import type { UserId } from '#domain/accounts/user';
import { Money } from '#domain/shared/money';
import { ruleValues } from '../budgets/budget-values.js';
import { MicroBatches } from '../persistence/micro-batches.js';
import { type PreparedStatement, TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlAiUsageLogRepository implements AiUsageLogRepository {
  private readonly batches = new MicroBatches<Asked, boolean>(
    (one) => this.settleAlone(one),
    (several) => this.settleTogether(several),
  );

  constructor(
    private readonly database: TypeOrmTransaction,
    private readonly rules: BudgetRules,
  ) {}

  async append(entry: AiUsageLog): Promise<boolean> {
    void this.database.writer;
    const { rowCount } = await this.database.prepared(APPEND, [JSON.stringify(rowOf(entry))]);
    if (rowCount === 1) return true;
    // Settled before, by a statement whose answer was lost on the way.
    const { rows } = await this.database.prepared<KnownRow>(FIND, [entry.userId, entry.requestId]);
    const known = rows[0];
    const isSame =
      known?.id === entry.id && known.outcome === entry.outcome && BigInt(known.cost_micros) === entry.cost.micros;
    if (!isSame) throw new Error(`Request ${entry.requestId} has another entry already.`);
    return false;
  }

  async settleAtOnce(entry: AiUsageLog, settlement: CreditSettlement, occasion: Occasion): Promise<boolean> {
    if (this.database.isRunning) return false;
    return this.batches.add(entry.userId, { entry, settlement, occasion });
  }

  /** Those that fit without a second look. */
  private async settleTogether(asked: readonly Asked[]): Promise<ReadonlyMap<Asked, boolean>> {
    const users = asked.map(({ entry }) => entry.userId);
    const spends = JSON.stringify(asked.map(spendToSettle));
    const logs = JSON.stringify(asked.map(({ entry }) => rowOf(entry)));
    const values = [users, spends, logs, this.rules.version];
    const { rows } = await this.database.prepared<{ readonly log_id: string }>(SETTLE_TOGETHER, values);
    const settled = new Set(rows.map(({ log_id: id }) => id));
    return new Map(asked.filter(({ entry }) => settled.has(entry.id)).map((one) => [one, true]));
  }

  private async settleAlone(asked: Asked): Promise<boolean> {
    const values = [
      JSON.stringify(spendToSettle(asked)),
      JSON.stringify(rowOf(asked.entry)),
      ...ruleValues(this.rules),
    ];
    const { rowCount } = await this.database.prepared(SETTLE_ALONE, values);
    return rowCount === 1;
  }

  async listLost(before: Date, limit: number): Promise<readonly LostAiRequest[]> {
    const rows = await this.database.reader.query<LostRow[]>(
      `select user_id, request_id, amount_micros, placed_at, closed_at, metadata
         from credit_holds h
        where state = 'expired' and closed_at < $1 and metadata ? 'ai_usage_log_id'
          and not exists (select from ai_usage_logs l where l.user_id = h.user_id and l.request_id = h.request_id)
        order by closed_at limit $2`,
      [before, limit],
    );
    return rows.map((row) => ({
      userId: row.user_id,
      requestId: row.request_id,
      held: Money.ofMicros(BigInt(row.amount_micros)),
      placedAt: row.placed_at,
      closedAt: row.closed_at,
      metadata: row.metadata,
    }));
  }
}

interface KnownRow {
  readonly id: string;
  readonly outcome: string;
  readonly cost_micros: string;
}

interface LostRow {
  readonly user_id: UserId;
  readonly request_id: string;
  readonly amount_micros: string;
  readonly placed_at: Date;
  readonly closed_at: Date;
  readonly metadata: Metadata;
}

interface Asked {
  readonly entry: AiUsageLog;
  readonly settlement: CreditSettlement;
  readonly occasion: Occasion;
}

/** As the type of this name in migration 1764547200016. */
function spendToSettle({ entry, settlement, occasion: { now, nextId } }: Asked): object {
  const { type, description, metadata, actor } = settlement;
  const { service, tokens } = spendOfRequest(entry);
  const spent = entry.providerCost.micros.toString();
  return {
    log_id: entry.id,
    user_id: entry.userId,
    request_id: entry.requestId,
    cost: entry.cost.micros.toString(),
    spent,
    estimated: entry.usage.source === 'estimate' ? spent : '0',
    now,
    entry_id: nextId(),
    entry_type: type,
    entry_description: description,
    entry_metadata: metadata,
    entry_actor: actor,
    started_at: entry.startedAt,
    service,
    provider: entry.provider,
    model: entry.model,
    tokens,
  };
}

/** A row of ai_usage_logs. */
function rowOf(entry: AiUsageLog): object {
  const { usage } = entry;
  return {
    id: entry.id,
    user_id: entry.userId,
    request_id: entry.requestId,
    trace_id: entry.traceId,
    endpoint: entry.endpoint,
    modality: entry.modality,
    streamed: entry.streamed,
    requested_model: entry.requestedModel,
    provider: entry.provider,
    model: entry.model,
    quantities: usage.quantities,
    usage_source: usage.source,
    image: usage.image,
    outcome: entry.outcome,
    attempts: entry.attempts,
    held_micros: entry.held.micros.toString(),
    cost_micros: entry.cost.micros.toString(),
    provider_cost_micros: entry.providerCost.micros.toString(),
    price_id: entry.priceId,
    served_price_id: entry.servedPriceId,
    markup_bp: entry.markup,
    started_at: entry.startedAt,
    first_byte_ms: entry.firstByteMs,
    total_ms: entry.totalMs,
  };
}

const APPEND: PreparedStatement = {
  name: 'append_ai_usage_log',
  text: `
    insert into ai_usage_logs select * from json_populate_record(null::ai_usage_logs, $1)
      on conflict (user_id, request_id) do nothing`,
};

const FIND: PreparedStatement = {
  name: 'find_ai_usage_log',
  text: 'select id, outcome, cost_micros from ai_usage_logs where user_id = $1 and request_id = $2',
};

const SETTLE_TOGETHER: PreparedStatement = {
  name: 'settle_together',
  text: 'select log_id from settle_together($1, $2, $3, $4)',
};

/** The charge, what it takes of the budgets, and its entry are one statement: all are kept, or none. */
const SETTLE_ALONE: PreparedStatement = {
  name: 'settle_ai_request',
  text: `
    with asked as materialized (
      select * from json_populate_record(null::spend_to_settle, $1)
    ), settled as materialized (
      select settle_credit(user_id, request_id, cost, now, entry_id, entry_type, entry_description, entry_metadata, entry_actor) as is_done
        from asked
    ), booked as materialized (
      select settle_budget(user_id, request_id, started_at, now, spent, estimated > 0, service, provider, model, tokens, $3, $4)
        from asked, settled where is_done
    )
    insert into ai_usage_logs select l.* from booked, json_populate_record(null::ai_usage_logs, $2) l`,
};
