/**
 * `npm run chaos:credits`, after a build: kills under load, twenty times, in turns the process that spends credit and
 * PostgreSQL's postmaster, both with kill -9, and then counts: what was acknowledged and is lost, what happened twice, what
 * happened and was never acknowledged. Ends with 1 when anything is lost or doubled, or `verify` finds anything. CHAOS_KILLS.
 */
import 'reflect-metadata';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { CreditLedger } from '#application/credits/credit-ledger';
import { CreditVerification } from '#application/credits/credit-verification';
import { Money } from '#domain/shared/money';
import { SqlCreditAccountRepository } from '#infrastructure/credits/sql-credit-account-repository';
import { SqlCreditReconciliation } from '#infrastructure/credits/sql-credit-reconciliation';
import { dataSource } from '#infrastructure/persistence/data-source';
import { EmbeddedPostgres } from '#infrastructure/persistence/embedded-postgres';
import { migrate } from '#infrastructure/persistence/migrate';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';

const KILLS = Number(process.env.CHAOS_KILLS ?? 20);
const CLIENTS = 32;
const USERS = 20;
const PROGRAM = fileURLToPath(new URL('../test/integration/credits/spender-process.mjs', import.meta.url));

const directory = mkdtempSync(join(tmpdir(), 'minutebook-chaos-'));
const dataDir = join(directory, 'postgres');
const log = (line) => console.error(line);
const postgres = await EmbeddedPostgres.start({ dataDir, durable: true, log, settings: { max_connections: '100' } });
let spender = null;
try {
  await migrate(postgres.url);
  const users = await withLedger(population);
  const book = { asked: new Set(), done: new Set(), unknown: 0 };
  const recoveries = { process: [], postgres: [] };

  spender = startSpender(users, book);
  await spender.acknowledges();
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(200 + Math.random() * 1800);
    const victim = kill % 2 === 0 ? 'process' : 'postgres';
    const killed = performance.now();
    if (victim === 'process') {
      await spender.kill();
      spender = startSpender(users, book);
    } else {
      const postmaster = postmasterPid();
      process.kill(postmaster, 'SIGKILL');
      await anotherServes(postmaster);
    }
    await spender.acknowledges();
    const seconds = (performance.now() - killed) / 1000;
    recoveries[victim].push(seconds);
    console.log(
      `${kill + 1}. ${victim} killed; acknowledged again after ${seconds.toFixed(2)} s, ${book.done.size} in all`,
    );
  }
  await spender.kill();
  process.exitCode = (await withLedger((parts) => assess(parts, book, users.length))) ? 0 : 1;
  for (const [victim, seconds] of Object.entries(recoveries)) {
    const sorted = seconds.toSorted((one, other) => one - other);
    console.log(
      `recovery of the ${victim}: median ${sorted[sorted.length >> 1]?.toFixed(2)} s, longest ${sorted.at(-1)?.toFixed(2)} s`,
    );
  }
} finally {
  await spender?.kill();
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
}

/** The first line of https://www.postgresql.org/docs/current/storage-file-layout.html#STORAGE-FILE-LAYOUT postmaster.pid */
function postmasterPid() {
  return Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
}

/** Servers of killed postmasters work on for a moment with the connections that they have: only a new one proves anything. */
async function anotherServes(killed) {
  for (;;) {
    const client = new pg.Client({ connectionString: postgres.url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('select 1');
      if (postmasterPid() !== killed) return;
    } catch {
      // Not yet.
    } finally {
      await client.end().catch(() => undefined);
    }
    await sleep(20);
  }
}

async function withLedger(work) {
  const database = await dataSource({ url: postgres.url, poolSize: 1 }).initialize();
  try {
    return await work({ database, transaction: new TypeOrmTransaction(database) });
  } finally {
    await database.destroy();
  }
}

async function population({ database, transaction }) {
  const accounts = new SqlCreditAccountRepository(transaction);
  const ledger = new CreditLedger(accounts, transaction, { now: () => new Date() }, { next: randomUUID });
  const users = [];
  for (let user = 0; user < USERS; user++) {
    const id = randomUUID();
    await database.query(
      `insert into users (id, email, name, role, plan, current_month_start, period_anchor, created_at)
       values ($1::uuid, $1::uuid || '@example.com', 'Chaos', 'user', 'pro', now(), now(), now())`,
      [id],
    );
    const details = { key: 'purchase', description: 'Credit bought', metadata: {}, actor: 'system' };
    const amount = Money.ofMicros(10_000_000n);
    await ledger.grant(id, { ...details, type: 'purchase', category: 'paid', expiresAt: null, amount });
    users.push(id);
  }
  return users;
}

function startSpender(users, book) {
  const child = spawn(process.execPath, [PROGRAM], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      SPENDER_DATABASE_URL: postgres.url,
      SPENDER_USERS: users.join(','),
      SPENDER_CLIENTS: String(CLIENTS),
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const output = createInterface({ input: child.stdout });
  let [fresh, acknowledged] = [new Set(), null];
  output.on('line', (line) => {
    const [word, ...rest] = line.split(' ');
    const deed = rest.slice(0, 3).join(' ');
    if (word === 'asked') {
      book.asked.add(deed);
      fresh.add(deed);
    } else if (word === 'done') {
      book.done.add(deed);
      if (fresh.has(deed)) acknowledged?.();
    } else {
      book.unknown++;
    }
  });
  const ended = Promise.all([once(child, 'exit'), once(output, 'close')]);
  return {
    /** Resolves at the first acknowledgement of what is asked from now on. */
    acknowledges: () => {
      fresh = new Set();
      const gone = ended.then(() => Promise.reject(new Error('The process that spends has ended by itself.')));
      return Promise.race([new Promise((resolve) => (acknowledged = resolve)), gone]);
    },
    kill: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

async function assess({ database, transaction }, { asked, done, unknown }, users) {
  // What a killed process had asked for may still be under way.
  const others = `select from pg_stat_activity
                   where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`;
  while ((await database.query(others)).length > 0) await sleep(20);
  const rows = await database.query(
    `select 'debit ' || user_id || ' ' || key as deed from credit_transactions where type = 'api_usage' and key not like 'hold:%'
     union all
     select 'settlement ' || user_id || ' ' || substr(key, 6) from credit_transactions where key like 'hold:%'
     union all
     select 'release ' || user_id || ' ' || request_id from credit_holds where state = 'released'`,
  );
  const happened = new Set(rows.map(({ deed }) => deed));
  const lost = [...done].filter((deed) => !happened.has(deed)).length;
  const doubled = rows.length - happened.size;
  const silent = [...happened].filter((deed) => !done.has(deed)).length;
  const invented = [...happened].filter((deed) => !asked.has(deed)).length;
  const began = performance.now();
  const report = await new CreditVerification(new SqlCreditReconciliation(transaction)).execute(null);
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `\nasked ${asked.size}, acknowledged ${done.size}, lost ${lost}, doubled ${doubled}, ` +
      `happened and never acknowledged ${silent}, never asked and happened ${invented}, answered with an error ${unknown}`,
  );
  console.log(
    `verify: ${report.entries} entries of ${report.accounts} accounts in ${seconds.toFixed(1)} s, ${report.findings.length} findings`,
  );
  for (const finding of report.findings.slice(0, 10)) console.log(JSON.stringify(finding));
  const clean = report.findings.length === 0 && report.accounts === users;
  return lost === 0 && doubled === 0 && invented === 0 && clean;
}
