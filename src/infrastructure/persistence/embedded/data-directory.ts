import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { ServerAccount } from './account.js';
import { EmbeddedPostgresUnavailable, canEnter, serverAccount, serverProcess } from './account.js';
import type { PostgresBinaries } from './binaries.js';
import { startOf } from './lease.js';
import { NAME } from './socket.js';

/** A directory of data and the account that owns it. */
export interface DataDirectory {
  readonly path: string;
  readonly account: ServerAccount | null;
}

/** The data directory that is there, or null. Throws EmbeddedPostgresUnavailable when it is another user's. */
export function existingDataDirectory(path: string): DataDirectory | null {
  if (!existsSync(path)) return null;
  const account = serverAccount(path);
  return existsSync(join(path, 'PG_VERSION')) ? { path: realpathSync(path), account } : null;
}

/**
 * Makes the data directory unless it is there. It appears complete, in one step: neither kill -9 in the middle nor two
 * processes at once leave half of one. Throws EmbeddedPostgresUnavailable when something else lies there.
 */
export async function makeDataDirectory(
  path: string,
  binaries: PostgresBinaries,
  durable: boolean,
): Promise<DataDirectory> {
  const place = canonical(path);
  if (existsSync(place) && readdirSync(place).length > 0) {
    throw new EmbeddedPostgresUnavailable(
      `${place} holds files, but no PostgreSQL data: empty it, or choose another MINUTEBOOK_DATA_DIR.`,
    );
  }
  sweepDrafts(place);
  const account = serverAccount(place);
  const draft = mkdtempSync(`${place}.draft-${process.pid}-`);
  try {
    if (account) chownSync(draft, account.uid, account.gid);
    await runInitdb({ path: draft, account }, binaries, durable);
    renameSync(draft, place);
  } catch (fault) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(join(place, 'PG_VERSION'))) throw fault;
  }
  return { path: place, account };
}

function canonical(path: string): string {
  const absolute = resolve(path);
  if (existsSync(absolute)) return realpathSync(absolute);
  mkdirSync(dirname(absolute), { recursive: true });
  return join(realpathSync(dirname(absolute)), basename(absolute));
}

function sweepDrafts(place: string): void {
  const prefix = `${basename(place)}.draft-`;
  for (const name of readdirSync(dirname(place))) {
    if (!name.startsWith(prefix) || startOf(parseInt(name.slice(prefix.length), 10)) !== null) continue;
    rmSync(join(dirname(place), name), { recursive: true, force: true });
  }
}

async function runInitdb(directory: DataDirectory, binaries: PostgresBinaries, durable: boolean): Promise<void> {
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '-E', 'UTF8'];
  const rest = ['-U', NAME, '-A', 'trust', '--no-instructions', ...(durable ? [] : ['--no-sync'])];
  const options = { ...serverProcess(directory.account), cwd: directory.path };
  try {
    await promisify(execFile)(binaries.initdb, ['-D', seenByServer(directory), ...locale, ...rest], options);
  } catch (fault) {
    const { stderr, message } = fault as Error & { stderr?: string };
    const reason = (stderr || message).trim().split('\n').at(-1);
    throw new EmbeddedPostgresUnavailable(
      `PostgreSQL could not make ${directory.path} (${reason}): set DATABASE_URL instead.`,
    );
  }
}

/** Puts right what copying a checkout around breaks: root's ownership, open permissions. Checks the release. */
export function mendDataDirectory({ path, account }: DataDirectory, binaries: PostgresBinaries): void {
  const version = readFileSync(join(path, 'PG_VERSION'), 'utf8').trim();
  if (version !== binaries.major) {
    throw new EmbeddedPostgresUnavailable(
      `${path} was written by PostgreSQL ${version}, and this is PostgreSQL ${binaries.major}: move it aside, or dump it with the older release and load it here.`,
    );
  }
  const { uid, mode } = statSync(path);
  if (account && uid !== account.uid) giveTo(account, path);
  if ((mode & 0o077) !== 0) chmodSync(path, 0o700);
}

function giveTo(account: ServerAccount, path: string): void {
  lchownSync(path, account.uid, account.gid);
  if (!statSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) giveTo(account, join(path, name));
}

/**
 * The path by which the server, started with this directory as its current one, reaches its data. Its account cannot pass
 * a directory that is closed to it further up (root's home is 0700), but on Linux the current directory can be named
 * without passing anything: the data stays where the operator wants it.
 */
export function seenByServer({ path, account }: DataDirectory): string {
  if (!account || canEnter(account, path)) return path;
  if (process.platform === 'linux') return '/proc/self/cwd';
  throw new EmbeddedPostgresUnavailable(
    `The account that runs PostgreSQL (uid ${account.uid}) cannot enter ${path}: choose another MINUTEBOOK_DATA_DIR, or do not run as root.`,
  );
}
