import { moneyOfCredits } from '#domain/credits/credit';
import type { TestUser } from '#test/support/app';
import { CreditHttpWorld } from './http-world.js';

const SPENT = 200;

let world: CreditHttpWorld;
beforeAll(async () => {
  world = await CreditHttpWorld.start();
});
afterAll(() => world.app.stop());

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Spends and holds, one deed after the other; asks `question` over and over meanwhile. */
async function meanwhile(user: TestUser, question: () => Promise<void>): Promise<void> {
  await world.give(user, SPENT + SPENT / 4);
  let running = true;
  const spending = async (): Promise<void> => {
    for (let count = 0; count < SPENT; count++) {
      await world.spend(user, 1);
      if (count % 4 > 0) continue;
      const hold = {
        requestId: crypto.randomUUID(),
        amount: moneyOfCredits(1),
        lifetimeMs: 60_000,
        metadata: {},
        durable: true,
      };
      await world.ledger.hold(user.id, { ...hold, description: 'A completion' });
    }
  };
  const asking = async (): Promise<void> => {
    while (running) await question();
  };
  await Promise.all([spending().finally(() => (running = false)), asking()]);
}

describe('while credit is spent and held', () => {
  it('every balance is what its grants have left, and what is held is what its holds reserve', async () => {
    const user = await world.app.user();
    const wrong: unknown[] = [];
    await meanwhile(user, async () => {
      const { credits, held, grants, holds } = (await world.ask('GET', '/user/balance', { as: user })).body;
      const remaining = sum(grants.map((grant: { remaining: number }) => grant.remaining));
      const reserved = sum(holds.map((hold: { credits: number }) => hold.credits));
      const parts = sum(grants.map((grant: { held: number }) => grant.held));
      if (remaining !== credits || reserved !== held || parts !== held) {
        wrong.push({ credits, remaining, held, reserved, parts });
      }
    });
    expect(wrong).toEqual([]);
  });

  it('every summary adds up to the balance that it tells', async () => {
    const user = await world.app.user();
    const wrong: unknown[] = [];
    await meanwhile(user, async () => {
      const { net_balance, by_type } = (await world.ask('GET', '/api/v1/credits/summary', { as: user })).body;
      const entries = sum(by_type.map((type: { amount: number }) => type.amount));
      if (entries !== net_balance) wrong.push({ net_balance, entries });
    });
    expect(wrong).toEqual([]);
    const spent = { total_spent: SPENT, net_balance: SPENT / 4 };
    expect((await world.ask('GET', '/api/v1/credits/summary', { as: user })).body).toMatchObject(spent);
  });
});
