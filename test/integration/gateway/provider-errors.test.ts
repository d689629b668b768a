import Anthropic from '@anthropic-ai/sdk';
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import OpenAI from 'openai';
import type { DataSource } from 'typeorm';
import { GatewaySettings } from '#application/gateway/gateway-settings';
import { RunningRequests } from '#application/gateway/running-requests';
import { compose } from '#composition/container';
import { dataSource } from '#infrastructure/persistence/data-source';
import { HttpApp } from '#interfaces/http/app';
import { serverOf } from '#interfaces/http/server';
import type { TestApp, TestUser } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { BreakableDatabase } from '../breakable-database.js';
import { CountedClients, MESSAGES } from './counted-clients.js';
import { GatewayWorld } from './gateway-world.js';
import { containing, mustBeUntouched, ONE_CREDIT, times } from './refused-requests.js';
import { until } from './upstream-world.js';

describe('What providers do to requests', () => {
  let world: GatewayWorld;
  let clock: ManualClock;
  // One each: what always fails keeps its circuit from closing.
  beforeEach(async () => {
    clock = new ManualClock();
    world = await GatewayWorld.start({ clock });
  });
  afterEach(() => world.stop());

  const clientsOf = (user: TestUser) => new CountedClients(world.app, user, (seconds) => clock.advance(seconds));

  it.each([false, true])('they refuse it: 400 with their reason, asked once (stream: %s)', async (stream) => {
    const user = await world.userWith(1);
    const clients = clientsOf(user);
    expect(await clients.completes('sandbox-chat-refusing', { stream })).toMatchObject({
      error: {
        constructor: OpenAI.BadRequestError,
        status: 400,
        type: 'invalid_request_error',
        code: 'content_policy_violation',
      },
      attempts: times(1, { status: 400 }),
    });
    expect(await clients.messages('sandbox-chat-refusing', { stream })).toMatchObject({
      error: { constructor: Anthropic.BadRequestError, status: 400, type: 'invalid_request_error' },
      attempts: times(1, { status: 400 }),
    });
    await mustBeUntouched(world, user, { sent: 2 });
    expect((await world.booksOf(user)).logs.map(({ outcome }) => outcome)).toEqual(['refused', 'refused']);
  });

  it.each([false, true])(
    'they are overloaded: 503 or 529, asked three times, and not again once five have failed (stream: %s)',
    async (stream) => {
      const user = await world.userWith(1);
      const clients = clientsOf(user);
      expect(await clients.messages('sandbox-chat-unavailable', { stream })).toMatchObject({
        error: { constructor: Anthropic.OverloadedError, status: 529, type: 'overloaded_error' },
        attempts: times(3, { status: 529, shouldRetry: null, retryAfter: '1' }),
      });
      // The fifth failure opens the circuit.
      const overloaded = { status: 503, shouldRetry: null, retryAfter: '1' };
      const open = { status: 503, shouldRetry: 'false', retryAfter: '59' };
      expect(await clients.completes('sandbox-chat-unavailable', { stream })).toMatchObject({
        error: {
          constructor: OpenAI.InternalServerError,
          status: 503,
          type: 'server_error',
          code: 'circuit_breaker_open',
          error: { message: containing('Nothing was charged') },
        },
        attempts: [overloaded, overloaded, open],
      });
      expect(await clients.messages('sandbox-chat-unavailable', { stream })).toMatchObject({
        error: { constructor: Anthropic.ServiceUnavailableError, status: 503, type: 'overloaded_error' },
        attempts: times(1, { status: 503, shouldRetry: 'false' }),
      });
      await mustBeUntouched(world, user, { sent: 7 });
    },
  );

  it.each(['completes', 'messages'] as const)(
    'they ask for a pause: 429, and whoever keeps it is asked for again each time (%s)',
    async (asks) => {
      const user = await world.userWith(1);
      const isOpenAi = asks === 'completes';
      expect(await clientsOf(user)[asks]('sandbox-chat-rate-limited')).toMatchObject({
        error: {
          constructor: isOpenAi ? OpenAI.RateLimitError : Anthropic.RateLimitError,
          status: 429,
          type: isOpenAi ? 'rate_limit_exceeded' : 'rate_limit_error',
        },
        attempts: times(3, { status: 429, shouldRetry: null, retryAfter: '2' }),
      });
      await mustBeUntouched(world, user, { sent: 3 });
    },
  );

  it.each(['completes', 'messages'] as const)('they break down: 502, asked three times (%s)', async (asks) => {
    const user = await world.userWith(1);
    const isOpenAi = asks === 'completes';
    expect(await clientsOf(user)[asks]('sandbox-chat-broken')).toMatchObject({
      error: {
        constructor: isOpenAi ? OpenAI.InternalServerError : Anthropic.InternalServerError,
        status: 502,
        type: isOpenAi ? 'server_error' : 'api_error',
        message: containing('Nothing was charged'),
      },
      attempts: times(3, { status: 502, shouldRetry: null }),
    });
    await mustBeUntouched(world, user, { sent: 3 });
  });

  it('they die in mid-stream: both clients throw, and exactly what they had received is charged', async () => {
    const user = await world.userWith(1);
    const { openai, anthropic } = clientsOf(user);
    const ask = { model: 'sandbox-chat-broken', messages: MESSAGES, max_tokens: 20 };
    const heard: string[] = [];
    const reading = (async () => {
      for await (const { choices } of await openai.chat.completions.create({ ...ask, stream: true })) {
        const content = choices[0]?.delta.content;
        if (content) heard.push(content);
      }
    })();
    await expect(reading).rejects.toMatchObject({
      constructor: OpenAI.APIError,
      status: undefined,
      type: 'server_error',
      code: 'upstream_error',
      error: { message: containing('What was delivered is charged') },
    });
    expect(heard).toHaveLength(3);

    const said: string[] = [];
    const helper = anthropic.messages.stream(ask).on('text', (text) => said.push(text));
    await expect(helper.finalMessage()).rejects.toMatchObject({
      constructor: Anthropic.APIError,
      error: { type: 'error', error: { type: 'api_error', message: containing('What was delivered is charged') } },
    });
    expect(said).toEqual(heard);

    await world.app.container.get(RunningRequests).idle();
    const { logs, ...books } = await world.booksOf(user);
    // Six tokens go in: five bytes by four, and four for a message.
    const quantities = { input_token: 6, output_token: 3 };
    const row = { outcome: 'cut_short', usage_source: 'estimate', streamed: true, quantities };
    // By 0.15 and 0.60 USD for a million: 0.9 and 1.8 micros, rounded up together.
    expect(logs).toMatchObject([
      { ...row, cost: 3 },
      { ...row, cost: 3 },
    ]);
    expect(books).toEqual({ balance: ONE_CREDIT - 6, entries: ONE_CREDIT - 6, held: 0, openHolds: 0 });
  });
});

describe('What takes too long, or is too much', () => {
  let world: GatewayWorld;
  beforeAll(async () => {
    world = await GatewayWorld.start({ aiSettings: new GatewaySettings(0, 400, 1, 2, 1) });
  });
  afterAll(() => world.stop());

  it.each([
    ['completes', false],
    ['messages', true],
  ] as const)('an answer that does not come: 504, and nothing is charged (%s, stream: %s)', async (asks, stream) => {
    const user = await world.userWith(1);
    const isOpenAi = asks === 'completes';
    const clients = new CountedClients(world.app, user);
    expect(await clients[asks]('sandbox-chat-silent', { stream }, { maxRetries: 1 })).toMatchObject({
      error: {
        constructor: isOpenAi ? OpenAI.InternalServerError : Anthropic.GatewayTimeoutError,
        status: 504,
        type: isOpenAi ? 'server_error' : 'timeout_error',
        message: containing('Nothing was charged'),
      },
      attempts: times(2, { status: 504, shouldRetry: null }),
    });
    await mustBeUntouched(world, user, { sent: 2 });
    expect((await world.booksOf(user)).logs.map(({ outcome }) => outcome)).toEqual(['timed_out', 'timed_out']);
  });

  it('more requests at once than are allowed: 429; the client asks again by itself, and is served then', async () => {
    const user = await world.userWith(1);
    const leaving = new AbortController();
    const silent = new CountedClients(world.app, user);
    const running = silent.completes('sandbox-chat-silent', {}, { signal: leaving.signal, maxRetries: 0 });
    await until(async () => (await world.booksOf(user)).openHolds === 1);
    const clients = new CountedClients(world.app, user, async () => {
      leaving.abort();
      await running;
      await world.app.container.get(RunningRequests).idle();
    });
    expect(await clients.messages('sandbox-chat')).toMatchObject({
      error: null,
      attempts: [{ status: 429, shouldRetry: 'true', retryAfter: '1' }, { status: 200 }],
    });
    const { logs, balance, held } = await world.booksOf(user);
    expect(logs).toMatchObject([{ cost: 0 }, { outcome: 'completed' }]);
    expect([balance, held]).toEqual([ONE_CREDIT - logs[1]!.cost, 0]);
  });

  it('more requests a minute than are allowed: 429, with the rest of the minute', async () => {
    const user = await world.userWith(1);
    const clients = new CountedClients(world.app, user);
    expect(await clients.completes('sandbox-chat')).toMatchObject({ error: null });
    expect(await clients.messages('sandbox-chat')).toMatchObject({ error: null });
    const before = await world.booksOf(user);
    const attempts = times(3, {
      status: 429,
      shouldRetry: 'true',
      retryAfter: expect.stringMatching(/^\d+$/) as string,
    });
    const { error, attempts: seen } = await clients.completes('sandbox-chat');
    expect(error).toMatchObject({
      constructor: OpenAI.RateLimitError,
      status: 429,
      type: 'rate_limit_exceeded',
      error: { metadata: { limit: 'requests_per_minute', allowed: 2 } },
    });
    expect(seen).toMatchObject(attempts);
    expect(Number(seen[0]!.retryAfter)).toBeGreaterThan(30);
    expect(Number(seen[0]!.retryAfter)).toBeLessThanOrEqual(60);
    expect(await clients.messages('sandbox-chat')).toMatchObject({
      error: { constructor: Anthropic.RateLimitError, status: 429, type: 'rate_limit_error' },
      attempts,
    });
    expect(await world.booksOf(user)).toEqual(before);
  });
});

describe('When the database is gone', () => {
  let world: GatewayWorld;
  let breakable: BreakableDatabase;
  let database: DataSource;
  let server: Server;
  let there: Pick<TestApp, 'url'>;
  beforeAll(async () => {
    world = await GatewayWorld.start();
    breakable = await BreakableDatabase.before(world.app.databaseUrl);
    database = await dataSource({ url: breakable.url, poolSize: 4 }).initialize();
    const http = serverOf(
      compose({ ...world.app.foundation, database })
        .get(HttpApp)
        .build(),
    );
    server = http.listen(0, '127.0.0.1');
    await once(server, 'listening');
    there = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  });
  afterEach(() => breakable.repair());
  afterAll(async () => {
    server?.close();
    await database?.destroy();
    await breakable?.close();
    await world?.stop();
  });

  it.each([
    ['completes', 'breakDown'],
    ['messages', 'breakDown'],
    ['completes', 'fallSilent'],
    ['messages', 'fallSilent'],
  ] as const)(
    'it is 503, and the client asks again by itself, is served and charged once (%s, %s)',
    async (asks, how) => {
      const user = await world.userWith(1);
      const away = { status: 503, shouldRetry: null, retryAfter: '1' };
      await breakable[how]();
      const isOpenAi = asks === 'completes';
      expect(await new CountedClients(there, user)[asks]('sandbox-chat', {}, { maxRetries: 0 })).toMatchObject({
        error: {
          constructor: isOpenAi ? OpenAI.InternalServerError : Anthropic.ServiceUnavailableError,
          status: 503,
          type: isOpenAi ? 'server_error' : 'overloaded_error',
        },
        attempts: [away],
      });
      await mustBeUntouched(world, user);
      const clients = new CountedClients(there, user, () => breakable.repair());
      expect(await clients[asks]('sandbox-chat')).toMatchObject({ error: null, attempts: [away, { status: 200 }] });
      const { logs, ...books } = await world.booksOf(user);
      const left = ONE_CREDIT - logs[0]!.cost;
      expect(logs).toMatchObject([{ outcome: 'completed' }]);
      expect(books).toEqual({ balance: left, entries: left, held: 0, openHolds: 0 });
    },
  );
});
