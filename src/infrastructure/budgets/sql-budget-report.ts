import { injectable } from 'inversify';
import type {
  BudgetReport,
  BudgetSlice,
  NamedSlice,
  SpendEntry,
  SpendShares,
} from '#application/budgets/budget-report';
import type { UserId } from '#domain/accounts/user';
import { type BudgetId, GLOBAL_BUDGET } from '#domain/budgets/budget';
import type { BudgetPeriod } from '#domain/budgets/budget-period';
import { money } from '../persistence/money.js';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { NOBODY } from './budget-statements.js';

/**
 * Reads whole days as they were added up when they were spent, and the logs for the days alone that a period has only a part
 * of: the first and the last one, after a reset at noon.
 */
@injectable()
export class SqlBudgetReport implements BudgetReport {
  constructor(private readonly database: TypeOrmTransaction) {}

  async sharesOf(id: BudgetId, { start, end }: BudgetPeriod): Promise<SpendShares> {
    const { from, until, edges } = daysOf(start, end);
    const isGlobal = id === GLOBAL_BUDGET;
    const values = [start, end, from, until, edges, ...(isGlobal ? [] : [id])];
    const [row] = await this.database.reader.query<[SharesRow]>(isGlobal ? OF_ALL : OF_ONE, values);
    const named = (kind: SliceRow['kind']): readonly NamedSlice[] =>
      row.slices
        .filter((slice) => slice.kind === kind)
        .map((slice) => ({ name: slice.name, ...sliceOf(slice) }))
        .sort((one, other) => compare(other.cost.micros, one.cost.micros) || compare(one.name, other.name));
    return {
      total: sliceOf(row.slices.find(({ kind }) => kind === 'total')!),
      byProvider: named('provider'),
      byService: named('service'),
      byModel: named('model'),
      byDay: row.slices
        .filter(({ kind }) => kind === 'day')
        .map((slice) => ({ date: slice.name, ...sliceOf(slice) }))
        .sort((one, other) => compare(one.date, other.date)),
      dearest: row.dearest.map(entryOf),
    };
  }
}

/** Whole days from `from` to before `until`, and those beside them that the period has a part of. */
function daysOf(
  start: Date,
  end: Date,
): { readonly from: string; readonly until: string; readonly edges: readonly string[] } {
  const isMidnight = (at: Date): boolean => at.getTime() % DAY_MS === 0;
  const until = dayOf(end);
  const from = isMidnight(start) ? dayOf(start) : dayOf(new Date(start.getTime() + DAY_MS));
  const edges = [...(isMidnight(start) ? [] : [dayOf(start)]), ...(isMidnight(end) ? [] : [until])];
  return { from, until, edges: [...new Set(edges)] };
}

const DAY_MS = 24 * 60 * 60 * 1000;
const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
const compare = <T extends string | bigint>(one: T, other: T): number => (one < other ? -1 : one > other ? 1 : 0);

/**
 * One statement, which sees days and logs as of one instant. Of the logs it reads by user and day alone: the entries of a
 * day's edge, and from the dearest on ten of each day that can have any of the ten. A group of requests has one that
 * costs at least its average: where ten groups have, nothing below the least of these averages is among the ten.
 */
function shares(mine: string): string {
  return `
  with spend as materialized (
    select d.user_id, d.day, d.service, d.provider, d.model, d.requests, d.tokens, d.cost_micros, d.estimated_micros
      from budget_days d
     where ${mine} and d.day >= $3::date and d.day < $4::date
    union all
    select part.* from (select distinct d.user_id, d.day from budget_days d where ${mine} and d.day = any($5::date[])) edge,
      lateral (${EDGE('s.user_id = edge.user_id')} union all ${EDGE(`s.user_id is null and edge.user_id = ${NOBODY}`)}) part
  ), slices as (
    select case grouping(day, service, provider, model) when 15 then 'total' when 13 then 'provider' when 11 then 'service'
                                                        when 12 then 'model' else 'day' end as kind,
           coalesce(provider || '/' || model, provider, service::text, day::text, '') as name,
           coalesce(sum(requests), 0)::bigint as requests, coalesce(sum(tokens), 0)::bigint as tokens,
           coalesce(sum(cost_micros), 0)::text as cost, coalesce(sum(estimated_micros), 0)::text as estimated
      from spend
     group by grouping sets ((), (provider), (service), (provider, model), (day))
  ), bound as (
    select case count(*) when 10 then min(average) else 0 end as micros
      from (select cost_micros / requests as average from spend order by 1 desc limit 10) dear
  ), top as (
    select entry.*
      from (select distinct user_id, day from spend, bound where cost_micros >= bound.micros) place,
        lateral (${DEAREST}) entry
     order by entry.cost_micros desc, entry.at desc, entry.id limit 10
  ), dearest as (
    select s.* from top, lateral (select * from provider_spend s where s.source = top.source and s.id = top.id limit 1) s
  )
  select (select json_agg(s) from slices s) as slices,
         (select coalesce(json_agg(json_build_object(
                   'id', e.id, 'at', e.at, 'user_id', e.user_id, 'service', e.service, 'provider', e.provider, 'model', e.model,
                   'operation', e.operation, 'cost', e.cost_micros::text, 'is_estimate', e.is_estimate, 'tokens', e.tokens,
                   'source', e.source) order by e.cost_micros desc, e.at desc, e.id), '[]') from dearest e) as dearest`;
}

const EDGE = (whose: string): string => `
        (select edge.user_id, edge.day, s.service, s.provider, s.model, count(*) as requests, sum(s.tokens)::bigint as tokens,
                sum(s.cost_micros)::bigint as cost_micros,
                coalesce(sum(s.cost_micros) filter (where s.is_estimate), 0)::bigint as estimated_micros
           from provider_spend s
          where ${whose} and s.day = edge.day and s.at >= $1::timestamptz and s.at < $2::timestamptz
          group by s.service, s.provider, s.model)`;

/**
 * Each log by itself: the whole of them in one order would have to be sorted. Equals come as their index has them: to put a
 * million of them in order, all would have to be read.
 */
const DEAREST = [
  ['ai', 'ai_usage_logs', 'started_at', 'provider_cost_micros', 'l.user_id = place.user_id and l.provider is not null'],
  ['session', 'usage_logs', 'started_at', 'provider_cost_micros', 'l.user_id = place.user_id'],
  ['report', 'provider_usage_logs', 'at', 'coalesce(actual_micros, estimated_micros)', 'l.user_id = place.user_id'],
  [
    'report',
    'provider_usage_logs',
    'at',
    'coalesce(actual_micros, estimated_micros)',
    `l.user_id is null and place.user_id = ${NOBODY}`,
  ],
]
  .map(
    ([source, log, at, cost, whose]) => `
        (select '${source}' as source, l.id, l.${at} as at, ${cost}::bigint as cost_micros from ${log} l
          where ${whose} and cast(l.${at} at time zone 'UTC' as date) = place.day and l.${at} >= $1::timestamptz and l.${at} < $2::timestamptz
          order by ${cost} desc limit 10)`,
  )
  .join(' union all ');

const OF_ALL = shares('true');
const OF_ONE = shares('d.user_id = $6::uuid');

interface SliceRow {
  readonly kind: 'total' | 'provider' | 'service' | 'model' | 'day';
  readonly name: string;
  readonly requests: number;
  readonly tokens: number;
  readonly cost: string;
  readonly estimated: string;
}

interface EntryRow {
  readonly id: string;
  readonly at: string;
  readonly user_id: UserId | null;
  readonly service: SpendEntry['service'];
  readonly provider: string;
  readonly model: string;
  readonly operation: string;
  readonly cost: string;
  readonly is_estimate: boolean;
  readonly tokens: number;
  readonly source: SpendEntry['source'];
}

interface SharesRow {
  readonly slices: readonly SliceRow[];
  readonly dearest: readonly EntryRow[];
}

function sliceOf({ cost, estimated, requests, tokens }: SliceRow): BudgetSlice {
  return { cost: money(cost), estimated: money(estimated), requests, tokens };
}

function entryOf({ user_id: userId, is_estimate: isEstimate, at, cost, ...row }: EntryRow): SpendEntry {
  return { ...row, at: new Date(at), userId, cost: money(cost), isEstimate };
}
