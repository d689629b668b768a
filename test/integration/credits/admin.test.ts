import { CreditGrantCaps } from '#application/credits/credit-grant-caps';
import { creditsOf, moneyOfCredits } from '#domain/credits/credit';
import type { TestUser } from '#test/support/app';
import { CreditHttpWorld } from './http-world.js';

const USER_CREDITS = '/api/v1/admin/users/:id/credits';
const BULK = '/api/v1/admin/credits/bulk-grant';
const NOBODY = '00000000-0000-4000-8000-000000000000';
const because = { reason: 'case 812' };

let world: CreditHttpWorld;
let root: TestUser;
beforeAll(async () => {
  world = await CreditHttpWorld.start();
  root = await world.app.user('free', 'admin');
});
afterAll(() => world.app.stop());

interface By {
  readonly as?: TestUser;
  readonly headers?: Readonly<Record<string, string>>;
}

const deed = (name: 'grant' | 'adjust', { id }: Pick<TestUser, 'id'>, body: object, { as = root, headers }: By = {}) =>
  world.ask('POST', `${USER_CREDITS}/${name}`, {
    as,
    headers,
    path: `${USER_CREDITS.replace(':id', id)}/${name}`,
    body: { ...because, ...body },
  });
const bulk = (userIds: readonly string[], body: object, as = root) =>
  world.ask('POST', BULK, { as, body: { ...because, user_ids: userIds, ...body } });
const shown = async ({ id }: TestUser) =>
  (await world.ask('GET', USER_CREDITS, { as: root, path: USER_CREDITS.replace(':id', id) })).body;
const auditOf = (user: TestUser) =>
  world.app.rows(
    `select actor, action, reason, before, after from audit_log where user_id = $1 and action like 'credit.%'`,
    [user.id],
  );
const givenBy = async (actor: TestUser): Promise<number> => {
  const [row] = await world.app.rows<{ granted_micros: string }>(
    `select granted_micros from credit_allowances where actor = $1`,
    [actor.id],
  );
  return Number(row?.granted_micros ?? 0);
};
const operator = (): Promise<TestUser> => world.app.user('free', 'admin');

describe('an operator who gives credit', () => {
  it('adds it to the ledger and to what the user sees, and leaves an audit entry with both balances', async () => {
    const user = await world.app.user();
    await world.give(user, 5);
    const { status, body } = await deed('grant', user, { credits: 12.3456, type: 'bonus' });
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
    expect(entry).toEqual({ actor: root.id, key: body.key, category: 'promotional', expires_at: null });
    expect(await auditOf(user)).toEqual([
      {
        actor: root.id,
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
    expect(await shown(user)).toMatchObject({ user_id: user.id, credits: 17.3456, summary: { total_bonus: 12.3456 } });
  });

  it('decides its category and when it expires', async () => {
    const user = await world.app.user();
    const expires_at = new Date(world.clock.now().getTime() + 60_000).toISOString();
    await deed('grant', user, { credits: 1, category: 'paid', expires_at });
    expect((await shown(user)).grants).toMatchObject([{ type: 'admin_grant', category: 'paid', expires_at }]);
    const over = await deed('grant', user, { credits: 1, expires_at: world.clock.now().toISOString() });
    expect([over.status, over.body.detail.error]).toEqual([422, 'credit_expired']);
  });

  it('does so once for one Idempotency-Key', async () => {
    const [user, as] = [await world.app.user(), await operator()];
    const headers = { 'Idempotency-Key': crypto.randomUUID() };
    const answers = [];
    for (let time = 0; time < 3; time++) answers.push(await deed('grant', user, { credits: 10 }, { as, headers }));
    expect(new Set(answers.map(({ body }) => body.transaction_id)).size).toBe(1);
    expect(await world.entries(user)).toEqual([['admin_grant', 100_000, 0, 100_000]]);
    expect(await givenBy(as)).toBe(100_000);
  });

  it('pays first what the user owes', async () => {
    const user = await world.app.user();
    const refund = { type: 'refund', amount: moneyOfCredits(4), from: null } as const;
    await world.ledger.clawBack(user.id, { ...refund, key: 'r', description: 'Refund', metadata: {}, actor: 'system' });
    const { body } = await deed('grant', user, { credits: 10 });
    expect([body.amount, body.after.credits, body.after.debt]).toEqual([10, 6, 0]);
  });

  it.each([
    { credits: 0 },
    { credits: -1 },
    { credits: 1.00001 },
    { credits: '10' },
    { credits: 1, reason: ' ' },
    { credits: 1, type: 'purchase' },
    { credits: 1, category: 'free' },
    { credits: 1, expires_at: '2027-01-01' },
    { credits: 1, amount: 2 },
  ])('is told what is wrong with %j', async (body) => {
    const user = await world.app.user();
    expect((await deed('grant', user, body)).status).toBe(422);
    expect(await world.entries(user)).toEqual([]);
  });

  it('is told that a user does not exist, and nothing counts', async () => {
    const as = await operator();
    const { status, body } = await deed('grant', { id: NOBODY as TestUser['id'] }, { credits: 1 }, { as });
    expect([status, body.detail.error]).toEqual([404, 'user_not_found']);
    expect(await givenBy(as)).toBe(0);
  });

  it('is an admin', async () => {
    const user = await world.app.user();
    for (const name of ['grant', 'adjust'] as const) {
      expect((await deed(name, user, { credits: 1 }, { as: user })).status).toBe(403);
    }
    expect((await bulk([user.id], { credits: 1 }, user)).status).toBe(403);
    const path = USER_CREDITS.replace(':id', user.id);
    expect((await world.ask('GET', USER_CREDITS, { as: user, path })).status).toBe(403);
    expect(await world.entries(user)).toEqual([]);
  });
});

describe('an operator who adjusts credit', () => {
  it('adds with a number above zero, takes with one below, and each leaves its audit entry', async () => {
    const [user, as] = [await world.app.user(), await operator()];
    await deed('adjust', user, { credits: 20 }, { as });
    const taken = await deed('adjust', user, { credits: -7.5 }, { as });
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
    expect(await givenBy(as)).toBe(200_000);
  });

  it('takes no more than is free, with the very numbers', async () => {
    const user = await world.app.user();
    await world.give(user, 10);
    const { status, body } = await deed('adjust', user, { credits: -10.0001 });
    expect(status).toBe(402);
    expect(body.detail).toMatchObject({ error: 'insufficient_credits', balance: 10, required: 10.0001 });
    expect((await deed('adjust', user, { credits: -10 })).status).toBe(200);
    expect(await auditOf(user)).toHaveLength(1);
  });

  it('says by how much', async () => {
    const { status, body } = await deed('adjust', await world.app.user(), { credits: 0 });
    expect([status, body.detail.error]).toEqual([422, 'invalid_amount']);
  });
});

describe('an operator who gives credit to many', () => {
  it('gives it to each, with an entry and an audit entry for each', async () => {
    const [as, ...users] = [await operator(), ...(await Promise.all([1, 2, 3].map(() => world.app.user())))];
    const ids = users.map(({ id }) => id);
    const { status, body } = await bulk([...ids].reverse(), { credits: 2, type: 'bonus' }, as);
    expect([status, body.users, body.total, body.total_micros]).toEqual([200, 3, 6, 60_000]);
    expect(body.data.map(({ user_id }: { user_id: string }) => user_id)).toEqual([...ids].sort());
    for (const user of users) {
      expect(await world.entries(user)).toEqual([['bonus', 20_000, 0, 20_000]]);
      expect(await auditOf(user)).toMatchObject([{ action: 'credit.bulk_grant', reason: 'case 812' }]);
    }
    expect(await givenBy(as)).toBe(60_000);
  });

  it('gives it to all or to none', async () => {
    const [as, one, other] = [await operator(), await world.app.user(), await world.app.user()];
    const { status, body } = await bulk([one.id, NOBODY, other.id], { credits: 2 }, as);
    expect([status, body.detail.error, body.detail.user]).toEqual([404, 'user_not_found', NOBODY]);
    for (const user of [one, other]) expect([await world.entries(user), await auditOf(user)]).toEqual([[], []]);
    expect(await givenBy(as)).toBe(0);
  });

  it('names each once, and at least one', async () => {
    const user = await world.app.user();
    const twice = await bulk([user.id, user.id.toUpperCase()], { credits: 2 });
    expect([twice.status, twice.body.detail.error]).toEqual([422, 'users_repeated']);
    expect((await bulk([], { credits: 2 })).status).toBe(422);
    expect(
      (
        await bulk(
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
    const operators = await Promise.all(Array.from({ length: 8 }, operator));
    const answers = await Promise.all(
      operators.map((as, index) => bulk(index % 2 ? ids : [...ids].reverse(), { credits: 1 }, as)),
    );
    expect(answers.map(({ status }) => status)).toEqual(operators.map(() => 200));
    for (const user of users) expect(await world.entries(user)).toHaveLength(8);
  });
});

describe('what an operator may give', () => {
  const caps = (): CreditGrantCaps => world.app.container.get(CreditGrantCaps);

  it('is capped at once, by the sum where it is for many', async () => {
    const [as, user, other] = [await operator(), await world.app.user(), await world.app.user()];
    const cap = creditsOf(caps().perGrant);
    const single = await deed('grant', user, { credits: cap + 0.0001 }, { as });
    expect(single.status).toBe(403);
    expect(single.body.detail).toMatchObject({
      error: 'credit_grant_cap_exceeded',
      scope: 'grant',
      granted_today: 0,
      requested: cap + 0.0001,
      cap,
    });
    const many = await bulk([user.id, other.id], { credits: cap / 2 + 0.0001 }, as);
    expect([many.status, many.body.detail.requested]).toEqual([403, cap + 0.0002]);
    expect((await deed('adjust', user, { credits: cap + 1 }, { as })).status).toBe(403);
    expect([await givenBy(as), await world.entries(user)]).toEqual([0, []]);
    expect((await deed('grant', user, { credits: cap }, { as })).status).toBe(200);
  });

  it('is capped on one day, however many grants come at once', async () => {
    const as = await operator();
    const { perGrant, perDay } = caps();
    const admitted = Number(perDay.micros / perGrant.micros);
    const users = await Promise.all(Array.from({ length: 20 }, () => world.app.user()));
    const answers = await Promise.all(
      users.map((user) => deed('grant', user, { credits: creditsOf(perGrant) }, { as })),
    );
    const refused = answers.filter(({ status }) => status === 403);
    expect([answers.filter(({ status }) => status === 200).length, refused.length]).toEqual([admitted, 20 - admitted]);
    expect(refused[0]!.body.detail).toMatchObject({
      scope: 'day',
      granted_today: creditsOf(perDay),
      requested: creditsOf(perGrant),
      cap: creditsOf(perDay),
    });
    const [sum] = await world.app.rows(
      `select count(*)::int as entries, sum(amount_micros)::text as micros from credit_transactions where actor = $1`,
      [as.id],
    );
    expect(sum).toEqual({ entries: admitted, micros: perDay.micros.toString() });
    expect(await givenBy(as)).toBe(perDay.toNumber());
  });

  it('is another operator’s own, and everybody’s again on the next day of UTC', async () => {
    const [as, user] = [await operator(), await world.app.user()];
    const { perGrant, perDay } = caps();
    const give = (by: TestUser) => deed('grant', user, { credits: creditsOf(perGrant) }, { as: by });
    world.clock.set('2026-06-01T23:59:59.999Z');
    for (let micros = perGrant.micros; micros <= perDay.micros; micros += perGrant.micros) await give(as);
    expect((await give(as)).status).toBe(403);
    expect((await give(await operator())).status).toBe(200);
    world.clock.set('2026-06-02T00:00:00.000Z');
    expect((await give(as)).status).toBe(200);
  });
});

it('leaves a book without a finding', async () => {
  expect(await world.findings()).toEqual([]);
});
