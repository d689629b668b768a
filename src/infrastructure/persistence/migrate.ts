import { runMigrations as migrateJobQueue } from 'graphile-worker';
import { dataSource } from './data-source.js';

/** Any number that no other program on this database uses for an advisory lock. */
const MIGRATION_LOCK = 7_204_118_215;

const LONGEST_LOCK_WAIT_MS = 3000;

/**
 * Brings the database to the newest schema, the job queue's included, and answers the names of our migrations that ran.
 * Instances that start together wait for each other. None of our statements waits for a lock longer than three seconds:
 * under traffic a migration fails and is started again, rather than stop everybody behind it.
 */
export async function migrate(url: string): Promise<readonly string[]> {
  const database = await dataSource({ url, poolSize: 3, lockTimeoutMs: LONGEST_LOCK_WAIT_MS }).initialize();
  const runner = database.createQueryRunner();
  try {
    // Waiting for another instance is no wait under traffic: it ends when that one has migrated.
    await runner.query(`set lock_timeout = 0`);
    await runner.query(`select pg_advisory_lock($1)`, [MIGRATION_LOCK]);
    try {
      const ran = await database.runMigrations();
      await migrateJobQueue({ connectionString: url });
      return ran.map(({ name }) => name);
    } finally {
      await runner.query(`select pg_advisory_unlock($1)`, [MIGRATION_LOCK]);
    }
  } finally {
    await runner.release();
    await database.destroy();
  }
}
