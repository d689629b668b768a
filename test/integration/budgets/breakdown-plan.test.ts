import { type BudgetId, budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { BudgetPeriod } from '#domain/budgets/budget-period';
import { SqlBudgetReport } from '#infrastructure/budgets/sql-budget-report';
import type { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { Given } from '../../contracts/given.js';
import { type PostgresWorld, postgresWorld } from '../../contracts/postgres-world.js';

const USERS = 3;
const ENTRIES = 20_000;
const LOGS = ['ai_usage_logs', 'usage_logs', 'provider_usage_logs'];

let world: PostgresWorld;
let someone: BudgetId;
const given = new Given(() => world);

beforeAll(async () => {
  world = await postgresWorld(2);
  const card = await given.rateCard();
  for (let user = 0; user < USERS; user++) {
    const { id } = await given.user();
    someone = budgetOf(id);
    for (const insert of FILL)
      await world.database.query(insert, [id, ENTRIES / 10, ...(insert.includes('$3') ? [card.id] : [])]);
  }
  await world.database.query(DAYS);
  await world.database.query('vacuum analyze ai_usage_logs, usage_logs, provider_usage_logs, budget_days');
}, 120_000);
afterAll(() => world.close());

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

const nodesOf = (plan: Plan): readonly Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** Every node that reads a log, of the very statement that a report runs. */
async function readsOfLogs(id: BudgetId, start: string, end: string): Promise<readonly Plan[]> {
  const asked: [string, unknown[]][] = [];
  const query = (sql: string, values: unknown[]): Promise<unknown> => {
    asked.push([sql, values]);
    return world.database.query(sql, values);
  };
  const report = new SqlBudgetReport({ reader: { query } } as unknown as TypeOrmTransaction);
  const { dearest } = await report.sharesOf(id, BudgetPeriod.of(new Date(start), new Date(end)));
  const known = await world.database.query<{ cost: string }[]>(
    `select s.cost_micros::text as cost from provider_spend s
      where s.at >= $1 and s.at < $2 and ($3::uuid is null or s.user_id = $3) order by s.cost_micros desc limit 10`,
    [start, end, id === GLOBAL_BUDGET ? null : id],
  );
  expect(dearest.map(({ cost }) => cost.micros.toString())).toEqual(known.map(({ cost }) => cost));
  const [[sql, values]] = asked as [[string, unknown[]]];
  const [row] = await world.database.query<[{ 'QUERY PLAN': readonly [{ Plan: Plan }] }]>(
    `explain (analyze, format json) ${sql}`,
    values,
  );
  return nodesOf(row['QUERY PLAN'][0].Plan).filter((node) => LOGS.includes(node['Relation Name'] ?? ''));
}

const waysOf = (reads: readonly Plan[]): string => reads.map((node) => node['Node Type']).join(', ');

const rowsRead = (reads: readonly Plan[]): number =>
  reads.reduce(
    (sum, node) => sum + (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
    0,
  );

describe('The plan of a breakdown', () => {
  it.each([
    ['of a user', () => someone, 1],
    ['of all users', () => GLOBAL_BUDGET, USERS],
  ])('%s reads whole days where they are added up, and of the logs what is dear alone', async (_, id, users) => {
    const reads = await readsOfLogs(id(), '2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z');
    expect(new Set(reads.map((node) => node['Relation Name']))).toEqual(new Set(LOGS));
    expect(waysOf(reads)).not.toContain('Seq Scan');
    // Ten of each of 31 days and each of three logs, and at last the ten themselves.
    expect(rowsRead(reads)).toBeLessThanOrEqual(users * 31 * 3 * 10 + 10);
  });

  it.each([
    ['of a user', () => someone],
    ['of all users', () => GLOBAL_BUDGET],
  ])('%s reads the logs of a day by the day, where the period has a part of it', async (_, id) => {
    const reads = await readsOfLogs(id(), '2026-03-10T12:00:00Z', '2026-03-20T12:00:00Z');
    expect(waysOf(reads)).not.toContain('Seq Scan');
    const all = USERS * (ENTRIES + ENTRIES / 5);
    expect(rowsRead(reads)).toBeLessThan(all / 5);
  });
});

const AT = `timestamptz '2026-03-01' + interval '31 days' * ((n * 7919) % 10000) / 10000.0`;
const COST = '(n * 31) % 5000';

const FILL = [
  `insert into ai_usage_logs (id, user_id, request_id, trace_id, endpoint, modality, streamed, requested_model, provider, model, quantities,
                              usage_source, outcome, attempts, held_micros, cost_micros, provider_cost_micros, price_id, served_price_id,
                              markup_bp, started_at, total_ms)
   select gen_random_uuid(), $1::uuid, 'r' || n, 't', '/v1/chat/completions', 'chat', false, 'm', 'openai', 'm', '{"input_token": "10"}',
          'provider', 'completed', '[]', 0, 0, ${COST}, gen_random_uuid(), gen_random_uuid(), 0, ${AT}, 1
     from generate_series(1, 10 * $2::integer) n`,
  `insert into usage_logs (id, user_id, session_id, attempt, period_start, transcription_type, outcome, upload_key, audio_seconds, counted_seconds,
                           counted_transcriptions, billable, billing_reason, cost_micros, provider_cost_micros, provider, model, rate_card_id,
                           plan, plan_version, plan_limits, language, provider_metadata, started_at, completed_at)
   select gen_random_uuid(), $1::uuid, gen_random_uuid(), 1, timestamptz '2026-03-01', 'original', 'completed', 'k', 60, 60,
          1, true, 'r', 0, ${COST}, 'openai', 'whisper-1', $3::uuid, 'free', 'v', '{}', 'en', '{}', ${AT}, ${AT}
     from generate_series(1, $2::integer) n`,
  `insert into provider_usage_logs (id, user_id, request_id, service, provider, model, operation, tokens, estimated_micros, actual_micros,
                                    succeeded, metadata, actor, at)
   select gen_random_uuid(), $1::uuid, 'r' || n, 'tts', 'mistral', 'voice', 'o', 1, ${COST}, null, true, '{}', 'a', ${AT}
     from generate_series(1, $2::integer) n`,
];

const DAYS = `
  insert into budget_days (user_id, day, service, provider, model, requests, tokens, cost_micros, estimated_micros)
    select s.user_id, s.day, s.service, s.provider, s.model, count(*), sum(s.tokens), sum(s.cost_micros),
           coalesce(sum(s.cost_micros) filter (where s.is_estimate), 0)
      from provider_spend s group by 1, 2, 3, 4, 5`;
