import { DataSource } from 'typeorm';
import { PostgresHealth } from '#infrastructure/persistence/postgres-health';
import { dataSource } from '#infrastructure/persistence/data-source';
import { TestApp } from '#test/support/app';
import { RecordingLog } from '#test/support/fakes/recording-log';
import { openApiCheck } from '#test/support/openapi-check';

let app: TestApp;
let log: RecordingLog;
beforeAll(async () => {
  app = await TestApp.start();
  log = new RecordingLog();
});
afterAll(() => app.stop());

const timed = async <T>(work: () => Promise<T>): Promise<readonly [T, number]> => {
  const began = performance.now();
  return [await work(), performance.now() - began];
};

describe('the health of a database', () => {
  it('is ready when it answers and all migrations ran', async () => {
    const health = new PostgresHealth(app.container.get(DataSource), log);
    expect(await health.check()).toBe('ready');
    const check = openApiCheck((await app.call('GET', '/openapi.json')).body as object);
    for (const path of ['/', '/health', '/health/live', '/health/ready']) {
      const { status, body } = await app.call('GET', path);
      check.expectDocumented('GET', path, status, body);
      expect(status).toBe(200);
    }
  });

  it('is outdated while a migration has not run', async () => {
    const database = app.container.get(DataSource);
    const [last] = await app.rows<{ name: string; timestamp: string }>(
      `select name, timestamp from migrations order by id desc limit 1`,
    );
    await app.rows(`delete from migrations where name = $1`, [last!.name]);
    try {
      expect(await new PostgresHealth(database, log).check()).toBe('outdated');
      expect((await app.call('GET', '/health/ready')).status).toBe(503);
      expect((await app.call('GET', '/health')).body).toMatchObject({ status: 'ok', migrations: 'pending' });
    } finally {
      await app.rows(`insert into migrations (name, timestamp) values ($1, $2)`, [last!.name, last!.timestamp]);
    }
  });

  it('is told within a second when it is stuck, and costs one connection however often it is asked', async () => {
    const database = await dataSource({ url: app.databaseUrl, poolSize: 4 }).initialize();
    const stuck = app.foundation.database.createQueryRunner();
    await stuck.startTransaction();
    await stuck.query(`lock table migrations in access exclusive mode`);
    try {
      const health = new PostgresHealth(database, log);
      const [states, ms] = await timed(() => Promise.all(Array.from({ length: 10 }, () => health.check())));
      expect(new Set(states)).toEqual(new Set(['unreachable']));
      expect(ms).toBeLessThan(1200);
      await health.check();
      const waiting = await app.rows<{ pid: number }>(
        `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      expect(waiting).toHaveLength(1);
    } finally {
      await stuck.rollbackTransaction();
      await stuck.release();
      await database.destroy();
    }
  });

  it('is unreachable, within a second, when nobody is there', async () => {
    const nowhere = dataSource({ url: 'postgres://nobody@127.0.0.1:1/nothing', poolSize: 1 });
    const [state, ms] = await timed(() => new PostgresHealth(nowhere, log).check());
    expect(state).toBe('unreachable');
    expect(ms).toBeLessThan(1200);
    expect(log.lines.at(-1)?.message).toBe('the database does not answer');
  });
});
