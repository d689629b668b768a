import { CreditLedger } from '#application/credits/credit-ledger';
import { Money } from '#domain/shared/money';
import { answers, COMPLETION } from '#test/support/ai/openai-double';
import type { Answered, TestUser } from '#test/support/app';
import { ASKED, UpstreamWorld } from './upstream-world.js';

/** Of COMPLETION: 60 tokens read, 40 read from the cache, 30 written, at 0.15, 0.075 and 0.60 micros. */
const COST = 30;

describe('an Idempotency-Key, whatever becomes of its request', () => {
  let world: UpstreamWorld;
  beforeAll(async () => (world = await UpstreamWorld.start()));
  afterAll(() => world?.stop());
  beforeEach(() => world.openai.does(answers(COMPLETION)));

  const ask = (user: TestUser, key: string, body: unknown = ASKED): Promise<Answered> =>
    world.app.call('POST', '/v1/chat/completions', { as: user, body, headers: { 'Idempotency-Key': key } });

  it('keeps the answer in the transaction of the charge', async () => {
    const user = await world.user();
    expect((await ask(user, 'once')).status).toBe(200);
    const transactions = await world.app.rows(
      `select xmin::text from idempotent_answers where user_id = $1
       union select xmin::text from ai_usage_logs where user_id = $1
       union select xmin::text from credit_transactions where user_id = $1 and type = 'api_usage'`,
      [user.id],
    );
    expect(transactions).toHaveLength(1);
    expect(await world.settled(user)).toMatchObject([{ outcome: 'completed', cost: COST }]);
  });

  it('keeps and delivers a whole answer that its provider calls a stream', async () => {
    const user = await world.user();
    world.openai.does(answers(COMPLETION, { 'content-type': 'text/event-stream' }));
    const first = await ask(user, 'once');
    expect(first.status).toBe(200);
    const text = JSON.stringify(first.body);
    expect(text).toContain('Grüezi!');
    expect(Number(first.headers.get('content-length'))).toBeGreaterThan(0);
    const again = await ask(user, 'once');
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    expect(JSON.stringify(again.body)).toBe(text);
    expect(await world.settled(user)).toMatchObject([{ outcome: 'completed', cost: COST }]);
  });

  it('is good again once the hold of a process that died ran out', async () => {
    const user = await world.user();
    const held = Number((await world.ask(user)).headers.get('x-held-micros'));
    const dead = (lifetimeMs: number, key: string) =>
      world.app.container.get(CreditLedger).hold(user.id, {
        requestId: `ai:key:${key}`,
        amount: Money.ofMicros(BigInt(held)),
        description: 'gpt-4o-mini (chat)',
        lifetimeMs,
        metadata: { ai_usage_log_id: crypto.randomUUID() },
        durable: true,
      });
    await dead(1, 'died');
    expect((await ask(user, 'died')).status).toBe(200);
    expect((await ask(user, 'died')).headers.get('idempotent-replayed')).toBe('true');
    await dead(60_000, 'runs');
    expect(await ask(user, 'runs')).toMatchObject({ status: 409, body: { error: { code: 'idempotency_key_in_use' } } });
    await world.app.container.get(CreditLedger).release(user.id, 'ai:key:runs');
    expect((await ask(user, 'runs')).status).toBe(200);
    const logs = await world.settled(user);
    expect(logs.map(({ request_id, cost }) => [request_id.replace(/^ai:[0-9a-f-]{36}$/, 'ai:id'), cost])).toEqual([
      ['ai:id', COST],
      ['ai:key:died 2', COST],
      ['ai:key:runs 2', COST],
    ]);
  });

  it('says that it was tried too often, and free of charge, after twenty failures', async () => {
    const user = await world.user();
    world.openai.does((response) => void response.writeHead(400, { 'content-type': 'application/json' }).end('{}'));
    for (let time = 0; time < 20; time++) expect((await ask(user, 'again')).status).toBe(400);
    const { status, headers, body } = await ask(user, 'again');
    expect([status, headers.get('x-should-retry'), body.error]).toMatchObject([
      409,
      'false',
      {
        code: 'idempotency_key_exhausted',
        message: expect.stringContaining('nothing was charged'),
        metadata: { tries: 20 },
      },
    ]);
    expect((await world.settled(user)).map(({ cost }) => cost)).toEqual(Array.from({ length: 20 }, () => 0));
  });
});
