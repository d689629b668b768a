import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool, type QueryResultRow } from 'pg';
import { loadConfig } from '#config';
import { openAdministration } from '#composition/administration';
import { runCli } from '#interfaces/cli/cli';
import type { System } from '#interfaces/cli/shared/surroundings';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { RecordingLog } from '#test/support/fakes/recording-log';
import { createTestDatabase } from '#test/support/test-database';

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line in this process, as `minutebook` runs it, over a database of its own. */
export class CommandLine {
  private constructor(
    readonly clock: ManualClock,
    private readonly environment: Readonly<Record<string, string>>,
    private readonly pool: Pool,
    readonly cleanUp: () => Promise<void>,
  ) {}

  static async start(now = '2026-03-10T12:00:00.000Z'): Promise<CommandLine> {
    const database = await createTestDatabase();
    const dataDir = await mkdtemp(join(tmpdir(), 'minutebook-cli-'));
    const pool = new Pool({ connectionString: database.url, max: 4 });
    // A pool has ended before its connections are closed: these may hear that their database is taken away.
    pool.on('error', () => undefined);
    const environment = {
      DATABASE_URL: database.url,
      MINUTEBOOK_DATA_DIR: dataDir,
      KEY_PEPPER: 'a pepper for tests alone',
    };
    return new CommandLine(new ManualClock(now), environment, pool, async () => {
      await pool.end();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    });
  }

  async run(
    args: readonly string[],
    { settings = {}, interruption = new AbortController() }: Circumstances = {},
  ): Promise<Ran> {
    const written = { stdout: '', stderr: '' };
    const exitCode = await runCli(args, {
      stdout: { write: (text) => (written.stdout += text) },
      stderr: { write: (text) => (written.stderr += text) },
      actor: 'cli:tester',
      version: '1.2.3',
      open: (schema) => this.open(schema, settings),
      interruptible: (work) => work(interruption.signal),
    });
    return { exitCode, ...written };
  }

  /** The answer of a command that must succeed, as a script reads it. */
  async json(args: readonly string[]): Promise<any> {
    const { exitCode, stdout, stderr } = await this.run([...args, '--json']);
    if (exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${exitCode}: ${stderr}`);
    return JSON.parse(stdout);
  }

  async rows<Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(sql, [...values])).rows;
  }

  /** Keeps everybody else from the table, until the answered function is called. */
  async lock(table: string): Promise<() => Promise<void>> {
    const client = await this.pool.connect();
    await client.query(`begin`);
    await client.query(`lock table ${table} in access exclusive mode`);
    return async () => {
      await client.query(`rollback`);
      client.release();
    };
  }

  /** Rows of every table, as text: what a dry run must leave as it was. */
  async everything(): Promise<string> {
    const tables = await this.rows<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
        where schemaname in ('public', 'graphile_worker') order by 1`,
    );
    const contents: string[] = [];
    for (const { name } of tables) {
      const [row] = await this.rows<{ text: string | null }>(
        `select string_agg(t::text, E'\\n' order by t::text) as text from ${name} as t`,
      );
      contents.push(`${name}\n${row?.text ?? ''}`);
    }
    return contents.join('\n\n');
  }

  open(schema: 'current' | 'migrated' | 'any', settings: Readonly<Record<string, string>> = {}): Promise<System> {
    return openAdministration(schema, {
      config: () => loadConfig({ ...this.environment, ...settings }),
      log: () => new RecordingLog(),
      clock: this.clock,
    });
  }
}

interface Circumstances {
  readonly settings?: Readonly<Record<string, string>>;
  readonly interruption?: AbortController;
}
