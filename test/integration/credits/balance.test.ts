import { CreditExpirySweep } from '#application/credits/credit-expiry-sweep';
import type { TestUser } from '#test/support/app';
import { moneyOfCredits } from '#domain/credits/credit';
import { CreditHttpWorld } from './http-world.js';

const BALANCE = '/user/balance';
const TRANSACTIONS = '/api/v1/credits/transactions';
const SUMMARY = '/api/v1/credits/summary';
const DAY = 24 * 60 * 60;

let world: CreditHttpWorld;
beforeAll(async () => {
  world = await CreditHttpWorld.start();
});
afterAll(() => world.app.stop());

const balanceOf = async (as: TestUser) => (await world.ask('GET', BALANCE, { as })).body;
const listOf = async (as: TestUser, query = '') =>
  (await world.ask('GET', TRANSACTIONS, { as, path: `${TRANSACTIONS}?${query}` })).body;
const summaryOf = async (as: TestUser, query = '') =>
  (await world.ask('GET', SUMMARY, { as, path: `${SUMMARY}?${query}` })).body;
const later = (seconds: number): Date => new Date(world.clock.now().getTime() + seconds * 1000);

/** +100 bought, −10 and −5 used, +50 for a referral, an hour between each. */
async function example(): Promise<TestUser> {
  const user = await world.app.user();
  await world.give(user, 100);
  world.clock.advance(3600);
  await world.spend(user, 10);
  world.clock.advance(3600);
  await world.spend(user, 5, { type: 'transcription' });
  world.clock.advance(3600);
  await world.give(user, 50, { type: 'referral_bonus', category: 'promotional' });
  return user;
}

describe('GET /user/balance', () => {
  it('is zero and empty for who never had credit', async () => {
    expect(await balanceOf(await world.app.user())).toEqual({
      credits: 0,
      held: 0,
      available: 0,
      debt: 0,
      credits_micros: 0,
      held_micros: 0,
      available_micros: 0,
      debt_micros: 0,
      expiring_next: null,
      grants: [],
      holds: [],
    });
  });

  it('tells what is there, what is held out of which grant, and what expires first', async () => {
    const user = await world.app.user();
    await world.give(user, 100, { expiresAt: later(DAY) });
    await world.give(user, 20, { type: 'bonus', category: 'promotional', expiresAt: later(9 * DAY) });
    await world.give(user, 30, { type: 'bonus', category: 'promotional', expiresAt: later(3 * DAY) });
    const amount = moneyOfCredits(12.5);
    await world.ledger.hold(user.id, {
      requestId: 'r1',
      amount,
      description: 'A completion',
      lifetimeMs: 60_000,
      metadata: {},
      durable: true,
    });
    const body = await balanceOf(user);
    expect(body).toMatchObject({ credits: 150, held: 12.5, available: 137.5, debt: 0, available_micros: 1_375_000 });
    expect(body.expiring_next).toEqual({ credits: 100, expires_at: later(DAY).toISOString() });
    expect(body.grants.map((grant: Record<string, unknown>) => [grant.category, grant.remaining, grant.held])).toEqual([
      ['promotional', 30, 12.5],
      ['promotional', 20, 0],
      ['paid', 100, 0],
    ]);
    expect(body.holds).toMatchObject([
      { request_id: 'r1', credits: 12.5, reserved_of: [{ grant_id: body.grants[0].id, credits: 12.5 }] },
    ]);
  });

  it('counts what expired no longer, by the clock alone, and the ledger says so', async () => {
    const user = await world.app.user();
    await world.give(user, 40, { type: 'bonus', category: 'promotional', expiresAt: later(DAY) });
    await world.give(user, 7);
    world.clock.advance(DAY - 1);
    expect(await balanceOf(user)).toMatchObject({ credits: 47 });
    world.clock.advance(1);
    expect(await balanceOf(user)).toMatchObject({ credits: 7, available: 7, expiring_next: null });
    expect(await world.entries(user)).toEqual([
      ['bonus', 400_000, 0, 400_000],
      ['purchase', 70_000, 0, 470_000],
      ['expiry', -400_000, 0, 70_000],
    ]);
  });

  it('gives a hold back that expired, by the clock alone', async () => {
    const user = await world.app.user();
    await world.give(user, 10);
    const amount = moneyOfCredits(10);
    await world.ledger.hold(user.id, {
      requestId: 'r2',
      amount,
      description: 'A completion',
      lifetimeMs: 60_000,
      metadata: {},
      durable: true,
    });
    expect(await balanceOf(user)).toMatchObject({ held: 10, available: 0 });
    world.clock.advance(60);
    expect(await balanceOf(user)).toMatchObject({ held: 0, available: 10, holds: [] });
    expect(await world.entries(user)).toEqual([['purchase', 100_000, 0, 100_000]]);
  });
});

describe('GET /api/v1/credits/transactions', () => {
  it('lists the entries newest first, each with what it changed and what paid for it', async () => {
    const user = await example();
    const { data, total, has_more } = await listOf(user);
    expect([total, has_more]).toEqual([4, false]);
    const [referral, transcription, usage, purchase] = data;
    expect(purchase).toMatchObject({
      sequence: 1,
      type: 'purchase',
      amount: 100,
      amount_micros: 1_000_000,
      paid_by: [],
    });
    expect(purchase).toMatchObject({ metadata: { package: 'starter' }, actor: 'system', balance_before: 0 });
    expect(usage).toMatchObject({ amount: -10, balance_before: 100, balance_after: 90, debt: 0, actor: user.id });
    expect(usage.paid_by).toEqual([{ grant_id: purchase.id, credits: 10 }]);
    expect([transcription.sequence, referral.sequence]).toEqual([3, 4]);
    const stored = await world.app.rows<{ id: string; hash: string }>(
      `select id, encode(hash, 'hex') as hash from credit_transactions where user_id = $1 order by sequence desc`,
      [user.id],
    );
    expect(data.map(({ id, hash }: { id: string; hash: string }) => ({ id, hash }))).toEqual(stored);
  });

  it('gives every entry once, page by page', async () => {
    const user = await example();
    const first = await listOf(user, 'limit=3');
    const second = await listOf(user, 'limit=3&offset=3');
    expect([first.total, first.has_more, second.total, second.has_more]).toEqual([4, true, 4, false]);
    const sequences = [...first.data, ...second.data].map(({ sequence }) => sequence);
    expect(sequences).toEqual([4, 3, 2, 1]);
  });

  it('filters by type, by direction, and by a span whose end is not in it', async () => {
    const user = await example();
    const types = async (query: string): Promise<readonly string[]> => {
      const { data, total } = await listOf(user, query);
      expect(total).toBe(data.length);
      return data.map(({ type }: { type: string }) => type);
    };
    expect(await types('type=api_usage')).toEqual(['api_usage']);
    expect(await types('direction=in')).toEqual(['referral_bonus', 'purchase']);
    expect(await types('direction=out')).toEqual(['transcription', 'api_usage']);
    expect(await types('direction=out&type=purchase')).toEqual([]);
    const [from, to] = [later(-2 * 3600).toISOString(), later(0).toISOString()];
    expect(await types(`from=${from}&to=${to}`)).toEqual(['transcription', 'api_usage']);
    expect(await types(`from=${to}`)).toEqual(['referral_bonus']);
  });

  it('takes a debt for neither in nor out', async () => {
    const user = await world.app.user();
    const { description, metadata, actor } = { description: 'Refund', metadata: {}, actor: 'system' };
    await world.ledger.clawBack(user.id, {
      ...{ type: 'refund', amount: moneyOfCredits(5), from: null, key: 'refund:1' },
      ...{ description, metadata, actor },
    });
    expect((await listOf(user)).data).toMatchObject([{ type: 'debt', amount: 0, debt: 5, debt_micros: 50_000 }]);
    expect([(await listOf(user, 'direction=in')).total, (await listOf(user, 'direction=out')).total]).toEqual([0, 0]);
  });

  it.each(['type=gift', 'direction=up', 'from=2026-03-10', 'limit=0', 'offset=-1'])(
    'refuses %s, which means nothing',
    async (query) => {
      const as = await world.app.user();
      const { status } = await world.ask('GET', TRANSACTIONS, { as, path: `${TRANSACTIONS}?${query}` });
      expect(status).toBe(422);
    },
  );

  it('has the expiry of what ran out, by the clock alone', async () => {
    const user = await world.app.user();
    await world.give(user, 4, { expiresAt: later(60) });
    world.clock.advance(60);
    expect((await listOf(user, 'type=expiry')).data).toMatchObject([{ amount: -4, balance_after: 0 }]);
  });
});

describe('GET /api/v1/credits/summary', () => {
  it('sums up +100 bought, −10 and −5 used and +50 for a referral as 15 spent, 100 bought, 50 given and 135 left', async () => {
    const user = await example();
    expect(await summaryOf(user)).toEqual({
      total_spent: 15,
      total_spent_micros: 150_000,
      total_purchased: 100,
      total_purchased_micros: 1_000_000,
      total_bonus: 50,
      total_bonus_micros: 500_000,
      net_balance: 135,
      net_balance_micros: 1_350_000,
      by_type: [
        { type: 'api_usage', count: 1, amount: -10, amount_micros: -100_000 },
        { type: 'purchase', count: 1, amount: 100, amount_micros: 1_000_000 },
        { type: 'referral_bonus', count: 1, amount: 50, amount_micros: 500_000 },
        { type: 'transcription', count: 1, amount: -5, amount_micros: -50_000 },
      ],
    });
    expect(await world.entries(user)).toEqual([
      ['purchase', 1_000_000, 0, 1_000_000],
      ['api_usage', -100_000, 0, 900_000],
      ['transcription', -50_000, 0, 850_000],
      ['referral_bonus', 500_000, 0, 1_350_000],
    ]);
  });

  it('sums up a span, and tells the balance as of now', async () => {
    const user = await example();
    const to = later(-3600).toISOString();
    expect(await summaryOf(user, `to=${to}`)).toMatchObject({ total_spent: 10, total_bonus: 0, net_balance: 135 });
  });

  it('is zero for who never had credit', async () => {
    const body = await summaryOf(await world.app.user());
    expect(body).toMatchObject({ total_spent: 0, total_purchased: 0, total_bonus: 0, net_balance: 0, by_type: [] });
  });
});

describe('the job that closes what ran out', () => {
  it('writes the entries of every account that is due, once', async () => {
    const [one, other] = [await world.app.user(), await world.app.user()];
    for (const user of [one, other]) await world.give(user, 4, { expiresAt: later(60) });
    const lasting = await world.app.user();
    await world.give(lasting, 4, { expiresAt: later(61) });
    world.clock.advance(60);
    const sweep = world.app.container.get(CreditExpirySweep);
    expect(await sweep.execute()).toMatchObject({ failed: 0 });
    expect(await sweep.execute()).toEqual({ swept: 0, failed: 0 });
    for (const user of [one, other]) {
      expect(await world.entries(user)).toEqual([
        ['purchase', 40_000, 0, 40_000],
        ['expiry', -40_000, 0, 0],
      ]);
    }
    expect(await world.entries(lasting)).toHaveLength(1);
  });

  it('is not kept from the others by an account that it cannot close', async () => {
    const [broken, other] = [await world.app.user(), await world.app.user()];
    for (const [index, user] of [broken, other].entries()) await world.give(user, 4, { expiresAt: later(60 + index) });
    world.clock.advance(61);
    await world.app.rows(`create function refuse_expiry() returns trigger language plpgsql as $$
      begin raise exception 'no expiry of this one'; end $$`);
    await world.app.rows(`create trigger refuse_expiry before insert on credit_transactions for each row
      when (new.type = 'expiry' and new.user_id = '${broken.id}') execute function refuse_expiry()`);
    const sweep = world.app.container.get(CreditExpirySweep);
    expect(await sweep.execute()).toMatchObject({ failed: 1 });
    expect([await world.entries(broken), await world.entries(other)].map((entries) => entries.length)).toEqual([1, 2]);
    await world.app.rows(`drop function refuse_expiry cascade`);
    expect(await sweep.execute()).toEqual({ swept: 1, failed: 0 });
    expect((await world.entries(broken)).at(-1)).toEqual(['expiry', -40_000, 0, 0]);
  });
});

describe('credit of others', () => {
  it('is in nobody else’s balance, list or summary', async () => {
    await example();
    const stranger = await world.app.user();
    await world.give(stranger, 3);
    expect(await balanceOf(stranger)).toMatchObject({ credits: 3 });
    expect((await listOf(stranger)).data).toMatchObject([{ amount: 3 }]);
    expect(await summaryOf(stranger)).toMatchObject({ total_purchased: 3, total_spent: 0, net_balance: 3 });
  });
});

it('leaves a book without a finding', async () => {
  expect(await world.findings()).toEqual([]);
});
