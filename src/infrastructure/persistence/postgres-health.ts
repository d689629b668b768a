import { setTimeout as sleep } from 'node:timers/promises';
import { injectable } from 'inversify';
import { DataSource } from 'typeorm';
import { Log } from '#application/ports/log';
import type { DatabaseHealth, DatabaseState } from '#application/system/database-health';
import { pendingMigrations } from '../operations/pending-migrations.js';

const PATIENCE_MS = 950;

@injectable()
export class PostgresHealth implements DatabaseHealth {
  private asked: Promise<DatabaseState> | null = null;

  constructor(
    private readonly database: DataSource,
    private readonly log: Log,
  ) {}

  /** While one question is open nobody asks another: a database that is stuck costs one connection, not the pool. */
  async check(): Promise<DatabaseState> {
    this.asked ??= this.ask().finally(() => (this.asked = null));
    const answered = new AbortController();
    const late = sleep(PATIENCE_MS, 'unreachable' as const, { signal: answered.signal }).catch(
      () => 'unreachable' as const,
    );
    try {
      return await Promise.race([this.asked, late]);
    } finally {
      answered.abort();
    }
  }

  private async ask(): Promise<DatabaseState> {
    try {
      return (await pendingMigrations(this.database)).length === 0 ? 'ready' : 'outdated';
    } catch (error) {
      this.log.error(error, {}, 'the database does not answer');
      return 'unreachable';
    }
  }
}
