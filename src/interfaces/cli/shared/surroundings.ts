import type { ExitCode } from './exit-code.js';

/** Where lines go. `isTTY` says whether a person watches. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** How far the database's schema must be for a command: as this program knows it, brought there first, or anything. */
export type SchemaWish = 'current' | 'migrated' | 'any';

/** What one run of the command line is given from outside. */
export interface Surroundings {
  /** The answer, and nothing else. */
  readonly stdout: Output;
  /** Messages for people: progress, hints, refusals. */
  readonly stderr: Output;
  /** Who it is that acts, for the audit log: `cli:<name of the operating system's user>`. */
  readonly actor: string;
  readonly version: string;
  /** Asked for once a command is known to be well-formed: help and mistakes need no database. Throws NotOpened. */
  open(schema: SchemaWish): Promise<System>;
  /** Work that stops between two batches when `signal` says that somebody pressed Ctrl-C. */
  interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** The product, opened. */
export interface System {
  /** A use case or port, by its class. */
  get<T>(key: abstract new (...args: never[]) => T): T;
  /** Names of the migrations that the database still lacks, in the order they would run. */
  pendingMigrations(): Promise<readonly string[]>;
  /** Runs them, and answers the names of those that ran. */
  migrate(): Promise<readonly string[]>;
  /** Tells the demo story into an empty database. The keys are shown this once. */
  seed(): Promise<{ readonly seeded: boolean; readonly keys: readonly SeededKey[] }>;
  close(): Promise<void>;
}

export interface SeededKey {
  readonly email: string;
  readonly plan: string;
  readonly key: string;
}

/** The system cannot be opened. The message is one line that says what to do. */
export class NotOpened extends Error {
  constructor(
    /** What is in the way. */
    readonly part: 'configuration' | 'database' | 'schema',
    readonly exitCode: ExitCode,
    message: string,
  ) {
    super(message);
  }
}
