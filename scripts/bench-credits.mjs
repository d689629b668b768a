/**
 * `npm run bench:credits`: how fast credit is spent, and how fast the book is proved. Debits through
 * the ledger beside the same as one raw statement (no triggers, no grants, no hash), in turns on one server and one pool; the
 * ratios are what to read. Then `verify` over a million entries. BENCH_ROUNDS, BENCH_ENTRIES.
 */
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { v7 } from 'uuid';
import { CreditLedger } from '#application/credits/credit-ledger';
import { CreditVerification } from '#application/credits/credit-verification';
import { Money } from '#domain/shared/money';
import { SqlCreditAccountRepository } from '#infrastructure/credits/sql-credit-account-repository';
import { SqlCreditReconciliation } from '#infrastructure/credits/sql-credit-reconciliation';
import { dataSource } from '#infrastructure/persistence/data-source';
import { EmbeddedPostgres } from '#infrastructure/persistence/embedded-postgres';
import { migrate } from '#infrastructure/persistence/migrate';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { fillCreditBook } from './credit-book.mjs';

const CLIENTS = 64;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
const ENTRIES = Number(process.env.BENCH_ENTRIES ?? 1_000_000);
const USERS = 200;

/** The same columns, unique indexes and checks as the ledger's, and nothing else. */
const RAW_TABLES = `
  create table raw_accounts (user_id uuid primary key, balance_micros bigint not null check (balance_micros >= 0), sequence bigint not null) with (fillfactor = 50);
  create table raw_entries (like credit_transactions including constraints including indexes)`;

const RAW_DEBIT = {
  name: 'raw_debit',
  text: `
    with account as (
      update raw_accounts set balance_micros = balance_micros - $2, sequence = sequence + 1
       where user_id = $1 and balance_micros >= $2 returning user_id, balance_micros, sequence
    )
    insert into raw_entries (id, user_id, sequence, type, amount_micros, debt_micros, balance_before_micros, balance_after_micros,
                             debt_after_micros, description, metadata, sources, key, actor, created_at, hash)
    select $3, user_id, sequence, $4, -$2::bigint, 0, balance_micros + $2, balance_micros, 0, $5, $6, '[]', $7, $8, $9,
           '\\x0000000000000000000000000000000000000000000000000000000000000000' from account returning id`,
};

const directory = mkdtempSync(join(tmpdir(), 'minutebook-bench-'));
const postgres = await EmbeddedPostgres.start({
  dataDir: join(directory, 'postgres'),
  durable: true,
  settings: { max_connections: '120' },
});
try {
  await migrate(postgres.url);
  const database = await dataSource({ url: postgres.url, poolSize: CLIENTS }).initialize();
  try {
    console.log(
      `${cpus().length} × ${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(2)}, ${CLIENTS} clients, medians of ${ROUNDS} rounds`,
    );
    await storms(database);
    if (ENTRIES > 0) await verification(database);
  } finally {
    await database.destroy();
  }
} finally {
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
}

async function storms(database) {
  const transaction = new TypeOrmTransaction(database);
  const clock = { now: () => new Date() };
  const ledger = new CreditLedger(new SqlCreditAccountRepository(transaction), transaction, clock, { next: v7 });
  const amount = Money.ofMicros(1n);
  const details = { type: 'api_usage', description: 'Chat completion', metadata: { model: 'claude-sonnet' } };

  const raw = async (user, key) => {
    const { type, description, metadata } = details;
    const values = [user, amount.micros, v7(), type, description, metadata, key, user, clock.now()];
    return (await transaction.prepared(RAW_DEBIT, values)).rowCount === 1;
  };
  const ours = async (user, key) => {
    try {
      await ledger.spend(user, { ...details, amount, key, actor: user });
      return true;
    } catch (error) {
      if (error.code === 'insufficient_credits') return false;
      throw error;
    }
  };

  await database.query(RAW_TABLES);
  const population = async (accounts, units) => {
    const users = [];
    for (let user = 0; user < accounts; user++) {
      const id = v7();
      await database.query(
        `insert into users (id, email, name, role, plan, current_month_start, period_anchor, created_at)
         values ($1::uuid, $1::uuid || '@example.com', 'Bench', 'user', 'pro', now(), now(), now())`,
        [id],
      );
      const given = { category: 'paid', expiresAt: null, key: 'purchase', description: 'Credit bought', metadata: {} };
      const credit = Money.ofMicros(BigInt(units / accounts));
      await ledger.grant(id, { ...given, type: 'purchase', amount: credit, actor: 'system' });
      await database.query(`insert into raw_accounts (user_id, balance_micros, sequence) values ($1, $2, 1)`, [
        id,
        credit.micros.toString(),
      ]);
      users.push(id);
    }
    await database.query('analyze');
    return users;
  };

  for (const accounts of [1, 50]) {
    for (const debit of [raw, ours]) await storm(await population(accounts, 6_000), 6_000, debit);
  }
  console.log('\nwhat | accounts | raw debits/s, p50, p99 ms | ledger debits/s, p50, p99 ms | ledger / raw');
  for (const { what, units, debits } of [
    { what: '3 000 debits against 1 000 units', units: 1_000, debits: 3_000 },
    { what: '6 000 debits against 6 000 units', units: 6_000, debits: 6_000 },
  ]) {
    for (const accounts of [1, 50]) {
      const runs = { raw: [], ours: [] };
      for (let round = 0; round < ROUNDS; round++) {
        const users = await population(accounts, units);
        for (const name of round % 2 ? ['ours', 'raw'] : ['raw', 'ours']) {
          const run = await storm(users, debits, name === 'raw' ? raw : ours);
          if (run.done !== units) throw new Error(`${name}: ${run.done} of ${units} debits were done.`);
          runs[name].push(run);
        }
      }
      const figures = (list) => {
        const [rate, p50, p99] = ['rate', 'p50', 'p99'].map((name) => median(list.map((run) => run[name])));
        return { rate, text: `${Math.round(rate)}/s, ${p50.toFixed(1)}, ${p99.toFixed(1)}` };
      };
      const [plain, kept] = [figures(runs.raw), figures(runs.ours)];
      const ratio = median(runs.ours.map(({ rate }, round) => rate / runs.raw[round].rate));
      console.log(`${what} | ${accounts} | ${plain.text} | ${kept.text} | ${ratio.toFixed(2)}`);
    }
  }
}

/** So many debits by all clients at once, over the users in turn. */
async function storm(users, debits, debit) {
  const times = [];
  let [next, done] = [0, 0];
  const prefix = randomUUID().slice(0, 8);
  const began = performance.now();
  const client = async () => {
    while (next < debits) {
      const n = next++;
      const asked = performance.now();
      if (await debit(users[n % users.length], `${prefix}:${n}`)) done++;
      times.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const seconds = (performance.now() - began) / 1000;
  times.sort((one, other) => one - other);
  const at = (share) => times[Math.floor(share * times.length)];
  return { done, rate: debits / seconds, p50: at(0.5), p99: at(0.99) };
}

async function verification(database) {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await fillCreditBook(client, USERS, Math.ceil(ENTRIES / USERS));
  await client.end();
  const verify = new CreditVerification(new SqlCreditReconciliation(new TypeOrmTransaction(database)));
  const seconds = [];
  let report;
  for (let round = 0; round < 3; round++) {
    const began = performance.now();
    report = await verify.execute(null);
    seconds.push((performance.now() - began) / 1000);
  }
  const { accounts, entries, findings } = report;
  console.log(
    `\nverify: ${entries.toLocaleString('en')} entries of ${accounts} accounts in ${median(seconds).toFixed(1)} s, ${findings.length} findings`,
  );
}

function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}
