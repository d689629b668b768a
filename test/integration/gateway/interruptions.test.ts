import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Container } from 'inversify';
import type { DataSource } from 'typeorm';
import { CreditExpirySweep } from '#application/credits/credit-expiry-sweep';
import { CreditLedger } from '#application/credits/credit-ledger';
import { AiSettlement } from '#application/gateway/ai-settlement';
import { LostRequestSweep } from '#application/gateway/lost-request-sweep';
import { RunningRequests } from '#application/gateway/running-requests';
import { compose } from '#composition/container';
import { CreditHold } from '#domain/credits/credit-hold';
import type { AiUsageLog } from '#domain/providers/ai-usage-log';
import { ModelCatalog } from '#domain/providers/model-catalog';
import { Money } from '#domain/shared/money';
import { dataSource } from '#infrastructure/persistence/data-source';
import { HttpApp } from '#interfaces/http/app';
import { serverOf } from '#interfaces/http/server';
import { answers, COMPLETION, CONTENT, DONE, type Script, streams, usageChunk } from '#test/support/ai/openai-double';
import type { TestUser } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { Signal } from '#test/support/signal';
import { slowMotion } from '#test/support/slow-motion';
import { BreakableDatabase } from '../breakable-database.js';
import { GatewayWorld } from './gateway-world.js';
import { ASKED, START, STREAMED, until, UpstreamWorld } from './upstream-world.js';

const COST_OF_COMPLETION = 30;

describe('when the database is gone before an answer is settled', () => {
  let world: UpstreamWorld;
  let breakable: BreakableDatabase;
  let database: DataSource;
  let container: Container;
  let server: Server;
  beforeAll(async () => {
    world = await UpstreamWorld.start();
    breakable = await BreakableDatabase.before(world.app.databaseUrl);
    database = await dataSource({ url: breakable.url, poolSize: 4 }).initialize();
    container = compose({ ...world.app.foundation, database });
    server = serverOf(container.get(HttpApp).build());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  beforeEach(() => (world.openai.asked = new Signal()));
  afterEach(() => breakable.repair());
  afterAll(async () => {
    server?.close();
    server?.closeAllConnections();
    await database?.destroy();
    await breakable?.close();
    await world?.stop();
  });

  /** Through the database that can break. */
  const ask = ({ key }: TestUser, body: unknown = ASKED): Promise<Response> =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat/completions`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  const mustBeChargedOnce = async (user: TestUser): Promise<void> => {
    await container.get(RunningRequests).idle();
    expect(await world.settled(user)).toMatchObject([{ outcome: 'completed', cost: COST_OF_COMPLETION }]);
    const charges = `select amount_micros::int as amount from credit_transactions where user_id = $1 and type = 'api_usage'`;
    expect(await world.app.rows(charges, [user.id])).toEqual([{ amount: -COST_OF_COMPLETION }]);
  };
  const afterBreakdown =
    (how: 'breakDown' | 'fallSilent', script: Script): Script =>
    async (response, asked) => {
      await breakable[how]();
      await script(response, asked);
    };
  const tail = [usageChunk(), DONE];

  it.each(['breakDown', 'fallSilent'] as const)(
    'a whole answer is delivered all the same (%s), and charged once when the database is back',
    async (how) => {
      const user = await world.user();
      world.openai.does(afterBreakdown(how, answers(COMPLETION)));
      const answer = await ask(user);
      expect([answer.status, await answer.json()]).toEqual([200, COMPLETION]);
      expect(answer.headers.get('X-Cost-Micros')).toBeNull();
      expect(await world.gateway.booksOf(user)).toMatchObject({ balance: START, openHolds: 1, logs: [] });
      await breakable.repair();
      await mustBeChargedOnce(user);
    },
  );

  it('a stream is delivered all the same, and charged once when the database is back', async () => {
    const user = await world.user();
    world.openai.does(afterBreakdown('breakDown', streams([...CONTENT, ...tail])));
    const answer = await ask(user, STREAMED);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe([...CONTENT, DONE].join(''));
    expect(await world.gateway.booksOf(user)).toMatchObject({ balance: START, openHolds: 1, logs: [] });
    await breakable.repair();
    await mustBeChargedOnce(user);
  });

  it('a charge that was written, and of which nothing was heard, is not written again', async () => {
    const user = await world.user();
    world.openai.does(answers(COMPLETION));
    const motion = await slowMotion(world.app.databaseUrl, 'ai_usage_logs', { seconds: 0.3 });
    const answered = ask(user);
    const sleeping = `select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
    await until(async () => (await world.app.rows(sleeping)).length > 0);
    // The statement goes on at the server, and is committed there.
    await breakable.breakDown();
    expect((await answered).headers.get('X-Cost-Micros')).toBeNull();
    await until(async () => (await world.gateway.booksOf(user)).logs.length === 1);
    await motion.stop();
    await breakable.repair();
    await mustBeChargedOnce(user);
  });
});

describe('requests whose process died', () => {
  const HOUR_S = 3600;
  const HELD = 62;
  let world: GatewayWorld;
  let clock: ManualClock;
  beforeAll(async () => {
    // After the prices that it is delivered with.
    clock = new ManualClock(new Date());
    world = await GatewayWorld.start({ clock });
  });
  afterAll(() => world?.stop());

  const sweep = async (): Promise<number> => {
    await world.app.container.get(CreditExpirySweep).execute();
    return world.app.container.get(LostRequestSweep).execute();
  };
  const priceId = async () =>
    (await world.app.container.get(ModelCatalog).offer('gpt-4o-mini', clock.now())).targets[0]!.id;

  /** As MeteredRequest places it. */
  const held = async (user: TestUser, id: string): Promise<CreditHold> =>
    world.app.container.get(CreditLedger).hold(user.id, {
      requestId: `ai:${id}`,
      amount: Money.ofMicros(BigInt(HELD)),
      description: 'gpt-4o-mini (chat)',
      lifetimeMs: 60_000,
      metadata: {
        ai_usage_log_id: id,
        trace_id: `trace of ${id}`,
        endpoint: '/v1/chat/completions',
        modality: 'chat',
        streamed: true,
        requested_model: 'gpt-4o-mini',
        price_id: await priceId(),
        markup_bp: 0,
      },
      durable: false,
    });

  const entryOf = async (user: TestUser, id: string, cost: number): Promise<AiUsageLog> => ({
    id: id as AiUsageLog['id'],
    userId: user.id,
    requestId: `ai:${id}`,
    traceId: `trace of ${id}`,
    endpoint: '/v1/chat/completions',
    modality: 'chat',
    streamed: true,
    requestedModel: 'gpt-4o-mini',
    provider: 'openai',
    model: 'gpt-4o-mini',
    usage: { quantities: { input_token: 2, output_token: 50 }, source: 'provider', image: null },
    outcome: 'completed',
    attempts: [],
    held: Money.ofMicros(BigInt(HELD)),
    cost: Money.ofMicros(BigInt(cost)),
    providerCost: Money.ofMicros(BigInt(cost)),
    priceId: await priceId(),
    servedPriceId: await priceId(),
    markup: 0,
    startedAt: clock.now(),
    firstByteMs: 1,
    totalMs: 2,
  });

  it('give their credit back when the hold runs out, cost nothing, and are told once, an hour later', async () => {
    const user = await world.userWith(1000);
    const id = crypto.randomUUID();
    await held(user, id);
    expect(await world.booksOf(user)).toMatchObject({ balance: START, held: HELD, openHolds: 1 });
    expect(await sweep()).toBe(0);

    clock.advance(61);
    expect(await sweep()).toBe(0);
    expect(await world.booksOf(user)).toMatchObject({ balance: START, held: 0, openHolds: 0, logs: [] });

    // A process that lives may settle until then.
    clock.advance(HOUR_S - 1);
    expect(await sweep()).toBe(0);
    clock.advance(2);
    expect(await sweep()).toBe(1);
    const { logs, ...books } = await world.booksOf(user);
    expect(books).toEqual({ balance: START, entries: START, held: 0, openHolds: 0 });
    expect(logs).toMatchObject([
      {
        request_id: `ai:${id}`,
        outcome: 'lost',
        cost: 0,
        provider_cost: 0,
        provider: null,
        held: HELD,
        streamed: true,
      },
    ]);
    expect(await sweep()).toBe(0);
    expect((await world.booksOf(user)).logs).toHaveLength(1);
  });

  it('are none when the process lived and settled late: what was delivered is charged though the hold ran out', async () => {
    const user = await world.userWith(1000);
    const id = crypto.randomUUID();
    const hold = await held(user, id);
    clock.advance(HOUR_S / 2);
    expect(await sweep()).toBe(0);
    expect(await world.app.container.get(AiSettlement).execute(hold, await entryOf(user, id, 31))).toBe(true);
    clock.advance(2 * HOUR_S);
    expect(await sweep()).toBe(0);
    const { logs, ...books } = await world.booksOf(user);
    expect(books).toEqual({ balance: START - 31, entries: START - 31, held: 0, openHolds: 0 });
    expect(logs).toMatchObject([{ outcome: 'completed', cost: 31 }]);
  });

  it('a hold that a crash of the database forgot is charged all the same, and once', async () => {
    const user = await world.userWith(1000);
    const id = crypto.randomUUID();
    const [placedAt, expiresAt] = [clock.now(), new Date(clock.now().getTime() + 60_000)];
    const money = Money.ofMicros(BigInt(HELD));
    const hold = new CreditHold(
      crypto.randomUUID() as CreditHold['id'],
      user.id,
      `ai:${id}`,
      money,
      [],
      'gpt-4o-mini (chat)',
      'open',
      null,
      placedAt,
      expiresAt,
      null,
    );
    const entry = await entryOf(user, id, 31);
    const settlement = world.app.container.get(AiSettlement);
    expect(await settlement.execute(hold, entry)).toBe(true);
    expect(await settlement.execute(hold, entry)).toBe(true);
    const { logs, ...books } = await world.booksOf(user);
    expect(books).toEqual({ balance: START - 31, entries: START - 31, held: 0, openHolds: 0 });
    expect(logs).toMatchObject([{ outcome: 'completed', cost: 31 }]);
  });
});
