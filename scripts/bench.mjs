/**
 * `npm run bench`: how fast, as ratios in one run on one server. Beside each other: HTTP session creation and pgbench with
 * the same work as a plain transaction; `usage/current`; and both requests for a user with a thousand and with a million
 * log entries. Needs pgbench and wrk (Debian: postgresql-contrib, wrk). Absolute figures depend on the machine and its
 * neighbours; the ratios are what to read.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { Pool } from 'undici';
import { EmbeddedPostgres } from '../dist/src/infrastructure/persistence/embedded-postgres.js';
import { HmacApiKeys, ApiKeySettings } from '../dist/src/infrastructure/accounts/hmac-api-keys.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const USERS = 64;
const CLIENTS = [1, 16, 64];
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 5);
const LONG_HISTORY = Number(process.env.BENCH_HISTORY ?? 1_000_000);
const PEPPER = 'a pepper for the bench alone, of no use elsewhere';

const pgbench = program('pgbench', 'postgresql-contrib');
const wrk = program('wrk', 'wrk');
const directory = mkdtempSync(join(tmpdir(), 'minutebook-bench-'));
const postgres = await EmbeddedPostgres.start({
  dataDir: join(directory, 'postgres'),
  durable: true,
  settings: { max_connections: '120' },
});
const database = new pg.Client({ connectionString: postgres.url });
let service;
try {
  service = await startService(postgres.url);
  await database.connect();
  const keys = await population(database);
  console.log(
    `${cpus().length} × ${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(2)}, ${ROUNDS} rounds of ${SECONDS} s, medians`,
  );
  await throughput(postgres, service.url, keys);
  await history(service.url, keys, database);
} finally {
  await database.end();
  await service?.stop();
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
}

async function throughput({ connection }, url, keys) {
  const create = wrkScript('create', keys, 'POST', '/api/v1/sessions', '{"title":"Bench","language":"en-US"}');
  const current = wrkScript('current', keys, 'GET', '/api/v1/usage/current');
  await wrkRun(url, create, 16, 2);
  console.log(`\nSession creation, requests or transactions a second, over ${USERS} users`);
  console.log('clients | pgbench, plain transaction | HTTP | HTTP / pgbench | HTTP p50, p99 ms');
  for (const clients of CLIENTS) {
    const plain = [];
    const http = [];
    for (let round = 0; round < ROUNDS; round++) {
      plain.push(pgbenchRun(connection, clients));
      http.push(await wrkRun(url, create, clients, SECONDS));
    }
    const tps = median(plain);
    const rps = median(http.map((run) => run.rps));
    const [p50, p99] = ['p50', 'p99'].map((p) => median(http.map((run) => run[p])).toFixed(1));
    console.log(`${clients} | ${Math.round(tps)} | ${Math.round(rps)} | ${(rps / tps).toFixed(2)} | ${p50}, ${p99}`);
  }
  const reads = [];
  await wrkRun(url, current, 16, 1);
  for (let round = 0; round < ROUNDS; round++) reads.push(await wrkRun(url, current, 16, SECONDS));
  const [p50, p99] = ['p50', 'p99'].map((p) => median(reads.map((run) => run[p])).toFixed(1));
  console.log(
    `\nusage/current at 16 clients: ${Math.round(median(reads.map((run) => run.rps)))}/s, p50 ${p50} ms, p99 ${p99} ms`,
  );
}

async function history(url, keys, database) {
  const [short, long] = [1, 2];
  await logs(database, short, 1000);
  await logs(database, long, LONG_HISTORY);
  await database.query('vacuum analyze usage_logs');
  const pool = new Pool(url, { connections: 1 });
  console.log(`\nMedian latency by history: 1 000 and ${LONG_HISTORY.toLocaleString('en')} log entries of the user`);
  for (const [name, ask] of [
    [
      'session creation',
      (key) => ({ method: 'POST', path: '/api/v1/sessions', body: '{"title":"Bench"}', headers: headers(key) }),
    ],
    ['usage/current', (key) => ({ method: 'GET', path: '/api/v1/usage/current', headers: headers(key) })],
  ]) {
    const times = { [short]: [], [long]: [] };
    for (let round = 0; round < 40; round++) {
      for (const user of round % 2 ? [short, long] : [long, short]) {
        for (let request = 0; request < 25; request++) {
          const began = performance.now();
          const { statusCode, body } = await pool.request(ask(keys[user - 1]));
          const text = await body.text();
          if (statusCode !== 200) throw new Error(`${name} answered ${statusCode}: ${text}`);
          times[user].push(performance.now() - began);
        }
      }
    }
    const [few, many] = [median(times[short]), median(times[long])];
    console.log(`${name}: ${few.toFixed(2)} ms and ${many.toFixed(2)} ms, ratio ${(many / few).toFixed(2)}`);
  }
  await pool.close();
}

/** As many schools as clients, each with a key: so that clients do not all wait for one counter. */
async function population(database) {
  const mint = new HmacApiKeys(new ApiKeySettings(PEPPER, 'test'));
  const keys = [];
  await database.query(
    `insert into users (id, email, name, role, plan, current_month_start, period_anchor, created_at)
     select ${userId('n')}, 'bench' || n || '@example.com', 'Bench', 'user', 'coaching_school', i, i, i
       from generate_series(1, $1) n, (select date_trunc('month', now()) as i)`,
    [USERS],
  );
  for (let user = 1; user <= USERS; user++) {
    const { secret, hash, prefix, lastFour } = mint.mint();
    await database.query(
      `insert into devices (id, user_id, name, key_hash, prefix, last_four, created_at)
       values (gen_random_uuid(), ${userId('$1')}, 'bench', $2, $3, $4, now())`,
      [user, hash, prefix, lastFour],
    );
    keys.push(secret);
  }
  await database.query(
    `insert into period_usage (user_id, period_start, period_end)
     select id, current_month_start, current_month_start + interval '1 month' from users`,
  );
  return keys;
}

/** Entries of the last two years, the current period included, with the counters that they make up. */
async function logs(database, user, count) {
  await database.query(
    `insert into usage_logs (id, user_id, session_id, attempt, period_start, transcription_type, outcome, upload_key, audio_seconds,
       counted_seconds, counted_transcriptions, billable, billing_reason, cost_micros, provider_cost_micros, provider, model,
       rate_card_id, plan, plan_version, plan_limits, language, provider_metadata, started_at, completed_at)
     select gen_random_uuid(), ${userId('$1')}, gen_random_uuid(), 1, m, 'original', 'completed', 'bench', 60, 60, 1, true,
            'transcription_completed', 6000, 6000, 'sandbox', 'sandbox-1', (select id from rate_cards where provider = 'sandbox'),
            'coaching_school', 'bench', '{}', 'en-US', '{}', m + interval '1 hour', m + interval '1 hour'
       from generate_series(1, $2::integer) n,
            lateral (select date_trunc('month', now()) - (n % 24) * interval '1 month' as m) period`,
    [user, count],
  );
  await database.query(
    `insert into period_usage as u (user_id, period_start, period_end, seconds, transcriptions)
     select user_id, period_start, period_start + interval '1 month', sum(counted_seconds), sum(counted_transcriptions)
       from usage_logs where user_id = ${userId('$1')} group by 1, 2, 3
     on conflict (user_id, period_start) do update set seconds = excluded.seconds, transcriptions = excluded.transcriptions`,
    [user],
  );
}

function pgbenchRun({ host, user, database, port }, clients) {
  const script = join(directory, 'plain.sql');
  const id = userId(':u');
  writeFileSync(
    script,
    `\\set u random(1, ${USERS})
begin;
select plan, period_anchor from users where id = ${id} for no key update;
select sessions, seconds from period_usage where user_id = ${id} and period_start = date_trunc('month', now());
insert into sessions (id, user_id, period_start, title, language, stt_provider, status, created_at, updated_at)
  values (gen_random_uuid(), ${id}, date_trunc('month', now()), 'Bench', 'en-US', 'sandbox', 'uploading', now(), now());
update period_usage set sessions = sessions + 1 where user_id = ${id} and period_start = date_trunc('month', now());
commit;
`,
  );
  const threads = Math.min(clients, 2);
  const args = [
    '-n',
    '-M',
    'prepared',
    '-f',
    script,
    '-c',
    clients,
    '-j',
    threads,
    '-T',
    SECONDS,
    '-h',
    host,
    '-p',
    port,
    '-U',
    user,
    database,
  ];
  const output = execFileSync(pgbench, args.map(String), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return Number(/tps = ([\d.]+)/.exec(output)[1]);
}

async function wrkRun(url, script, clients, seconds) {
  const child = spawn(wrk, ['-t', '1', '-c', clients, '-d', `${seconds}s`, '-s', script, '--latency', url].map(String));
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  await once(child, 'close');
  if (/Non-2xx/.test(output)) throw new Error(`Some requests were refused:\n${output}`);
  const [, rps, p50, p99] = /RESULT ([\d.]+) ([\d.]+) ([\d.]+)/.exec(output) ?? [];
  if (!rps) throw new Error(`wrk said:\n${output}`);
  return { rps: Number(rps), p50: Number(p50), p99: Number(p99) };
}

function wrkScript(name, keys, method, path, body = '') {
  const file = join(directory, `${name}.lua`);
  writeFileSync(
    file,
    `local keys = {${keys.map((key) => `"${key}"`).join(',')}}
local made, at = {}, 0
function init(args)
  for i, key in ipairs(keys) do
    local headers = {["Host"] = wrk.headers["Host"], ["Authorization"] = "Bearer " .. key, ["Content-Type"] = "application/json"}
    made[i] = wrk.format("${method}", "${path}", headers, ${body ? `'${body}'` : 'nil'})
  end
end
function request() at = at % #made + 1; return made[at] end
function done(summary, latency)
  print(string.format("RESULT %f %f %f", summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
`,
  );
  return file;
}

async function startService(databaseUrl) {
  const port = await freePort();
  const logFile = createWriteStream(join(directory, 'service.log'));
  await once(logFile, 'open');
  const child = spawn(process.execPath, ['dist/src/main.js'], {
    cwd: root,
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      PORT: String(port),
      MINUTEBOOK_ROLE: 'api',
      MINUTEBOOK_DATA_DIR: directory,
      KEY_PEPPER: PEPPER,
    },
    stdio: ['ignore', logFile, 'inherit'],
  });
  const exited = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; ; attempt++) {
    if (child.exitCode !== null || attempt > 300) throw new Error('The service did not start.');
    const answer = await fetch(`${url}/health/ready`).catch(() => null);
    if (answer?.ok) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function program(name, debianPackage) {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((v) => `/usr/lib/postgresql/${v}/bin`),
  ];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found) return found;
  console.error(`bench: ${name} is not installed. On Debian: apt-get install ${debianPackage}`);
  process.exit(69);
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

function userId(number) {
  return `('00000000-0000-7000-8000-' || lpad((${number})::text, 12, '0'))::uuid`;
}

function headers(key) {
  return { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
}

function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}
