import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The system account that PostgreSQL runs under. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

const ACCOUNT_NAMES = ['postgres', '_postgres', 'nobody'];

/** The embedded PostgreSQL cannot run here. The message is one line that says what to do. */
export class EmbeddedPostgresUnavailable extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EmbeddedPostgresUnavailable';
  }
}

/**
 * The account to change to, or null when PostgreSQL runs as ourselves. PostgreSQL refuses to run as root; root therefore
 * uses the owner of an existing data directory, else `postgres`, else `nobody`.
 * Throws EmbeddedPostgresUnavailable when the data directory belongs to another user or no account is left.
 */
export function serverAccount(dataDir: string): ServerAccount | null {
  const own = process.getuid?.();
  const owner = statSync(dataDir, { throwIfNoEntry: false });
  if (own !== 0) {
    if (owner && owner.uid !== own) {
      throw new EmbeddedPostgresUnavailable(
        `${dataDir} belongs to another user (uid ${owner.uid}): run as that user, choose another MINUTEBOOK_DATA_DIR, or set DATABASE_URL.`,
      );
    }
    return null;
  }
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ACCOUNT_NAMES) {
    const [, , uid, gid] = accounts.find((fields) => fields[0] === name) ?? [];
    if (Number(uid) > 0 && Number(gid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new EmbeddedPostgresUnavailable(
    'PostgreSQL does not run as root, and there is no account "postgres" or "nobody": start as an ordinary user, or set DATABASE_URL.',
  );
}

/** Whether the account may enter every directory from the root down to `path`. Access lists are not looked at. */
export function canEnter(account: ServerAccount, path: string): boolean {
  for (let directory = realpathSync(path); ; directory = dirname(directory)) {
    const { mode, uid, gid } = statSync(directory);
    const search = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & search) === 0) return false;
    if (directory === dirname(directory)) return true;
  }
}

/** What a process of the server is started with: its account, and none of our settings and secrets. */
export function serverProcess(account: ServerAccount | null) {
  return { ...account, env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } };
}
