import { AsyncLocalStorage } from 'node:async_hooks';
import { injectable } from 'inversify';
import type { Pool, PoolClient, QueryResult, QueryResultRow } from 'pg';
import { DataSource, type EntityManager, QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import type { Transaction } from '#application/ports/transaction';

/** serialization_failure and deadlock_detected: PostgreSQL undid the transaction, and asks for it again. */
const RUN_AGAIN = new Set(['40001', '40P01']);
const MOST_RUNS = 4;

/** A statement with a name is parsed and planned once per connection: 1.5 times as fast as one without. */
export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
}

/** Carries the running transaction's connection to the repositories, unseen by everything further in. */
@injectable()
export class TypeOrmTransaction implements Transaction {
  private readonly running = new AsyncLocalStorage<EntityManager>();

  constructor(private readonly dataSource: DataSource) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running.getStore()) return work();
    for (let run = 1; ; run++) {
      try {
        return await this.dataSource.transaction((manager) => this.running.run(manager, work));
      } catch (error) {
        if (run === MOST_RUNS || !asksForAnotherRun(error)) throw error;
      }
    }
  }

  /** Work that can fail alone: on an error the running transaction is as it was before, and may go on. */
  async runNested<T>(work: () => Promise<T>): Promise<T> {
    return this.writer.transaction((manager) => this.running.run(manager, work));
  }

  get isRunning(): boolean {
    return this.running.getStore() !== undefined;
  }

  /** For reads: inside the running transaction if there is one. */
  get reader(): EntityManager {
    return this.running.getStore() ?? this.dataSource.manager;
  }

  /** For writes and locks: forgetting the transaction is an error, never a silent autocommit. */
  get writer(): EntityManager {
    const manager = this.running.getStore();
    if (!manager) throw new Error('A write needs a running transaction: wrap the use case in transaction.run().');
    return manager;
  }

  /**
   * Runs one prepared statement, in the running transaction or else as a transaction of its own: one statement is
   * kept whole or not at all, so a claim that is one statement needs no more, and saves the round trips of more. Alone it is run again
   * after a deadlock, as `run` does.
   */
  async prepared<Row extends QueryResultRow>(
    statement: PreparedStatement,
    values: readonly unknown[],
  ): Promise<QueryResult<Row>> {
    const runner = this.running.getStore()?.queryRunner;
    // A statement that comes after the end of its transaction must not run in the next one on the same connection.
    if (runner?.isReleased) throw new QueryRunnerAlreadyReleasedError();
    const connection = runner
      ? ((await runner.connect()) as PoolClient)
      : (this.dataSource.driver as unknown as { master: Pool }).master;
    const query = { name: statement.name, text: statement.text, values: [...values] };
    if (runner) return connection.query<Row>(query);
    for (let run = 1; ; run++) {
      try {
        return await connection.query<Row>(query);
      } catch (error) {
        if (run === MOST_RUNS || !asksForAnotherRun(error)) throw error;
      }
    }
  }
}

function asksForAnotherRun(error: unknown): boolean {
  const code: unknown =
    error instanceof QueryFailedError
      ? (error.driverError as { code?: unknown }).code
      : (error as { code?: unknown }).code;
  return typeof code === 'string' && RUN_AGAIN.has(code);
}
