import { AsyncLocalStorage } from 'node:async_hooks';
import type { Transaction } from '#application/ports/transaction';

/**
 * All or nothing, one at a time, as row locks would have it: who is inside sees its own changes, who is outside sees
 * what was committed. Every fake repository takes one as its only argument and keeps its rows in tables of it.
 */
export class InMemoryTransaction implements Transaction {
  private readonly running = new AsyncLocalStorage<true>();
  private readonly tables = new Map<string, Table<unknown>>();
  private readonly held = new Set<string>();
  private last: Promise<unknown> = Promise.resolve();
  private open = false;

  /** `strict`: rows that a port lets be changed only by who holds them are refused to anybody else. */
  constructor(private readonly strict = false) {}

  run<T>(work: () => Promise<T>): Promise<T> {
    if (this.isRunning) return work();
    const turn = this.last.then(() => this.perform(work));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  /** Work that can fail alone: on an error the running transaction is as it was before, and may go on. */
  async runNested<T>(work: () => Promise<T>): Promise<T> {
    this.mustRun();
    const before = [...this.tables.values()].map((table) => [table, table.snapshot()] as const);
    try {
      return await work();
    } catch (error) {
      for (const [table, rows] of before) table.restore(rows);
      throw error;
    }
  }

  get isRunning(): boolean {
    return this.running.getStore() === true;
  }

  /** Throws outside a transaction, as a write to the database would. */
  mustRun(): void {
    if (!this.isRunning)
      throw new Error('A write needs a running transaction: wrap the use case in transaction.run().');
  }

  /** The table of this name, the same for every fake that asks for it. */
  table<T>(name: string): Table<T> {
    const known = this.tables.get(name) as Table<T> | undefined;
    if (known) return known;
    const table = new Table<T>(this);
    if (this.open) table.begin();
    this.tables.set(name, table);
    return table;
  }

  /** Notes that the running transaction holds this row. */
  hold(row: string): void {
    this.mustRun();
    this.held.add(row);
  }

  /** Throws unless the running transaction holds this row, if strict: PostgreSQL leaves that to the caller. */
  mustHold(row: string): void {
    this.mustRun();
    if (this.strict && !this.held.has(row))
      throw new Error(`${row} is changed by a transaction that does not hold it.`);
  }

  private async perform<T>(work: () => Promise<T>): Promise<T> {
    this.open = true;
    for (const table of this.tables.values()) table.begin();
    try {
      const result = await this.running.run(true, work);
      for (const table of this.tables.values()) table.commit();
      return result;
    } catch (error) {
      for (const table of this.tables.values()) table.rollBack();
      throw error;
    } finally {
      this.open = false;
      this.held.clear();
    }
  }
}

/** Rows are immutable, so a copy of the map is a snapshot of the table. */
export class Table<T> {
  private committed: ReadonlyMap<string, T> = new Map();
  private draft: Map<string, T> | null = null;

  constructor(private readonly transaction: InMemoryTransaction) {}

  get(key: string): T | null {
    return this.rows.get(key) ?? null;
  }

  has(key: string): boolean {
    return this.rows.has(key);
  }

  all(): readonly T[] {
    return [...this.rows.values()];
  }

  put(key: string, row: T): void {
    this.transaction.mustRun();
    this.draft!.set(key, row);
  }

  delete(key: string): void {
    this.transaction.mustRun();
    this.draft!.delete(key);
  }

  snapshot(): ReadonlyMap<string, T> {
    return new Map(this.draft);
  }

  restore(rows: ReadonlyMap<string, T>): void {
    this.draft = new Map(rows);
  }

  begin(): void {
    this.draft = new Map(this.committed);
  }

  commit(): void {
    this.committed = this.draft!;
    this.draft = null;
  }

  rollBack(): void {
    this.draft = null;
  }

  private get rows(): ReadonlyMap<string, T> {
    return this.transaction.isRunning ? this.draft! : this.committed;
  }
}
