import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const FOLDER = 'minutebook.users';
let taken = 0;

/**
 * Says that a process uses the server of a data directory. The last one to leave stops it, whoever started it; leases of
 * dead processes do not count, so a server orphaned by kill -9 belongs to whoever comes next.
 *
 * A file `minutebook.users/<pid>-<n>.using` holds the start time of that process, because process ids come round again, and
 * the number of the directory, because directories are copied with everything in them.
 * Before the last one stops the server it renames its file to `.leaving` and looks again: either it sees a newcomer's
 * file and keeps its hands off, or the newcomer sees `.leaving` and waits until the server is gone.
 */
export class ServerLease {
  private constructor(
    private readonly dataDir: string,
    private readonly name: string,
  ) {}

  /** Returns when nobody is about to stop the server. */
  static async take(dataDir: string): Promise<ServerLease> {
    const lease = new ServerLease(dataDir, `${process.pid}-${++taken}`);
    const folder = mkdirSync(join(dataDir, FOLDER), { recursive: true, mode: 0o700 });
    const { uid, gid } = statSync(dataDir);
    // Made by root, it still is for the owner of the data, who may come without root the next time.
    if (folder && process.getuid?.() === 0) chownSync(folder, uid, gid);
    writeFileSync(lease.file('new'), lease.mark(process.pid) ?? '');
    renameSync(lease.file('new'), lease.file('using'));
    while (lease.others('leaving')) await sleep(20);
    return lease;
  }

  /** Whether a living process uses the server of this data directory. */
  static isHeld(dataDir: string): boolean {
    const nobody = new ServerLease(dataDir, '');
    return nobody.others('using') || nobody.others('leaving');
  }

  /** Gives the lease back. True when the server is now the caller's to stop; `end` must follow when it has stopped. */
  leave(): boolean {
    try {
      renameSync(this.file('using'), this.file('leaving'));
    } catch (fault) {
      // The data directory was removed under the server: nobody else can use it any more.
      if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return true;
      throw fault;
    }
    if (!this.others('using')) return true;
    this.end();
    return false;
  }

  end(): void {
    rmSync(this.file('leaving'), { force: true });
  }

  private file(state: 'new' | 'using' | 'leaving'): string {
    return join(this.dataDir, FOLDER, `${this.name}.${state}`);
  }

  private mark(pid: number): string | null {
    const start = startOf(pid);
    return start && `${start} in ${statSync(this.dataDir).ino}`;
  }

  private others(state: 'using' | 'leaving'): boolean {
    const folder = join(this.dataDir, FOLDER);
    return list(folder).some((file) => {
      if (!file.endsWith(`.${state}`) || file === `${this.name}.${state}`) return false;
      const mark = this.mark(parseInt(file, 10));
      if (mark !== null && mark === read(join(folder, file))) return true;
      rmSync(join(folder, file), { force: true });
      return false;
    });
  }
}

/** When a process started, in whatever unit the system has, or null when no such process runs. A zombie does not run. */
export function startOf(pid: number): string | null {
  if (process.platform === 'linux') {
    // The second field is the program's name in parentheses, and may itself hold spaces and parentheses.
    const fields = read(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ');
    return !fields || fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  }
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    }).trim();
    return line === '' || line.startsWith('Z') ? null : line.replace(/^\S+\s+/, '');
  } catch {
    // ps ends with 1 when there is no such process.
    return null;
  }
}

/** Whether a process runs; cheap enough to ask often. */
export function runs(pid: number): boolean {
  if (process.platform === 'linux') return startOf(pid) !== null;
  try {
    return process.kill(pid, 0);
  } catch (fault) {
    return (fault as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw fault;
  }
}

/** Null when the file is gone: leases and processes come and go while one looks. */
export function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw fault;
  }
}
