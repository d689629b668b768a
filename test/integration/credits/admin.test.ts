import { moneyOfCredits } from '#domain/credits/credit';
import type { TestUser } from '#test/support/app';
import { CreditOperators, USER_CREDITS } from './credit-operators.js';
import { CreditHttpWorld } from './http-world.js';

const NOBODY = '00000000-0000-4000-8000-000000000000';

let world: CreditHttpWorld;
let operators: CreditOperators;
beforeAll(async () => {
  world = await CreditHttpWorld.start();
  operators = await CreditOperators.of(world);
});
afterAll(() => world.app.stop());

const auditOf = (user: TestUser) =>
  world.app.rows(
    `select actor, action, reason, before, after from audit_log where user_id = $1 and action like 'credit.%'`,
    [user.id],
  );

describe('an operator who gives credit', () => {
  it('adds it to the ledger and to what the user sees, and leaves an audit entry with both balances', async () => {
    const user = await world.app.user();
    await world.give(user, 5);
    const { status, body } = await operators.deed('grant', user, { credits: 12.3456, type: 'bonus' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ user_id: user.id, type: 'bonus', amount: 12.3456, amount_micros: 123_456 });
    expect([body.before.credits, body.after.credits]).toEqual([5, 17.3456]);
    expect(await world.entries(user)).toEqual([
      ['purchase', 50_000, 0, 50_000],
      ['bonus', 123_456, 0, 173_456],
    ]);
    const [entry] = await world.app.rows(
      `select t.actor, t.key, g.category, g.expires_at from credit_transactions t join credit_grants g using (id) where id = $1`,
      [body.transaction_id],
    );
    expect(entry).toEqual({ actor: operators.first.id, key: body.key, category: 'promotional', expires_at: null });
    expect(await auditOf(user)).toEqual([
      {
        actor: operators.first.id,
        action: 'credit.grant',
        reason: 'case 812',
        before: { balance: 5, held: 0, debt: 0 },
        after: {
          balance: 17.3456,
          held: 0,
          debt: 0,
          transaction_id: body.transaction_id,
          type: 'bonus',
          amount: 12.3456,
        },
      },
    ]);
    expect(await operators.shown(user)).toMatchObject({
      user_id: user.id,
      credits: 17.3456,
      summary: { total_bonus: 12.3456 },
    });
  });

  it('sees the ten newest entries of the user, the newest first', async () => {
    const user = await world.app.user();
    await world.give(user, 20);
    for (let count = 0; count < 11; count++) await world.spend(user, 1);
    const { newest, credits } = await operators.shown(user);
    expect(newest.map(({ sequence }: { sequence: number }) => sequence)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
    expect([newest[0].type, newest[0].amount, newest[0].balance_after, credits]).toEqual(['api_usage', -1, 9, 9]);
  });

  it('decides its category and when it expires', async () => {
    const user = await world.app.user();
    const expires_at = new Date(world.clock.now().getTime() + 60_000).toISOString();
    await operators.deed('grant', user, { credits: 1, category: 'paid', expires_at });
    expect((await operators.shown(user)).grants).toMatchObject([{ type: 'admin_grant', category: 'paid', expires_at }]);
    const over = await operators.deed('grant', user, { credits: 1, expires_at: world.clock.now().toISOString() });
    expect([over.status, over.body.detail.error]).toEqual([422, 'credit_expired']);
  });

  it('does so once for one Idempotency-Key', async () => {
    const [user, as] = [await world.app.user(), await operators.another()];
    const headers = { 'Idempotency-Key': crypto.randomUUID() };
    const answers = [];
    for (let time = 0; time < 3; time++)
      answers.push(await operators.deed('grant', user, { credits: 10 }, { as, headers }));
    expect(new Set(answers.map(({ body }) => body.transaction_id)).size).toBe(1);
    expect(await world.entries(user)).toEqual([['admin_grant', 100_000, 0, 100_000]]);
    expect(await operators.givenBy(as)).toBe(100_000);
  });

  it('pays first what the user owes', async () => {
    const user = await world.app.user();
    const refund = { type: 'refund', amount: moneyOfCredits(4), from: null } as const;
    await world.ledger.clawBack(user.id, { ...refund, key: 'r', description: 'Refund', metadata: {}, actor: 'system' });
    const { body } = await operators.deed('grant', user, { credits: 10 });
    expect([body.amount, body.after.credits, body.after.debt]).toEqual([10, 6, 0]);
  });

  it.each([
    { credits: 0 },
    { credits: -1 },
    { credits: 1.00001 },
    { credits: 1e-7 },
    { credits: '10' },
    { credits: 1, reason: ' ' },
    { credits: 1, type: 'purchase' },
    { credits: 1, category: 'free' },
    { credits: 1, expires_at: '2027-01-01' },
    { credits: 1, amount: 2 },
  ])('is told what is wrong with %j', async (body) => {
    const user = await world.app.user();
    expect((await operators.deed('grant', user, body)).status).toBe(422);
    expect(await world.entries(user)).toEqual([]);
  });

  it('is told that a user does not exist, and nothing counts', async () => {
    const as = await operators.another();
    const { status, body } = await operators.deed('grant', { id: NOBODY as TestUser['id'] }, { credits: 1 }, { as });
    expect([status, body.detail.error]).toEqual([404, 'user_not_found']);
    expect(await operators.givenBy(as)).toBe(0);
  });

  it('is an admin', async () => {
    const user = await world.app.user();
    for (const name of ['grant', 'adjust'] as const) {
      expect((await operators.deed(name, user, { credits: 1 }, { as: user })).status).toBe(403);
    }
    expect((await operators.bulk([user.id], { credits: 1 }, user)).status).toBe(403);
    const path = USER_CREDITS.replace(':id', user.id);
    expect((await world.ask('GET', USER_CREDITS, { as: user, path })).status).toBe(403);
    expect(await world.entries(user)).toEqual([]);
  });
});

describe('an operator who adjusts credit', () => {
  it('adds with a number above zero, takes with one below, and each leaves its audit entry', async () => {
    const [user, as] = [await world.app.user(), await operators.another()];
    await operators.deed('adjust', user, { credits: 20 }, { as });
    const taken = await operators.deed('adjust', user, { credits: -7.5 }, { as });
    expect(taken.body).toMatchObject({
      type: 'admin_debit',
      amount: -7.5,
      before: { credits: 20 },
      after: { credits: 12.5 },
    });
    expect(await world.entries(user)).toEqual([
      ['admin_grant', 200_000, 0, 200_000],
      ['admin_debit', -75_000, 0, 125_000],
    ]);
    expect(await auditOf(user)).toMatchObject([
      { action: 'credit.adjust', before: { balance: 0 }, after: { balance: 20 } },
      { action: 'credit.adjust', before: { balance: 20 }, after: { balance: 12.5 } },
    ]);
    // What is taken back gives no allowance back.
    expect(await operators.givenBy(as)).toBe(200_000);
  });

  it('takes no more than is free, with the very numbers', async () => {
    const user = await world.app.user();
    await world.give(user, 10);
    const { status, body } = await operators.deed('adjust', user, { credits: -10.0001 });
    expect(status).toBe(402);
    expect(body.detail).toMatchObject({ error: 'insufficient_credits', balance: 10, required: 10.0001 });
    expect((await operators.deed('adjust', user, { credits: -10 })).status).toBe(200);
    expect(await auditOf(user)).toHaveLength(1);
  });

  it.each([
    [0, 'invalid_amount'],
    [1e-7, 'invalid_credits'],
    [-1.00001, 'invalid_credits'],
  ])('says by how much, not %d', async (credits, error) => {
    const { status, body } = await operators.deed('adjust', await world.app.user(), { credits });
    expect([status, body.detail.error]).toEqual([422, error]);
  });
});

describe('an operator who gives credit to many', () => {
  it('gives it to each, with an entry and an audit entry for each', async () => {
    const [as, ...users] = [await operators.another(), ...(await Promise.all([1, 2, 3].map(() => world.app.user())))];
    const ids = users.map(({ id }) => id);
    const { status, body } = await operators.bulk([...ids].reverse(), { credits: 2, type: 'bonus' }, as);
    expect([status, body.users, body.total, body.total_micros]).toEqual([200, 3, 6, 60_000]);
    expect(body.data.map(({ user_id }: { user_id: string }) => user_id)).toEqual([...ids].sort());
    for (const user of users) {
      expect(await world.entries(user)).toEqual([['bonus', 20_000, 0, 20_000]]);
      expect(await auditOf(user)).toMatchObject([{ action: 'credit.bulk_grant', reason: 'case 812' }]);
    }
    expect(await operators.givenBy(as)).toBe(60_000);
  });

  it('gives it to all or to none', async () => {
    const [as, one, other] = [await operators.another(), await world.app.user(), await world.app.user()];
    const nobody = [NOBODY, NOBODY.replace('8', '9')];
    const { status, body } = await operators.bulk([one.id, ...nobody, other.id], { credits: 2 }, as);
    expect([status, body.detail.error, body.detail.users]).toEqual([404, 'users_not_found', nobody]);
    for (const user of [one, other]) expect([await world.entries(user), await auditOf(user)]).toEqual([[], []]);
    expect(await operators.givenBy(as)).toBe(0);
  });

  it('names each once, and at least one', async () => {
    const user = await world.app.user();
    const twice = await operators.bulk([user.id, user.id.toUpperCase()], { credits: 2 });
    expect([twice.status, twice.body.detail.error]).toEqual([422, 'users_repeated']);
    expect((await operators.bulk([], { credits: 2 })).status).toBe(422);
    expect(
      (
        await operators.bulk(
          Array.from({ length: 501 }, () => crypto.randomUUID()),
          { credits: 2 },
        )
      ).status,
    ).toBe(422);
    expect(await world.entries(user)).toEqual([]);
  });

  it('never waits for another who gives to the same users in another order', async () => {
    const users = await Promise.all(Array.from({ length: 6 }, () => world.app.user()));
    const ids = users.map(({ id }) => id);
    const many = await Promise.all(Array.from({ length: 8 }, () => operators.another()));
    const answers = await Promise.all(
      many.map((as, index) => operators.bulk(index % 2 ? ids : [...ids].reverse(), { credits: 1 }, as)),
    );
    expect(answers.map(({ status }) => status)).toEqual(many.map(() => 200));
    for (const user of users) expect(await world.entries(user)).toHaveLength(8);
  });
});

it('leaves a book without a finding', async () => {
  expect(await world.findings()).toEqual([]);
});
