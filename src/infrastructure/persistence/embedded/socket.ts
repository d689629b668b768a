import { createHash } from 'node:crypto';
import { chownSync, lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Client, DatabaseError } from 'pg';
import type { ServerAccount } from './account.js';
import { EmbeddedPostgresUnavailable, canEnter } from './account.js';

/** Only names the socket file, `.s.PGSQL.5432`: nothing listens on TCP. */
export const PORT = 5432;

/** The superuser of the server, and the database. */
export const NAME = 'minutebook';

/** Bytes that fit into a socket address on macOS; Linux has four more. */
const LONGEST_SOCKET_PATH = 103;

/** An address that `pg` and TypeORM understand. */
export function databaseUrl(socketDir: string, database: string): string {
  return `postgres://${NAME}@/${database}?host=${encodeURIComponent(socketDir)}&port=${PORT}`;
}

/**
 * Where the socket of a data directory lies: in it, or in a private temp folder named after it when the path is too long.
 * `announced` is where a running server says it is, and counts only if it is such a folder: a copied data directory
 * announces the socket of the original.
 */
export function socketDirectory(dataDir: string, account: ServerAccount | null, announced?: string): string {
  if (fits(dataDir)) return dataDir;
  const name = `minutebook-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`;
  if (announced && basename(announced) === name) return announced;
  const folder = [tmpdir(), '/tmp']
    .map((temp) => join(realpathSync(temp), name))
    .find((path) => fits(path) && (!account || canEnter(account, dirname(path))));
  if (!folder)
    throw new EmbeddedPostgresUnavailable(`${dataDir} is too long for a socket: choose a shorter MINUTEBOOK_DATA_DIR.`);
  claim(folder, account);
  return folder;
}

function fits(directory: string): boolean {
  return Buffer.byteLength(join(directory, `.s.PGSQL.${PORT}`)) <= LONGEST_SOCKET_PATH;
}

/** Anybody can make a folder of this name in a temp folder, so it must be the account's own and closed to others. */
function claim(folder: string, account: ServerAccount | null): void {
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (made && account) chownSync(folder, account.uid, account.gid);
  const stat = lstatSync(folder);
  if (!stat.isDirectory() || stat.uid !== (account?.uid ?? process.getuid?.()) || (stat.mode & 0o077) !== 0) {
    throw new EmbeddedPostgresUnavailable(
      `${folder} belongs to somebody else: remove it, or choose a shorter MINUTEBOOK_DATA_DIR.`,
    );
  }
}

/**
 * What a server says behind a socket: `open` (it answers), `busy` (it is starting up or shutting down), or `silent` (nobody
 * is there).
 */
export async function knock(socketDir: string): Promise<'open' | 'busy' | 'silent'> {
  try {
    await inDatabase(socketDir, 'postgres', async () => undefined);
    return 'open';
  } catch (fault) {
    if (!(fault instanceof DatabaseError)) return 'silent';
    return fault.code === CANNOT_CONNECT_NOW ? 'busy' : 'open';
  }
}

/**
 * Creates the product's database unless it is there. Two processes may do so at once. False when the server went away
 * meanwhile.
 */
export async function createDatabase(socketDir: string): Promise<boolean> {
  try {
    await inDatabase(socketDir, 'postgres', async (client) => {
      const { rowCount } = await client.query('select from pg_database where datname = $1', [NAME]);
      if (!rowCount) await client.query(`create database ${NAME}`);
    });
    return true;
  } catch (fault) {
    if (!(fault instanceof DatabaseError) || GOING.includes(fault.code ?? '')) return false;
    if (ALREADY_THERE.includes(fault.code ?? '')) return true;
    throw fault;
  }
}

// https://www.postgresql.org/docs/18/errcodes-appendix.html
const CANNOT_CONNECT_NOW = '57P03';
const GOING = ['57P01', '57P02', CANNOT_CONNECT_NOW];
const ALREADY_THERE = ['42P04', '23505'];

async function inDatabase(socketDir: string, database: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ host: socketDir, port: PORT, user: NAME, database, connectionTimeoutMillis: 5000 });
  // The server may end the connection at any time; the query that is running then reports it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.end();
  }
}
