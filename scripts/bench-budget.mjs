/**
 * `npm run bench:budget`: how long it takes to say how a budget stands and where its money went, for a user with a thousand
 * requests in the period and for one with a million, in turns on one server. The ratios are what to read.
 * BENCH_ENTRIES (of the second user), BENCH_ROUNDS.
 */
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 } from 'uuid';
import { GetBudgetBreakdown } from '#application/budgets/get-budget-breakdown';
import { budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { BudgetRules } from '#domain/budgets/budget-rules';
import { Money } from '#domain/shared/money';
import { SqlBudgetLedger } from '#infrastructure/budgets/sql-budget-ledger';
import { SqlBudgetReport } from '#infrastructure/budgets/sql-budget-report';
import { SqlBudgetRepository } from '#infrastructure/budgets/sql-budget-repository';
import { dataSource } from '#infrastructure/persistence/data-source';
import { EmbeddedPostgres } from '#infrastructure/persistence/embedded-postgres';
import { migrate } from '#infrastructure/persistence/migrate';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';

const FEW = 1000;
const MANY = Number(process.env.BENCH_ENTRIES ?? 1_000_000);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 40);
const CALLS = 10;
/** The last day of a month: every day of it has entries. */
const NOW = new Date('2026-03-31T20:00:00.000Z');

/** Three models a day, a tenth of them estimated, every cost its own. */
const FILL = `
  insert into ai_usage_logs (id, user_id, request_id, trace_id, endpoint, modality, streamed, requested_model, provider, model, quantities,
                             usage_source, outcome, attempts, held_micros, cost_micros, provider_cost_micros, price_id, served_price_id,
                             markup_bp, started_at, total_ms)
  select gen_random_uuid(), $1::uuid, 'request:' || n, 'trace', '/v1/chat/completions', 'chat', false, 'm', 'openai', 'model-' || n % 3,
         '{"input_token": "900", "output_token": "100"}', case when n % 10 = 0 then 'estimate' else 'provider' end::ai_usage_source, 'completed',
         '[]', 0, 0, (n * 7919) % 100000, gen_random_uuid(), gen_random_uuid(), 0,
         timestamptz '2026-03-01' + (n * 104729 % 1000000) * interval '30.8 days' / 1000000.0, 100
    from generate_series(1::bigint, $2::bigint) n`;

const DAYS = `
  insert into budget_days (user_id, day, service, provider, model, requests, tokens, cost_micros, estimated_micros)
    select s.user_id, s.day, s.service, s.provider, s.model, count(*), sum(s.tokens), sum(s.cost_micros),
           coalesce(sum(s.cost_micros) filter (where s.is_estimate), 0)
      from provider_spend s where s.user_id = $1 group by 1, 2, 3, 4, 5`;

const directory = mkdtempSync(join(tmpdir(), 'minutebook-bench-'));
const postgres = await EmbeddedPostgres.start({ dataDir: join(directory, 'postgres'), durable: false });
try {
  await migrate(postgres.url);
  const database = await dataSource({ url: postgres.url, poolSize: 2 }).initialize();
  try {
    console.log(
      `${cpus().length} × ${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(2)}, medians of ${ROUNDS * CALLS} calls`,
    );
    await measure(database);
  } finally {
    await database.destroy();
  }
} finally {
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
}

async function measure(database) {
  const transaction = new TypeOrmTransaction(database);
  const clock = { now: () => NOW };
  const limit = Money.ofMicros(10_000_000_000n);
  const rules = new BudgetRules(limit, { pro: limit }, Money.zero);
  const budgets = new SqlBudgetRepository(transaction, rules, { plans: [] });
  const ledger = new SqlBudgetLedger(transaction, clock, rules);
  const breakdown = new GetBudgetBreakdown(budgets, new SqlBudgetReport(transaction), clock);

  const users = [];
  for (const entries of [FEW, MANY]) {
    const id = v7();
    await database.query(
      `insert into users (id, email, name, role, plan, current_month_start, period_anchor, created_at)
       values ($1::uuid, $1::uuid || '@example.com', 'Bench', 'user', 'pro', $2, $2, $2)`,
      [id, NOW],
    );
    await database.query(FILL, [id, entries]);
    await database.query(DAYS, [id]);
    users.push(id);
  }
  await database.query('vacuum analyze ai_usage_logs, budget_days');
  for (const userId of users) {
    // As the first request of the period does it: what was there before is counted once.
    const spend = { userId, requestId: 'first', at: NOW, service: 'other', provider: null, model: null, tokens: 0 };
    await transaction.run(() => ledger.settle({ ...spend, cost: Money.ofMicros(1n), isEstimate: false }));
  }
  await database.query('vacuum analyze');

  console.log(`\nwhat | ${FEW.toLocaleString('en')} entries | ${MANY.toLocaleString('en')} entries | ratio`);
  for (const [name, ask] of [
    ['status', (id) => budgets.status(id, NOW)],
    ['breakdown', (id) => breakdown.execute(id)],
  ]) {
    const times = new Map(users.map((id) => [id, []]));
    for (let round = -3; round < ROUNDS; round++) {
      for (const id of round % 2 ? users : [...users].reverse()) {
        for (let call = 0; call < CALLS; call++) {
          const began = performance.now();
          await ask(budgetOf(id));
          if (round >= 0) times.get(id).push(performance.now() - began);
        }
      }
    }
    const [few, many] = users.map((id) => median(times.get(id)));
    console.log(`${name} | ${few.toFixed(2)} ms | ${many.toFixed(2)} ms | ${(many / few).toFixed(2)}`);
  }
  const began = performance.now();
  const { total } = await breakdown.execute(GLOBAL_BUDGET);
  console.log(
    `\nbreakdown of all ${total.requests.toLocaleString('en')}: ${(performance.now() - began).toFixed(1)} ms`,
  );
}

function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}
