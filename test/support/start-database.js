import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { EmbeddedPostgres } from '../../dist/src/infrastructure/persistence/embedded-postgres.js';
import { migrate } from '../../dist/src/infrastructure/persistence/migrate.js';

const FOLDER = 'minutebook-test-';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** What `stop` takes down. */
let running = null;

/**
 * One server and one migrated template for the whole run: the server of DATABASE_URL, or an embedded one of its own. Test
 * files learn of it by MINUTEBOOK_TEST_SERVER and MINUTEBOOK_TEST_TEMPLATE, see test-database.ts.
 */
export default async function start() {
  running = {
    folder: null,
    embedded: null,
    client: null,
    prefix: `minutebook_test_${randomBytes(4).toString('hex')}_`,
  };
  for (const signal of SIGNALS) process.once(signal, interrupted);
  try {
    const server = process.env.DATABASE_URL || (await startEmbedded());
    running.client = await connect(server);
    // Held while the run lives: it tells other runs on the same server that our databases are in use.
    await running.client.query('select pg_advisory_lock(hashtextextended($1, 0))', [running.prefix]);
    await dropLeftovers(running.client);

    const template = `${running.prefix}template`;
    await running.client.query(`create database ${template}`);
    const address = new URL(server.replace('@/', '@socket/'));
    address.pathname = template;
    await migrate(address.href.replace('@socket/', '@/'));

    process.env.MINUTEBOOK_TEST_SERVER = server;
    process.env.MINUTEBOOK_TEST_TEMPLATE = template;
  } catch (fault) {
    await stop();
    throw fault;
  }
}

export async function stop() {
  if (!running) return;
  const { folder, embedded, client, prefix } = running;
  running = null;
  for (const signal of SIGNALS) process.off(signal, interrupted);
  // The databases of an embedded server go with it.
  if (client && !embedded) await drop(client, prefix);
  await client?.end();
  await embedded?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
}

/** Jest ends at a signal without its teardown. */
function interrupted(signal) {
  void stop().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143));
}

async function startEmbedded() {
  await sweep();
  running.folder = mkdtempSync(join(tmpdir(), `${FOLDER}${process.pid}-`));
  // Closed to others by mkdtemp, but the server's account must get through to its data.
  chmodSync(running.folder, 0o711);
  const dataDir = join(running.folder, 'postgres');
  running.embedded = await EmbeddedPostgres.start({ dataDir, durable: false, settings: { max_connections: '300' } });
  return running.embedded.url;
}

/** Servers and folders of runs that were killed. */
async function sweep() {
  for (const name of readdirSync(tmpdir())) {
    const folder = join(tmpdir(), name);
    if (!name.startsWith(FOLDER) || isAlive(parseInt(name.slice(FOLDER.length), 10))) continue;
    if (statSync(folder, { throwIfNoEntry: false })?.uid !== process.getuid()) continue;
    const orphan = await EmbeddedPostgres.attach(join(folder, 'postgres'));
    await orphan?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (fault) {
    return fault.code === 'EPERM';
  }
}

/** A run that was killed no longer holds its lock. */
async function dropLeftovers(client) {
  const { rows } = await client.query(
    `select distinct substring(datname from '^minutebook_test_[0-9a-f]{8}_') as prefix
       from pg_database
      where datname ~ '^minutebook_test_[0-9a-f]{8}_'`,
  );
  for (const { prefix } of rows) {
    const lock = await client.query('select pg_try_advisory_lock(hashtextextended($1, 0)) as free', [prefix]);
    if (!lock.rows[0].free) continue;
    await drop(client, prefix);
    await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [prefix]);
  }
}

async function drop(client, prefix) {
  const { rows } = await client.query('select datname from pg_database where starts_with(datname, $1)', [prefix]);
  for (const { datname } of rows) await client.query(`drop database if exists ${datname} with (force)`);
}

async function connect(server) {
  const client = new pg.Client(server);
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (fault) {
    throw new Error(
      `No PostgreSQL answers at DATABASE_URL (${fault.message}): start it, or unset DATABASE_URL for an embedded one.`,
    );
  }
  return client;
}
