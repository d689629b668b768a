import { TIMELINE_KINDS } from '#application/operations/user-timeline';
import type { UserId } from '#domain/accounts/user';
import { SqlUserTimeline } from '#infrastructure/operations/sql-user-timeline';
import type { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { Given } from '#test/contracts/given';
import { type PostgresWorld, postgresWorld } from '#test/contracts/postgres-world';

const ENTRIES = 20_000;
const LIMIT = 20;

let world: PostgresWorld;
let someone: UserId;
const given = new Given(() => world);

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

const nodesOf = (plan: Plan): readonly Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

beforeAll(async () => {
  world = await postgresWorld(2);
  someone = (await given.user()).id;
  const card = await given.rateCard();
  for (const fill of FILL) {
    await world.database.query(fill, [someone, ENTRIES, ...(fill.includes('$3') ? [card.id] : [])]);
  }
  await world.database.query('vacuum analyze');
}, 240_000);
afterAll(() => world.close());

/** Every node that reads a table, of the very statement that a page of the line of time runs. */
async function readsOf(before: string | null): Promise<readonly Plan[]> {
  const asked: [string, unknown[]][] = [];
  const query = (sql: string, values: unknown[]): Promise<unknown> => {
    asked.push([sql, values]);
    return world.database.query(sql, values);
  };
  const timeline = new SqlUserTimeline({ reader: { query } } as unknown as TypeOrmTransaction);
  const place = before === null ? null : { at: before, kind: 'credit' as const, id: '7' };
  const { entries } = await timeline.stretchOf(someone, { before: place, kinds: null, limit: LIMIT });
  expect(entries).toHaveLength(LIMIT);
  const [[sql, values]] = asked as [[string, unknown[]]];
  const [row] = await world.database.query<[{ 'QUERY PLAN': readonly [{ Plan: Plan }] }]>(
    `explain (analyze, format json) ${sql}`,
    values,
  );
  return nodesOf(row['QUERY PLAN'][0].Plan).filter((node) => node['Relation Name'] !== undefined);
}

describe('The plan of a page of the line of time', () => {
  it.each([
    ['the newest', null],
    ['in the middle of 20 000 entries of each kind', `${Date.UTC(2026, 2, 5) * 1000}`],
  ])('reads of each log what the page could need, and no log as a whole: %s', async (_, before) => {
    const reads = await readsOf(before);
    expect(reads.length).toBeGreaterThanOrEqual(TIMELINE_KINDS.length);
    const scanned = reads.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name']);
    expect(scanned).toEqual([]);
    for (const node of reads) {
      const rows = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
      // One more than the page, and one to know that the instant of the last is over.
      expect([node['Relation Name'], rows <= LIMIT + 3]).toEqual([node['Relation Name'], true]);
    }
  });
});

const AT = `timestamptz '2026-03-01' + interval '10 days' * (((n * 7919) % $2::integer) / $2::float8)`;
const SERIES = 'from generate_series(1, $2::integer) n';

const FILL = [
  `insert into ai_usage_logs (id, user_id, request_id, trace_id, endpoint, modality, streamed, requested_model, provider, model, quantities,
                              usage_source, outcome, attempts, held_micros, cost_micros, provider_cost_micros, price_id, served_price_id,
                              markup_bp, started_at, total_ms)
   select gen_random_uuid(), $1::uuid, 'r' || n, 't', '/v1/chat/completions', 'chat', false, 'm', 'openai', 'm', '{"input_token": "10"}',
          'provider', 'completed', '[]', 0, 0, 0, gen_random_uuid(), gen_random_uuid(), 0, ${AT}, 1 ${SERIES}`,
  `insert into usage_logs (id, user_id, session_id, attempt, period_start, transcription_type, outcome, upload_key, audio_seconds, counted_seconds,
                           counted_transcriptions, billable, billing_reason, cost_micros, provider_cost_micros, provider, model, rate_card_id,
                           plan, plan_version, plan_limits, language, provider_metadata, started_at, completed_at)
   select gen_random_uuid(), $1::uuid, gen_random_uuid(), 1, timestamptz '2026-03-01', 'original', 'completed', 'k', 60, 60,
          1, true, 'r', 0, 0, 'openai', 'whisper-1', $3::uuid, 'free', 'v', '{}', 'en', '{}', ${AT}, ${AT} ${SERIES}`,
  `insert into provider_usage_logs (id, user_id, request_id, service, provider, model, operation, tokens, estimated_micros, actual_micros,
                                    succeeded, metadata, actor, at)
   select gen_random_uuid(), $1::uuid, 'r' || n, 'tts', 'mistral', 'voice', 'o', 1, 0, null, true, '{}', 'a', ${AT} ${SERIES}`,
  `insert into sessions (id, user_id, period_start, title, language, stt_provider, status, created_at, updated_at)
   select gen_random_uuid(), $1::uuid, timestamptz '2026-03-01', 't', 'en', 's', 'completed', ${AT}, ${AT} ${SERIES}`,
  `insert into notifications (id, user_id, kind, severity, title, message, facts, source_key, created_at)
   select gen_random_uuid(), $1::uuid, 'k', 'info', 'T', 'M', '{}', n::text, ${AT} ${SERIES}`,
  `insert into refusals (id, user_id, at, code, kind, message, facts, route, request_id)
   select gen_random_uuid(), $1::uuid, ${AT}, 'c', 'forbidden', 'M', '{}', 'r', n::text ${SERIES}`,
  `insert into audit_log (id, user_id, actor, action, created_at)
   select gen_random_uuid(), $1::uuid, 'a', 'test', ${AT} ${SERIES}`,
  `insert into devices (id, user_id, name, key_hash, prefix, last_four, created_at, revoked_at)
   select gen_random_uuid(), $1::uuid, 'd' || n, 'h' || n, 'mb_test_', 'aaaa', ${AT}, ${AT} ${SERIES}`,
  `insert into page_sessions (id, user_id, scope, token_hash, created_at, expires_at, created_by)
   select gen_random_uuid(), $1::uuid, 'billing', 'h' || n, ${AT}, timestamptz '2027-01-01', 'cli:test' ${SERIES}`,
  `insert into payments (id, user_id, gateway, request_key, status, amount_minor, currency, credit_micros, success_url, cancel_url, created_at,
                         expires_at, updated_at)
   select gen_random_uuid(), $1::uuid, 'sandbox', n::text, 'pending', 1, 'usd', 1, 's', 'c', ${AT}, ${AT}, ${AT} ${SERIES}`,
  `insert into invoices (id, user_id, gateway, external_id, customer_id, status, currency, total, tax, amount_due, amount_paid, amount_remaining,
                         period_start, period_end, attempts, created_at)
   select gen_random_uuid(), $1::uuid, 'sandbox', n::text, 'c', 'paid', 'usd', 1, 0, 1, 1, 0, ${AT}, ${AT}, 1, ${AT} ${SERIES}`,
  `insert into subscription_steps (user_id, external_id, kind, at, facts)
   select $1::uuid, 'sub_' || n, 'renewed', ${AT}, '{}' ${SERIES}`,
  `insert into period_resets (id, user_id, ended_period, new_start, actor, reason, created_at)
   select gen_random_uuid(), $1::uuid, timestamptz '2026-02-01', timestamptz '2026-03-01' + n * interval '1 second', 'a', 'r', ${AT} ${SERIES}`,
  `insert into budget_alerts (budget_id, period_start, period_end, cadence, kind, limit_micros, used_micros, projected_micros, at)
   select $1::uuid, timestamptz '2026-03-01' + n * interval '1 second', timestamptz '2027-01-01', 'daily', 'orange', 1, 1, 1, ${AT} ${SERIES}`,
  `insert into budget_resets (id, budget_id, cause, actor, previous_limit_micros, new_limit_micros, previous_used_micros,
                              previous_start, previous_end, new_start, new_end, at)
   select gen_random_uuid(), $1::uuid, 'reset', 'a', 1, 1, 1, ${AT}, ${AT}, ${AT}, ${AT}, ${AT} ${SERIES}`,
  // The chain is not what this is about: what was spent and given in turns, with hashes of nothing.
  `insert into credit_transactions (id, user_id, sequence, type, amount_micros, debt_micros, balance_before_micros, balance_after_micros,
                                    debt_after_micros, description, metadata, sources, key, actor, created_at, hash)
   select gen_random_uuid(), $1::uuid, n, 'bonus', 1, 0, n - 1, n, 0, 'd', '{}', '[]', n::text, 'a', ${AT}, ''::bytea ${SERIES}`,
];
