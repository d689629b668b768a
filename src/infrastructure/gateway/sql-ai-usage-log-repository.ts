import { injectable } from 'inversify';
import type { CreditSettlement, Occasion } from '#domain/credits/credit-account';
import type { Metadata } from '#domain/credits/credit-transaction';
import { BudgetRules } from '#domain/budgets/budget-rules';
import { spendOfRequest } from '#domain/budgets/provider-spend';
import type { AiUsageLog, AiUsageLogRepository, LostAiRequest } from '#domain/providers/ai-usage-log';
import type { UserId } from '#domain/accounts/user';
import { Money } from '#domain/shared/money';
import { ruleValues, spendValues } from '../budgets/budget-values.js';
import { type PreparedStatement, TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlAiUsageLogRepository implements AiUsageLogRepository {
  constructor(
    private readonly database: TypeOrmTransaction,
    private readonly rules: BudgetRules,
  ) {}

  async append(entry: AiUsageLog): Promise<void> {
    void this.database.writer;
    const { rowCount } = await this.database.prepared(APPEND, valuesOf(entry));
    if (rowCount === 1) return;
    // Settled before, by a statement whose answer was lost on the way.
    const { rows } = await this.database.prepared<KnownRow>(FIND, [entry.userId, entry.requestId]);
    const known = rows[0];
    const isSame =
      known?.id === entry.id && known.outcome === entry.outcome && BigInt(known.cost_micros) === entry.cost.micros;
    if (!isSame) throw new Error(`Request ${entry.requestId} has another entry already.`);
  }

  async settleAtOnce(entry: AiUsageLog, settlement: CreditSettlement, { now, nextId }: Occasion): Promise<boolean> {
    if (this.database.isRunning) return false;
    const { type, description, metadata, actor } = settlement;
    const { rowCount } = await this.database.prepared(SETTLE_AND_APPEND, [
      ...valuesOf(entry),
      now,
      nextId(),
      type,
      description,
      metadata,
      actor,
      ...spendValues(spendOfRequest(entry), now).slice(2),
      ...ruleValues(this.rules),
    ]);
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

const COLUMNS = [
  'id',
  'user_id',
  'request_id',
  'trace_id',
  'endpoint',
  'modality',
  'streamed',
  'requested_model',
  'provider',
  'model',
  'quantities',
  'usage_source',
  'image',
  'outcome',
  'attempts',
  'held_micros',
  'cost_micros',
  'provider_cost_micros',
  'price_id',
  'served_price_id',
  'markup_bp',
  'started_at',
  'first_byte_ms',
  'total_ms',
] as const;

const TYPES: Readonly<Partial<Record<(typeof COLUMNS)[number], string>>> = {
  id: 'uuid',
  user_id: 'uuid',
  modality: 'ai_modality',
  streamed: 'boolean',
  quantities: 'jsonb',
  usage_source: 'ai_usage_source',
  image: 'jsonb',
  outcome: 'ai_outcome',
  attempts: 'jsonb',
  held_micros: 'bigint',
  cost_micros: 'bigint',
  provider_cost_micros: 'bigint',
  price_id: 'uuid',
  served_price_id: 'uuid',
  markup_bp: 'integer',
  started_at: 'timestamptz',
  first_byte_ms: 'integer',
  total_ms: 'integer',
};

function valuesOf(entry: AiUsageLog): readonly unknown[] {
  const { usage, held, cost, providerCost } = entry;
  return [
    entry.id,
    entry.userId,
    entry.requestId,
    entry.traceId,
    entry.endpoint,
    entry.modality,
    entry.streamed,
    entry.requestedModel,
    entry.provider,
    entry.model,
    usage.quantities,
    usage.source,
    usage.image,
    entry.outcome,
    JSON.stringify(entry.attempts),
    held.micros,
    cost.micros,
    providerCost.micros,
    entry.priceId,
    entry.servedPriceId,
    entry.markup,
    entry.startedAt,
    entry.firstByteMs,
    entry.totalMs,
  ];
}

/** `$1::uuid, …`: every parameter says its type, because in a SELECT nothing else would. */
const PARAMETERS = COLUMNS.map((column, index) => `$${index + 1}::${TYPES[column] ?? 'text'}`).join(', ');
const place = (column: (typeof COLUMNS)[number]): string => `$${COLUMNS.indexOf(column) + 1}`;
const after = (index: number): string => `$${COLUMNS.length + index}`;

const APPEND: PreparedStatement = {
  name: 'append_ai_usage_log',
  text: `insert into ai_usage_logs (${COLUMNS.join(', ')}) select ${PARAMETERS} on conflict (user_id, request_id) do nothing`,
};

const FIND: PreparedStatement = {
  name: 'find_ai_usage_log',
  text: 'select id, outcome, cost_micros from ai_usage_logs where user_id = $1 and request_id = $2',
};

/** The charge, what it takes of the budgets, and its entry are one statement: all are kept, or none. */
const SETTLE_AND_APPEND: PreparedStatement = {
  name: 'settle_ai_request',
  text: `
    with settled as materialized (
      select settle_credit(${place('user_id')}::uuid, ${place('request_id')}::text, ${place('cost_micros')}::bigint, ${after(1)}::timestamptz,
                           ${after(2)}::uuid, ${after(3)}::text, ${after(4)}::text, ${after(5)}::jsonb, ${after(6)}::text) as is_done
    ), booked as materialized (
      select settle_budget(${place('user_id')}::uuid, ${place('request_id')}::text, ${after(7)}::timestamptz, ${after(8)}::timestamptz,
                           ${after(9)}::bigint, ${after(10)}::boolean, ${after(11)}::service_type, ${after(12)}::text,
                           ${after(13)}::text, ${after(14)}::bigint, ${after(15)}::jsonb, ${after(16)}::text)
        from settled where is_done
    )
    insert into ai_usage_logs (${COLUMNS.join(', ')})
    select ${PARAMETERS} from booked`,
};
