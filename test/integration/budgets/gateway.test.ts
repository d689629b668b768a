import { RequestHold } from '#application/gateway/request-hold';
import { Money } from '#domain/shared/money';
import { answers, COMPLETION, drips, refuses } from '#test/support/ai/openai-double';
import type { TestUser } from '#test/support/app';
import { Signal } from '#test/support/signal';
import { Caller } from '../gateway/caller.js';
import { until } from '../gateway/upstream-world.js';
import { Stage } from '../stage.js';
import { ASKED, GatewayBudgetWorld } from './gateway-budget-world.js';

const NOTHING = { credit: 0, minutes: 0, budget: 0, micros: 0 };
/** Of a user's budget; what the dear provider may ask for is about a hundredth of it. */
const LIMIT = 1_000_000;

describe('A budget of provider money, through the gateway', () => {
  let world: GatewayBudgetWorld;
  beforeAll(async () => (world = await GatewayBudgetWorld.start()));
  beforeEach(() => {
    for (const double of [world.dear, world.cheap]) {
      double.requests.length = 0;
      double.scripts = [answers(COMPLETION)];
      double.asked = new Signal();
    }
  });
  afterAll(() => world?.stop());

  const booksOf = async (user: TestUser): Promise<readonly number[]> => {
    const { balance, held, logs } = await world.gateway.booksOf(user);
    return [balance, held, logs.length];
  };

  describe('refuses what does not fit, before anything is sent or held', () => {
    const FACTS = {
      budget: 'user',
      reason: 'budget_spent',
      alert_level: 'green',
      mode: 'block',
      limit_micros: 100,
      used_micros: 0,
      held_micros: 0,
    };

    it('in the words of OpenAI', async () => {
      const user = await world.user(100);
      const { status, body } = await world.ask(user);
      expect(status).toBe(402);
      expect(body.error).toMatchObject({ code: 'budget_exceeded' });
      expect(JSON.stringify(body)).toContain('Your budget for provider costs has too little left for this request');
      expect(body.error.metadata).toMatchObject(FACTS);
      expect(await world.heldOf(user)).toEqual(NOTHING);
      expect([world.sent, await booksOf(user)]).toEqual([
        [0, 0],
        [10_000_000, 0, 0],
      ]);
    });

    it('in the words of Anthropic', async () => {
      const user = await world.user(100);
      const { status, body } = await world.app.call('POST', '/v1/messages', { as: user, body: ASKED });
      expect(status).toBe(402);
      expect(body).toMatchObject({
        type: 'error',
        error: { message: expect.stringContaining('Your budget') as string },
      });
      expect(body.error.metadata).toMatchObject(FACTS);
      expect(await world.heldOf(user)).toEqual(NOTHING);
      expect([world.sent, await booksOf(user)]).toEqual([
        [0, 0],
        [10_000_000, 0, 0],
      ]);
    });

    it('and holds no provider money for who has too little credit', async () => {
      const user = await world.user(LIMIT, 'block', 0);
      const { status, body } = await world.ask(user);
      expect([status, body.error.code]).toEqual([402, 'insufficient_credits']);
      expect(await world.heldOf(user)).toEqual(NOTHING);
      expect(world.sent).toEqual([0, 0]);
    });
  });

  it('lets everything pass where it only tells', async () => {
    const user = await world.user(100, 'alert_only');
    const { status, headers } = await world.ask(user);
    expect([status, headers.get('X-Provider')]).toEqual([200, 'dear']);
    expect(await world.heldOf(user)).toEqual(NOTHING);
    const alerts = await world.app.rows('select kind from budget_alerts where budget_id = $1 order by kind', [user.id]);
    expect(alerts).toEqual([{ kind: 'orange' }, { kind: 'red' }, { kind: 'critical' }]);
  });

  it('takes the cheapest who fits where it may, and refuses when nobody does', async () => {
    const user = await world.user(2_000, 'fallback');
    const { status, headers } = await world.ask(user);
    expect([status, headers.get('X-Provider'), world.sent]).toEqual([200, 'cheap', [0, 1]]);
    const poor = await world.user(50, 'fallback');
    expect((await world.ask(poor)).status).toBe(402);
    expect([await world.heldOf(user), await world.heldOf(poor)]).toEqual([NOTHING, NOTHING]);
  });

  it.each([
    ['quality_first', 0, 'dear'],
    ['quality_first', 500_000, 'dear'],
    ['balanced', 750_000, null],
    ['cheapest_first', 900_000, 'cheap'],
  ] as const)('asks by the strategy %s once %i of a million micros are spent', async (strategy, used, first) => {
    const user = await world.user(LIMIT);
    if (used > 0) await world.spent(user, used);
    const { status, headers } = await world.ask(user);
    expect([status, headers.get('X-Budget-Strategy')]).toEqual([200, strategy]);
    if (first) expect(headers.get('X-Provider')).toBe(first);
    expect(await world.heldOf(user)).toEqual(NOTHING);
  });

  it('asks the dear one when the cheap one fails, near the end of a budget; and nobody else when it is spent', async () => {
    world.cheap.scripts = [refuses(503, { message: 'overloaded', type: 'server_error' })];
    const [near, spent] = [await world.user(LIMIT), await world.user(LIMIT, 'alert_only')];
    await world.spent(near, 900_000);
    await world.spent(spent, LIMIT);
    const { status, headers } = await world.ask(near);
    expect([status, headers.get('X-Provider'), world.dear.requests.length]).toEqual([200, 'dear', 1]);
    expect((await world.ask(spent)).status).toBe(503);
    expect(world.dear.requests).toHaveLength(1);
    for (const user of [near, spent]) expect(await world.heldOf(user)).toEqual(NOTHING);
    // The next tests find its circuit closed.
    world.clock.advance(3600);
    world.cheap.scripts = [answers(COMPLETION)];
    await until(async () => (await world.ask(await world.user(2_000, 'fallback'))).status === 200);
  });

  it('has nothing held when the caller leaves, and when all providers fail', async () => {
    const user = await world.user(LIMIT);
    world.dear.scripts = [drips('data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'.repeat(40))];
    const caller = Caller.asks(world.app, user, { ...ASKED, stream: true });
    await until(() => caller.text.length > 0);
    caller.leave();
    await caller.closed;
    expect(await world.heldOf(user)).toEqual(NOTHING);
    for (const double of [world.dear, world.cheap])
      double.scripts = [refuses(400, { message: 'no', type: 'invalid_request_error' })];
    expect((await world.ask(user)).status).toBe(400);
    expect(await world.heldOf(user)).toEqual(NOTHING);
  });

  it('counts what a process left behind only until it runs out', async () => {
    const user = await world.user(20_000);
    const request = {
      requestId: 'ai:lost',
      amount: Money.ofMicros(1000n),
      description: 'lost',
      lifetimeMs: 60_000,
      metadata: {},
      durable: false,
    };
    await world.app.container
      .get(RequestHold)
      .execute(user.id, request, { most: Money.ofMicros(15_000n), at: world.clock.now() });
    expect((await world.ask(user)).body.error.code).toBe('budget_exceeded');
    world.clock.advance(60);
    expect((await world.ask(user)).status).toBe(200);
    expect(await world.heldOf(user)).toMatchObject({ budget: 0, micros: 0 });
  });

  it('refuses to start a transcription, and leaves the session as it was', async () => {
    const user = await world.user(1);
    const [id] = await new Stage(world.app).pending(user, 1, 600);
    const statusOf = async (): Promise<unknown> =>
      (await world.app.rows('select status, attempts from sessions where id = $1', [id]))[0];
    const before = await statusOf();
    const { status, body } = await world.app.call('POST', `/api/v1/sessions/${id}/start-transcription`, {
      as: user,
      body: {},
    });
    expect([status, body.detail?.error ?? body.error]).toEqual([402, 'budget_exceeded']);
    expect(await statusOf()).toEqual(before);
    expect(await world.heldOf(user)).toEqual(NOTHING);
    expect(await world.app.rows('select session_id from transcription_attempts where user_id = $1', [user.id])).toEqual(
      [],
    );
    expect(await world.app.rows(`select id from graphile_worker.jobs where task_identifier = 'transcribe'`)).toEqual(
      [],
    );
  });
});
