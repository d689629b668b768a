import { answers, COMPLETION } from '#test/support/ai/openai-double';
import { moneyOfCredits } from '#domain/credits/credit';
import { CreditLedger } from '#application/credits/credit-ledger';
import { RunningRequests } from '#application/gateway/running-requests';
import type { Answered, TestUser } from '#test/support/app';
import { Signal } from '#test/support/signal';
import { ASKED, until, UpstreamWorld } from './upstream-world.js';

/** With what is asked, a little above 30 000 micros: three fit into 100 000, and a fourth does not. */
const THIRTY_PERCENT = { ...ASKED, max_tokens: 50_000 };
/** As many fit ten times. */
const TEN_PERCENT = { ...ASKED, max_tokens: 16_000 };
const CREDITS = 10;
const START = 100_000;

describe('requests at once that together exceed the balance', () => {
  let world: UpstreamWorld;
  beforeAll(async () => (world = await UpstreamWorld.start({ connections: 64 })));
  afterAll(() => world?.stop());

  /** All at once; the provider answers none of them before each was either sent to it or refused. */
  const burst = async (user: TestUser, count: number, body: unknown): Promise<readonly Answered[]> => {
    const before = world.openai.requests.length;
    const decided = new Signal();
    world.openai.does(async (response, asked) => {
      await decided.given;
      await answers(COMPLETION)(response, asked);
    });
    let refused = 0;
    const asking = Array.from({ length: count }, async () => {
      const answer = await world.ask(user, body);
      if (answer.status !== 200) refused++;
      return answer;
    });
    await until(() => world.openai.requests.length - before + refused === count);
    decided.give();
    return Promise.all(asking);
  };

  const mustHavePassed = async (user: TestUser, answered: readonly Answered[], passing: number): Promise<void> => {
    const passed = answered.filter(({ status }) => status === 200);
    const refused = answered.filter(({ status }) => status !== 200);
    expect(passed).toHaveLength(passing);
    for (const { status, headers, body } of refused) {
      expect([status, body.error.code, body.error.metadata.reason]).toEqual([
        402,
        'insufficient_credits',
        'held_by_running_requests',
      ]);
      expect([headers.get('x-should-retry'), headers.get('Retry-After')]).toEqual(['true', '1']);
    }
    await world.app.container.get(RunningRequests).idle();
    const { logs, ...books } = await world.gateway.booksOf(user);
    expect(logs.map(({ outcome }) => outcome)).toEqual(passed.map(() => 'completed'));
    const left = START - logs.reduce((sum, { cost }) => sum + cost, 0);
    expect(books).toEqual({ balance: left, entries: left, held: 0, openHolds: 0 });
    expect(logs.reduce((sum, { held }) => sum + held, 0)).toBeLessThanOrEqual(START);
  };

  it.each(Array.from({ length: 20 }, (_, n) => n + 1))(
    'pass as far as the credit goes, and none is refused afterwards (%i)',
    async () => {
      const user = await world.gateway.userWith(CREDITS);
      await mustHavePassed(user, await burst(user, 5, THIRTY_PERCENT), 3);
      // What was reserved is free again: as many pass as before.
      expect((await world.ask(user, THIRTY_PERCENT)).status).toBe(200);
      const again = await burst(user, 5, THIRTY_PERCENT);
      expect(again.filter(({ status }) => status === 200)).toHaveLength(3);
    },
  );

  it('pass as far as the credit goes where it is made of many grants', async () => {
    const user = await world.gateway.userWith(1);
    for (let n = 2; n <= CREDITS; n++) {
      await world.app.container.get(CreditLedger).grant(user.id, {
        type: 'purchase',
        amount: moneyOfCredits(1),
        category: 'paid',
        expiresAt: null,
        key: `test-${n}`,
        description: 'For a test',
        metadata: {},
        actor: 'test',
      });
    }
    await mustHavePassed(user, await burst(user, 5, THIRTY_PERCENT), 3);
  });

  it('pass as far as the credit goes when they are 64', async () => {
    const user = await world.gateway.userWith(CREDITS);
    await mustHavePassed(user, await burst(user, 64, TEN_PERCENT), 10);
    expect((await world.ask(user, TEN_PERCENT)).status).toBe(200);
  });
});
