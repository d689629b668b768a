/**
 * `npm run bench:gateway`: what the gateway adds to a request. The same load, in turns, straight to a provider on the
 * loopback; through the smallest possible Express pass-through; through the same with two bare writes of one row; through
 * @portkey-ai/gateway, which meters and charges nothing; and through Minutebook with its two money writes on the same
 * PostgreSQL, which syncs. Ratios are what to read.
 * BENCH_ROUNDS, BENCH_SECONDS, BENCH_WARM_UP (requests), BENCH_MEMORY (requests; 0 leaves that part out), BENCH_PORTKEY=0,
 * BENCH_PROFILE (a folder for a CPU profile of Minutebook).
 */
import 'reflect-metadata';
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { Client } from 'undici';
import { v7 } from 'uuid';
import { DeviceRegistration } from '#application/accounts/device-registration';
import { UserRegistration } from '#application/accounts/user-registration';
import { CreditLedger } from '#application/credits/credit-ledger';
import { Application } from '#composition/application';
import { loadConfig } from '#config';
import { Money } from '#domain/shared/money';
import { EmbeddedPostgres } from '#infrastructure/persistence/embedded-postgres';
import { PinoLog } from '#infrastructure/telemetry/pino-log';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 3);
/** Of each kind, for each contender: until then a fifth of its processor time and more is its compiler's. */
const WARM_UP = Number(process.env.BENCH_WARM_UP ?? 15_000);
const MEMORY_REQUESTS = Number(process.env.BENCH_MEMORY ?? 50_000);
const CLIENTS = [1, 16, 64];
/** As many users as clients: credit of one user is one row, and its lock is what keeps it from being spent twice. */
const USERS = 64;
const POOL_SIZE = '24';
const PORTKEY = '1.15.2';
/** The newest with which Portkey's streams work: https://github.com/Portkey-AI/gateway/issues/1389 */
const HONO_SERVER = '1.13.5';

const here = (name) => fileURLToPath(new URL(`./gateway-bench/${name}`, import.meta.url));
const root = fileURLToPath(new URL('..', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'minutebook-bench-'));
const children = [];

const postgres = await EmbeddedPostgres.start({
  dataDir: join(directory, 'postgres'),
  durable: true,
  settings: { max_connections: '60' },
});
try {
  const upstream = await started(here('upstream.mjs'), {});
  const base = `http://127.0.0.1:${upstream.port}`;
  const contenders = [
    { name: 'direct', port: upstream.port, headers: () => ({ authorization: 'Bearer x' }) },
    {
      name: 'express',
      ...(await started(here('express.mjs'), { UPSTREAM: base })),
      headers: () => ({ authorization: 'Bearer x' }),
    },
    await twoWrites(base),
    ...(process.env.BENCH_PORTKEY === '0' ? [] : [await portkey(base)]),
    await minutebook(base),
  ];
  console.log(
    `${cpus().length} × ${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(2)}, medians of ${ROUNDS} rounds of ${SECONDS} s; ${USERS} users`,
  );
  await fsyncFigure();
  for (const stream of [false, true]) {
    for (const contender of contenders)
      await load(contender, { clients: 64, stream, seconds: Infinity, requests: WARM_UP });
  }
  for (const stream of [false, true]) await compare(contenders, stream);
  if (MEMORY_REQUESTS > 0) await memory(contenders.at(-1));
} finally {
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
}

/** One update and its sync: the least that a durable write can take here. */
async function fsyncFigure() {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query('create table if not exists bench_sync (id int primary key, n int)');
  await client.query('insert into bench_sync values (1, 0) on conflict do nothing');
  const times = [];
  for (let n = 0; n < 300; n++) {
    const began = performance.now();
    await client.query('update bench_sync set n = n + 1 where id = 1');
    times.push(performance.now() - began);
  }
  await client.end();
  console.log(`one durable update: p50 ${at(times, 0.5).toFixed(2)} ms, p99 ${at(times, 0.99).toFixed(2)} ms\n`);
}

async function compare(contenders, stream) {
  console.log(stream ? 'streams of 32 tokens' : 'whole answers');
  for (const clients of CLIENTS) {
    const rounds = new Map(contenders.map(({ name }) => [name, []]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const contender of contenders)
        rounds.get(contender.name).push(await load(contender, { clients, stream, seconds: SECONDS }));
    }
    const medians = new Map([...rounds].map(([name, runs]) => [name, middle(runs)]));
    const direct = medians.get('direct');
    const [bare, portkeys] = [medians.get('two writes'), medians.get('portkey')];
    for (const [name, run] of medians) {
      const facts = [
        `${Math.round(run.perSecond).toString().padStart(6)}/s`,
        `p50 ${run.p50.toFixed(2)} ms (+${(run.p50 - direct.p50).toFixed(2)})`,
        `p99 ${run.p99.toFixed(1)} ms`,
        ...(stream
          ? [`first byte p50 ${run.firstByte.toFixed(2)} ms (+${(run.firstByte - direct.firstByte).toFixed(2)})`]
          : []),
        ...(name === 'direct' ? [] : [`${Math.round(run.cpuMicros)} µs CPU a request`]),
        ...(name === 'minutebook' ? [`${(run.perSecond / bare.perSecond).toFixed(2)} × two writes`] : []),
        ...(name === 'minutebook' && portkeys
          ? [
              `${(run.perSecond / portkeys.perSecond).toFixed(2)} × Portkey's throughput`,
              `${((run.cpuMicros / portkeys.cpuMicros) * 100).toFixed(0)} % of its CPU`,
            ]
          : []),
      ];
      console.log(`  ${String(clients).padStart(2)} clients  ${name.padEnd(11)}${facts.join('  ')}`);
    }
  }
  console.log('');
}

async function load({ port, headers, child, name }, { clients, stream, seconds, requests = Infinity }) {
  const body = JSON.stringify({
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: 'Tell me something in thirty-two words.' }],
    max_tokens: 64,
    ...(stream && { stream: true }),
  });
  const times = [];
  const firstBytes = [];
  const before = child ? await asked(child, 'cpu') : null;
  const began = performance.now();
  const until = began + seconds * 1000;
  let left = requests;
  await Promise.all(
    Array.from({ length: clients }, async (_, index) => {
      const client = new Client(`http://127.0.0.1:${port}`, { pipelining: 1 });
      while (performance.now() < until && left-- > 0) {
        const sent = performance.now();
        const { statusCode, body: answer } = await client.request({
          path: '/v1/chat/completions',
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers(index) },
          body,
        });
        let first = 0;
        let bytes = 0;
        for await (const piece of answer) {
          first ||= performance.now();
          bytes += piece.length;
        }
        if (statusCode !== 200 || bytes < 300) throw new Error(`${name} answered ${statusCode} with ${bytes} bytes.`);
        times.push(performance.now() - sent);
        firstBytes.push(first - sent);
      }
      await client.close();
    }),
  );
  const elapsed = performance.now() - began;
  const after = child ? await asked(child, 'cpu') : null;
  const used = before && after ? after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system : 0;
  return {
    perSecond: (times.length * 1000) / elapsed,
    p50: at(times, 0.5),
    p99: at(times, 0.99),
    firstByte: at(firstBytes, 0.5),
    cpuMicros: used / times.length,
  };
}

async function memory(contender) {
  const parts = 5;
  console.log(`memory of minutebook over ${MEMORY_REQUESTS} requests, half of them streams, after collection`);
  for (let part = 0; part <= parts; part++) {
    const { memory: used } = await asked(contender.child, 'memory');
    const mega = (bytes) => (bytes / 2 ** 20).toFixed(1);
    console.log(
      `  ${String((part * MEMORY_REQUESTS) / parts).padStart(6)} requests: heap ${mega(used.heapUsed)} MB, RSS ${mega(used.rss)} MB`,
    );
    if (part === parts) break;
    for (const stream of [false, true]) {
      await load(contender, { clients: 16, stream, seconds: 3600, requests: MEMORY_REQUESTS / parts / 2 });
    }
  }
}

async function twoWrites(base) {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query('create table bench_accounts (id int primary key, balance bigint not null, held bigint not null)');
  await client.query('insert into bench_accounts select id, 0, 0 from generate_series(0, $1::int - 1) id', [USERS]);
  await client.end();
  const env = { UPSTREAM: base, DATABASE_URL: postgres.url, DATABASE_POOL_SIZE: POOL_SIZE };
  const headers = (index) => ({ authorization: `Bearer ${index % USERS}` });
  return { name: 'two writes', ...(await started(here('express.mjs'), env)), headers };
}

async function minutebook(base) {
  const port = await freePort();
  const env = {
    DATABASE_URL: postgres.url,
    DATABASE_POOL_SIZE: POOL_SIZE,
    MINUTEBOOK_DATA_DIR: join(directory, 'data'),
    MINUTEBOOK_ROLE: 'api',
    KEY_PEPPER: 'a pepper for the bench alone, long enough',
    PORT: String(port),
    OPENAI_API_KEY: 'sk-bench',
    OPENAI_BASE_URL: `${base}/v1`,
    AI_REQUESTS_PER_MINUTE: '1000000000',
    AI_REQUESTS_AT_ONCE: '100000',
  };
  const application = await Application.open(loadConfig(env), { log: new PinoLog('silent'), migrating: true });
  const keys = [];
  for (let index = 0; index < USERS; index++) keys.push(await userWithCredit(application.container, index));
  await application.close();
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const flags = scripts.start.split(' ').filter((word) => word.startsWith('--'));
  const profiling = process.env.BENCH_PROFILE ? ['--cpu-prof', `--cpu-prof-dir=${process.env.BENCH_PROFILE}`] : [];
  const child = fork(join(root, 'dist/src/main.js'), [], {
    env: { ...process.env, ...env },
    cwd: directory,
    execArgv: [...flags, '--expose-gc', '--import', here('gauge.mjs'), ...profiling],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  children.push(child);
  await listening(port);
  return { name: 'minutebook', port, child, headers: (index) => ({ authorization: `Bearer ${keys[index % USERS]}` }) };
}

async function userWithCredit(container, index) {
  const { id } = await container.get(UserRegistration).execute({
    email: `bench-${index}@example.com`,
    name: 'Bench',
    plan: 'pro',
    role: 'user',
    actor: 'bench',
    reason: null,
  });
  await container.get(CreditLedger).grant(id, {
    type: 'purchase',
    amount: Money.ofMicros(1_000_000_000n),
    category: 'paid',
    expiresAt: null,
    key: v7(),
    description: 'For the bench',
    metadata: {},
    actor: 'bench',
  });
  return (await container.get(DeviceRegistration).execute(id, 'bench')).secret;
}

/** Installed beside the project and not into it: nothing of ours needs it. */
async function portkey(base) {
  const home = join(root, '.data', `portkey-${PORTKEY}`);
  if (!existsSync(join(home, 'node_modules'))) {
    mkdirSync(home, { recursive: true });
    const manifest = {
      private: true,
      dependencies: { '@portkey-ai/gateway': PORTKEY, '@hono/node-server': HONO_SERVER },
      overrides: { '@hono/node-server': HONO_SERVER },
    };
    writeFileSync(join(home, 'package.json'), JSON.stringify(manifest));
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: home, stdio: 'ignore' });
  }
  const port = await freePort();
  const child = fork(
    join(home, 'node_modules/@portkey-ai/gateway/build/start-server.js'),
    [`--port=${port}`, '--headless'],
    {
      cwd: home,
      env: { ...process.env, NODE_ENV: 'production' },
      execArgv: ['--import', here('gauge.mjs')],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    },
  );
  children.push(child);
  await listening(port);
  const headers = { authorization: 'Bearer x', 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `${base}/v1` };
  return { name: 'portkey', port, child, headers: () => headers };
}

async function started(script, env) {
  const child = fork(script, [], {
    env: { ...process.env, ...env },
    execArgv: ['--import', here('gauge.mjs')],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  children.push(child);
  const [{ port }] = await once(child, 'message');
  return { child, port };
}

async function asked(child, question) {
  const answer = once(child, 'message');
  child.send(question);
  return (await answer)[0];
}

async function listening(port) {
  for (let tries = 0; tries < 300; tries++) {
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`Nothing listens on port ${port}.`);
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

function middle(runs) {
  const fields = Object.keys(runs[0]);
  return Object.fromEntries(
    fields.map((field) => [
      field,
      at(
        runs.map((run) => run[field]),
        0.5,
      ),
    ]),
  );
}

function at(values, share) {
  const ordered = [...values].sort((one, other) => one - other);
  return ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))];
}
