import { execFileSync, spawn } from 'node:child_process';
import { closeSync, fchownSync, fstatSync, openSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresUnavailable, serverProcess } from './account.js';
import type { PostgresBinaries } from './binaries.js';
import type { DataDirectory } from './data-directory.js';
import { seenByServer } from './data-directory.js';
import { read, runs } from './lease.js';
import { PORT, knock, socketDirectory } from './socket.js';

/** A server that answers. */
export interface RunningServer {
  readonly pid: number;
  readonly socketDir: string;
}

/** Recovery after a crash replays at most `max_wal_size` of log. */
const PATIENCE_MS = 120_000;

/**
 * The server of a data directory, or null when none runs. Waits for one that is starting up or shutting down.
 * Throws EmbeddedPostgresUnavailable when one is there and does not get done.
 */
export async function findServer(directory: DataDirectory): Promise<RunningServer | null> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(20)) {
    const lock = lockFile(directory.path);
    if (!lock) return null;
    const socketDir = socketDirectory(directory.path, directory.account, lock.socketDir);
    const answer = await knock(socketDir);
    if (answer === 'open') return { pid: lock.pid, socketDir };
    if (answer === 'silent' && !isServer(lock.pid, directory.path)) return null;
    if (Date.now() > deadline) {
      throw new EmbeddedPostgresUnavailable(
        `PostgreSQL (process ${lock.pid}) holds ${directory.path} and does not answer: read postgresql.log there, end that process, start again.`,
      );
    }
  }
}

/** Starts the server. Null when another process was quicker, or an old one is not quite gone: look again then. */
export async function launchServer(
  directory: DataDirectory,
  binaries: PostgresBinaries,
  settings: Readonly<Record<string, string>>,
): Promise<RunningServer | null> {
  const { path, account } = directory;
  const socketDir = socketDirectory(path, account);
  const place = seenByServer(directory);
  freeStaleLock(path, socketDir);

  const all = {
    listen_addresses: '',
    // A list: the quotes keep commas and spaces in the path.
    unix_socket_directories: `"${(socketDir === path ? place : socketDir).replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
    port: String(PORT),
    ...settings,
  };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openSync(join(path, LOG_FILE), 'a', 0o600);
  const logged = fstatSync(log).size;
  if (account) fchownSync(log, account.uid, account.gid);
  // Its own process group: Ctrl-C in the terminal must not end the database before the requests that need it.
  const server = spawn(binaries.postgres, ['-D', place, ...flags], {
    ...serverProcess(account),
    cwd: path,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const end = { failure: null as string | null, killed: false };
  server.once('error', (fault) => (end.failure = fault.message));
  server.once('exit', (code, signal) =>
    Object.assign(end, { failure: `it ended with ${code}`, killed: signal !== null }),
  );
  server.unref();

  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(5)) {
    const lock = lockFile(path);
    if (lock?.pid === server.pid && lock?.status === 'ready') return { pid: lock.pid, socketDir };
    if (end.failure === null) continue;
    const lines = readFileSync(join(path, LOG_FILE)).subarray(logged).toString();
    if (end.killed || TRY_AGAIN.test(lines)) return null;
    const reason = /(?:FATAL|PANIC):\s+(.*)/.exec(lines)?.[1] ?? (lines.trim().split('\n').at(-1) || end.failure);
    throw new EmbeddedPostgresUnavailable(`PostgreSQL did not start (${reason}): see ${join(path, LOG_FILE)}.`);
  }
  throw new EmbeddedPostgresUnavailable(
    `PostgreSQL is still recovering: see ${join(path, LOG_FILE)}, and start again.`,
  );
}

/** Stops the server: open transactions are rolled back, what is committed is written. Nothing happens when it is gone. */
export async function stopServer(server: RunningServer, path: string): Promise<void> {
  for (const [signal, patience] of STOPS) {
    if (!signalServer(server, path, signal)) return;
    for (const deadline = Date.now() + patience; Date.now() < deadline; await sleep(5)) {
      if (runs(server.pid)) continue;
      if (server.socketDir !== path) rmSync(server.socketDir, { recursive: true, force: true });
      return;
    }
  }
  throw new EmbeddedPostgresUnavailable(`PostgreSQL (process ${server.pid}) does not stop: end that process.`);
}

/** False when that process is not the server (any more). */
export function signalServer(server: RunningServer, path: string, signal: NodeJS.Signals): boolean {
  return isServer(server.pid, path) && process.kill(server.pid, signal);
}

// https://www.postgresql.org/docs/18/server-shutdown.html: fast, and when that takes too long immediate.
const STOPS = [
  ['SIGINT', 60_000],
  ['SIGQUIT', 10_000],
] as const;

const LOG_FILE = 'postgresql.log';

/** Another process won the race; or backends of a server that was killed still have its shared memory. */
const TRY_AGAIN = /lock file ".*" already exists|lock file ".*" is empty|pre-existing shared memory block/;

interface LockFile {
  readonly pid: number;
  readonly socketDir: string;
  readonly status: string;
}

/** https://www.postgresql.org/docs/18/storage-file-layout.html: pid, directory, start, port, socket, address, memory, status. */
function lockFile(path: string): LockFile | null {
  const lines = read(join(path, 'postmaster.pid'))?.split('\n');
  return lines ? { pid: Number(lines[0]), socketDir: lines[4] ?? '', status: (lines[7] ?? '').trim() } : null;
}

/** A process id comes round again, so a living process is not yet the server: its current directory is the data. */
function isServer(pid: number, path: string): boolean {
  if (!runs(pid)) return false;
  try {
    if (process.platform !== 'linux') {
      return (
        basename(execFileSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' }).trim()) === 'postgres'
      );
    }
    return [path, `${path} (deleted)`].includes(readlinkSync(`/proc/${pid}/cwd`));
  } catch {
    // It ended just now, or it is another user's, which the server of our own data directory cannot be.
    return false;
  }
}

/**
 * A server that was killed leaves its lock file, and PostgreSQL believes it when its process id now belongs to something
 * else (or to a zombie that nobody collects). It takes a lock of its own parent for stale, and still looks whether anybody
 * uses the shared memory named there; so the file gets our process id.
 */
function freeStaleLock(path: string, socketDir: string): void {
  const file = join(path, 'postmaster.pid');
  const [pid, ...rest] = read(file)?.split('\n') ?? [];
  // Another process may have launched a server since we looked; its file is not stale.
  if (!pid || !exists(Number(pid)) || isServer(Number(pid), path)) return;
  writeFileSync(file, [process.pid, ...rest].join('\n'));
  rmSync(join(socketDir, `.s.PGSQL.${PORT}.lock`), { force: true });
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (fault) {
    return (fault as NodeJS.ErrnoException).code === 'EPERM';
  }
}
