import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresUnavailable, serverAccount } from './embedded/account.js';
import { postgresBinaries } from './embedded/binaries.js';
import type { DataDirectory } from './embedded/data-directory.js';
import { existingDataDirectory, makeDataDirectory, mendDataDirectory } from './embedded/data-directory.js';
import { ServerLease, runs } from './embedded/lease.js';
import type { RunningServer } from './embedded/server.js';
import { findServer, launchServer, signalServer, stopServer } from './embedded/server.js';
import { NAME, PORT, createDatabase, databaseUrl } from './embedded/socket.js';

export { EmbeddedPostgresUnavailable };

export interface EmbeddedPostgresOptions {
  /** The directory of the data itself, made when missing. Its parent must be writable. */
  readonly dataDir: string;
  /** False trades safety for speed: what is committed may be lost with the machine. For tests. */
  readonly durable: boolean;
  /** One line for the operator now and then. */
  readonly log?: (line: string) => void;
  /** PostgreSQL settings on top of ours; they do not touch a server that runs already. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** What a client such as `pg` needs. */
export interface EmbeddedConnection {
  /** The folder of the Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/**
 * A real PostgreSQL from npm, on a Unix socket in its own data directory, reachable by its account and root alone.
 *
 * Any number of processes may start it on one data directory: the first launches it, the others attach, and the last one
 * to stop takes it down. A server whose process died without a word (kill -9) keeps running, and is attached to by the
 * next. A server that dies under its users comes back within about a second.
 */
export class EmbeddedPostgres {
  private readonly watch: NodeJS.Timeout;
  private readonly onExit = () => this.stopAtExit();
  private reviving: Promise<void> | null = null;
  private reviveAfter = 0;
  private stopping: Promise<void> | null = null;

  private constructor(
    private readonly directory: DataDirectory,
    private readonly lease: ServerLease,
    private readonly options: EmbeddedPostgresOptions,
    private server: RunningServer,
    /** Whether the server was running already. */
    readonly attached: boolean,
  ) {
    this.watch = setInterval(() => this.revive(), WATCH_EVERY_MS).unref();
    process.once('exit', this.onExit);
  }

  /** Attaches to the server of the data directory, or launches it. Throws EmbeddedPostgresUnavailable. */
  static async start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    try {
      const directory = existingDataDirectory(options.dataDir) ?? (await newDataDirectory(options));
      const { lease, found } = await leased(directory, () => attachOrLaunch(directory, options));
      return new EmbeddedPostgres(directory, lease, options, found.server, found.attached);
    } catch (fault) {
      throw explained(fault as NodeJS.ErrnoException, options.dataDir);
    }
  }

  /** Attaches to the server of the data directory, or null when none runs. */
  static async attach(dataDir: string): Promise<EmbeddedPostgres | null> {
    try {
      const directory = existingDataDirectory(dataDir);
      if (!directory) return null;
      const { lease, found } = await leased(directory, () => findServer(directory));
      return found && new EmbeddedPostgres(directory, lease, { dataDir, durable: true }, found, true);
    } catch (fault) {
      throw explained(fault as NodeJS.ErrnoException, dataDir);
    }
  }

  /** Whether a server of this data directory answers. */
  static async isRunning(dataDir: string): Promise<boolean> {
    const directory = existingDataDirectory(dataDir);
    return directory !== null && (await findServer(directory)) !== null;
  }

  /** Whether a living process uses the server of this data directory; an orphaned server is used by nobody. */
  static isUsed(dataDir: string): boolean {
    return ServerLease.isHeld(dataDir);
  }

  get connection(): EmbeddedConnection {
    return { host: this.server.socketDir, port: PORT, user: NAME, database: NAME };
  }

  /** An address that `pg` and TypeORM understand. */
  get url(): string {
    return databaseUrl(this.server.socketDir, NAME);
  }

  /** Stops the server if nobody else uses it. Close all connections first: the server cuts those that are left. */
  stop(): Promise<void> {
    this.stopping ??= this.leave();
    return this.stopping;
  }

  private async leave(): Promise<void> {
    clearInterval(this.watch);
    process.off('exit', this.onExit);
    await this.reviving;
    if (!this.lease.leave()) return;
    await stopServer(this.server, this.directory.path);
    this.lease.end();
  }

  /** A process that exits without stop() has no time to wait, but need not leave an orphan behind. */
  private stopAtExit(): void {
    if (this.lease.leave()) signalServer(this.server, this.directory.path, 'SIGINT');
  }

  private revive(): void {
    if (this.reviving || Date.now() < this.reviveAfter || runs(this.server.pid)) return;
    this.reviving = attachOrLaunch(this.directory, this.options)
      .then(({ server, attached }) => {
        this.server = server;
        if (!attached) this.options.log?.('PostgreSQL had ended; it runs again.');
      })
      .catch((fault: Error) => {
        this.reviveAfter = Date.now() + RETRY_AFTER_MS;
        this.options.log?.(fault.message);
      })
      .finally(() => (this.reviving = null));
  }
}

const WATCH_EVERY_MS = 1000;
const RETRY_AFTER_MS = 5000;

/** Takes a lease for as long as `connect` runs, and beyond when it finds a server. */
async function leased<Found>(
  directory: DataDirectory,
  connect: () => Promise<Found>,
): Promise<{ lease: ServerLease; found: Found }> {
  const lease = await ServerLease.take(directory.path);
  let found: Found | null = null;
  try {
    found = await connect();
    return { lease, found };
  } finally {
    if (found === null && lease.leave()) lease.end();
  }
}

/** A folder that cannot be read or written, a full disk: the operator's to put right, in one line. */
function explained(fault: NodeJS.ErrnoException, dataDir: string): Error {
  if (!fault.syscall) return fault;
  return new EmbeddedPostgresUnavailable(
    `PostgreSQL cannot use ${dataDir} (${fault.message}): choose another MINUTEBOOK_DATA_DIR, or set DATABASE_URL.`,
  );
}

async function newDataDirectory({ dataDir, durable, log }: EmbeddedPostgresOptions): Promise<DataDirectory> {
  log?.('Preparing an embedded PostgreSQL …');
  const binaries = await postgresBinaries(serverAccount(dataDir));
  return makeDataDirectory(dataDir, binaries, durable);
}

/** A process that loses the race for the launch attaches to the winner's server. */
async function attachOrLaunch(
  directory: DataDirectory,
  options: EmbeddedPostgresOptions,
): Promise<{ server: RunningServer; attached: boolean }> {
  for (let attempt = 1; attempt <= LAUNCH_ATTEMPTS; attempt++) {
    const running = await findServer(directory);
    const server = running ?? (await launch(directory, options));
    if (server && (await createDatabase(server.socketDir))) return { server, attached: running !== null };
    await sleep(100);
  }
  throw new EmbeddedPostgresUnavailable(
    `A PostgreSQL that was killed is not quite gone from ${directory.path}: start again in a moment.`,
  );
}

const LAUNCH_ATTEMPTS = 100;

async function launch(directory: DataDirectory, options: EmbeddedPostgresOptions): Promise<RunningServer | null> {
  const binaries = await postgresBinaries(directory.account);
  mendDataDirectory(directory, binaries);
  return launchServer(directory, binaries, { ...SETTINGS, ...(options.durable ? {} : FORGETFUL), ...options.settings });
}

/** A small server beside the application: few processes, little memory, and nothing logged that the application logs. */
const SETTINGS = {
  cluster_name: NAME,
  max_connections: '60',
  shared_buffers: '64MB',
  max_wal_size: '512MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  jit: 'off',
  io_method: 'sync',
  max_logical_replication_workers: '0',
  log_checkpoints: 'off',
  // Refused statements and their values reach the application, and stay out of this file.
  log_min_messages: 'log',
  log_error_verbosity: 'terse',
};

/** https://www.postgresql.org/docs/18/non-durability.html */
const FORGETFUL = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
};
