import { migrations as jobQueueMigrations } from 'graphile-worker/dist/generated/sql.js';
import type { DataSource } from 'typeorm';

/**
 * Names of the migrations that this program knows and the database does not have, in the order in which they run. The
 * job queue brings its own, and is one name with its newest. Reads alone: it may be asked of a database that is nobody's yet.
 */
export async function pendingMigrations(database: DataSource): Promise<readonly string[]> {
  const done = new Set(await names(database, 'migrations'));
  const known = database.migrations.map((migration) => migration.name ?? migration.constructor.name);
  const queueDone = new Set(await names(database, 'graphile_worker.migrations'));
  const newest = Object.keys(jobQueueMigrations)
    .map((file) => String(parseInt(file, 10)))
    .at(-1)!;
  return [...known.filter((name) => !done.has(name)), ...(queueDone.has(newest) ? [] : [`graphile_worker ${newest}`])];
}

/** What the database remembers in a table that need not exist yet. */
async function names(
  database: DataSource,
  table: 'migrations' | 'graphile_worker.migrations',
): Promise<readonly string[]> {
  const [{ exists }] = await database.query<[{ exists: boolean }]>(`select to_regclass($1) is not null as exists`, [
    table,
  ]);
  if (!exists) return [];
  const column = table === 'migrations' ? 'name' : 'id::text';
  const rows = await database.query<{ name: string }[]>(`select ${column} as name from ${table}`);
  return rows.map(({ name }) => name);
}
