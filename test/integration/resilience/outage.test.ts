import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DataSource } from 'typeorm';
import { compose } from '#composition/container';
import { dataSource } from '#infrastructure/persistence/data-source';
import { HttpApp } from '#interfaces/http/app';
import { serverOf } from '#interfaces/http/server';
import { type Answered, TestApp, type TestUser } from '#test/support/app';
import { slowMotion } from '#test/support/slow-motion';
import { BreakableDatabase } from '../breakable-database.js';
import { Stage, tally } from '../stage.js';
import { Visitor } from '../visitor.js';

/** The promise is a second; the rest is for a machine that does other things as well. */
const ABOUT_A_SECOND = 1400;

describe('without the database', () => {
  let app: TestApp;
  let stage: Stage;
  let breakable: BreakableDatabase;
  let database: DataSource;
  let server: Server;
  let address: string;
  beforeAll(async () => {
    app = await TestApp.start();
    stage = new Stage(app);
    breakable = await BreakableDatabase.before(app.databaseUrl);
    database = await dataSource({ url: breakable.url, poolSize: 4 }).initialize();
    const container = compose({ ...app.foundation, database });
    server = serverOf(container.get(HttpApp).build());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => breakable.repair());
  afterAll(async () => {
    server?.close();
    server?.closeAllConnections();
    await database?.destroy();
    await breakable?.close();
    await app?.stop();
  });

  /** Through the database that can break, timed. */
  const ask = async (
    method: string,
    path: string,
    { key }: TestUser,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answered & { ms: number }> => {
    const began = performance.now();
    const response = await fetch(address + path, {
      method,
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: JSON.parse(text),
      ms: performance.now() - began,
    };
  };
  const create = (user: TestUser, headers?: Readonly<Record<string, string>>) =>
    ask('POST', '/api/v1/sessions', user, { title: 'One more' }, headers);

  const mustBeUnavailable = ({ status, headers, body, ms }: Answered & { ms: number }): void => {
    expect([status, body.detail.error, headers.get('Retry-After')]).toEqual([503, 'database_unavailable', '1']);
    expect(ms).toBeLessThan(ABOUT_A_SECOND);
  };

  it.each(['breakDown', 'fallSilent'] as const)(
    'when it is gone (%s) every request is refused within a second, and nothing is counted',
    async (fault) => {
      const [warm, cold] = [await app.user('free'), await app.user('free')];
      const [id] = await stage.pending(warm, 1, 60);
      expect((await create(warm)).status).toBe(200);
      await breakable[fault]();
      const asked = await Promise.all([
        create(warm),
        create(warm, { 'Idempotency-Key': fault }),
        create(cold),
        ask('POST', `/api/v1/sessions/${id}/start-transcription`, warm),
        ask('GET', '/api/v1/usage/current', warm),
        ask('POST', '/api/v1/plans/validate-action', warm, { action: 'create_session' }),
        ask('POST', '/api/v1/devices', warm, { name: 'phone' }),
        ask('GET', `/api/v1/sessions/${id}`, warm),
      ]);
      asked.forEach(mustBeUnavailable);
      const health = await ask('GET', '/health', warm);
      expect([health.status, health.ms < ABOUT_A_SECOND]).toEqual([503, true]);
      expect((await ask('GET', '/health/ready', warm)).status).toBe(503);
      expect((await ask('GET', '/health/live', warm)).status).toBe(200);

      await breakable.repair();
      expect(await stage.counters(warm)).toEqual([{ sessions: 2, seconds: 0, transcriptions: 0 }]);
      expect(await stage.count('holds', warm)).toBe(0);
      expect((await create(warm, { 'Idempotency-Key': fault })).status).toBe(200);
      expect((await create(cold)).status).toBe(200);
      expect((await ask('GET', '/health/ready', warm)).status).toBe(200);
      await stage.mustBalance(warm);
    },
  );

  it('what the caller did wrong is said even so', async () => {
    const user = await app.user('free');
    expect((await create(user)).status).toBe(200);
    await breakable.breakDown();
    expect((await ask('POST', '/api/v1/sessions', user, { title: '' })).status).toBe(422);
    expect((await ask('GET', '/nowhere', user)).status).toBe(404);
    expect((await ask('GET', '/api/v1/me', { ...user, key: 'mb_test_nonsense' })).status).toBe(401);
  });

  it('when the connection is cut under requests that carry a key, asking again makes each happen once', async () => {
    const user = await app.user('pro');
    expect((await create(user)).status).toBe(200);
    const motion = await slowMotion(app.databaseUrl, 'sessions', { seconds: 0.03 });
    const keys = Array.from({ length: 12 }, (_, n) => `cut-${n}`);
    const cut = Promise.all(keys.map((key) => create(user, { 'Idempotency-Key': key })));
    while ((await stage.count('idempotent_answers', user)) < 3);
    await breakable.breakDown();
    const answers = await cut;
    expect(Object.keys(tally(answers)).sort()).toEqual(['200', '503 database_unavailable']);
    await breakable.repair();
    await motion.stop();
    for (const key of keys) {
      // Until the server has noticed that nobody is there any more, the key is still at work.
      let answer = await create(user, { 'Idempotency-Key': key });
      while (answer.status === 409) answer = await create(user, { 'Idempotency-Key': key });
      expect(answer.status).toBe(200);
    }
    expect(await stage.count('sessions', user)).toBe(1 + keys.length);
    await stage.mustBalance(user);
  });

  it('when it ends a statement under way, the answer is 503 and nothing of it is counted', async () => {
    const user = await app.user('free');
    const [id] = await stage.pending(user, 1, 60);
    for (const [table, work] of [
      ['sessions', () => create(user)],
      ['sessions', () => create(user, { 'Idempotency-Key': 'ended' })],
      ['holds', () => ask('POST', `/api/v1/sessions/${id}/start-transcription`, user)],
    ] as const) {
      const motion = await slowMotion(app.databaseUrl, table, { seconds: 5 });
      const answered = work();
      const sleeping = `from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
      while ((await app.rows(`select pid ${sleeping}`)).length === 0);
      await app.rows(`select pg_terminate_backend(pid) ${sleeping}`);
      mustBeUnavailable(await answered);
      await motion.stop();
    }
    expect(await stage.counters(user)).toEqual([{ sessions: 1, seconds: 0, transcriptions: 0 }]);
    expect(await stage.count('holds', user)).toBe(0);
    expect((await create(user, { 'Idempotency-Key': 'ended' })).headers.get('Idempotent-Replayed')).toBeNull();
    await stage.mustBalance(user);
  });
});

describe('without a free connection', () => {
  let app: TestApp;
  let stage: Stage;
  beforeAll(async () => {
    app = await TestApp.start({ poolSize: 2 });
    stage = new Stage(app);
  });
  afterAll(() => app?.stop());

  it('requests are refused within a second, nothing is counted, and all is well when there is one again', async () => {
    const user = await app.user('free');
    const visitor = new Visitor(app, user);
    const busy = [app.rows('select pg_sleep(2)'), app.rows('select pg_sleep(2)')];
    const began = performance.now();
    const answers = await Promise.all([
      ...Array.from({ length: 8 }, () => visitor.post('/api/v1/sessions', { title: 'One more' })),
      visitor.get('/api/v1/usage/current'),
    ]);
    expect(performance.now() - began).toBeLessThan(ABOUT_A_SECOND);
    expect(tally(answers)).toEqual({ '503 database_unavailable': 9 });
    expect(answers.map(({ headers }) => headers.get('Retry-After'))).toEqual(Array.from({ length: 9 }, () => '1'));
    expect((await app.call('GET', '/health/live')).status).toBe(200);
    await Promise.all(busy);
    expect(await stage.counters(user)).toEqual([]);
    expect((await visitor.post('/api/v1/sessions', { title: 'One more' })).status).toBe(200);
    await stage.mustBalance(user);
  });

  it('under more work than it can do, each request is done or refused, and the books say which', async () => {
    const user = await app.user('pro');
    const visitor = new Visitor(app, user);
    await visitor.get('/api/v1/me');
    const motion = await slowMotion(app.databaseUrl, 'sessions', { seconds: 0.15 });
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, n) =>
        visitor.post('/api/v1/sessions', { title: `${n}` }, n % 2 ? { 'Idempotency-Key': `${n}` } : {}),
      ),
    );
    await motion.stop();
    const { 200: created = 0, '503 database_unavailable': refused = 0 } = tally(answers);
    expect(created + refused).toBe(24);
    expect(Math.min(created, refused)).toBeGreaterThan(0);
    expect(await stage.count('sessions', user)).toBe(created);
    await stage.mustBalance(user);
  });
});
