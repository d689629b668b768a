import { CreditGrantCaps } from '#application/credits/credit-grant-caps';
import { creditsOf } from '#domain/credits/credit';
import type { TestUser } from '#test/support/app';
import { CreditOperators } from './credit-operators.js';
import { CreditHttpWorld } from './http-world.js';

let world: CreditHttpWorld;
let operators: CreditOperators;
beforeAll(async () => {
  world = await CreditHttpWorld.start();
  operators = await CreditOperators.of(world);
});
afterAll(() => world.app.stop());

describe('what an operator may give', () => {
  const caps = (): CreditGrantCaps => world.app.container.get(CreditGrantCaps);

  it('is capped at once, by the sum where it is for many', async () => {
    const [as, user, other] = [await operators.another(), await world.app.user(), await world.app.user()];
    const cap = creditsOf(caps().perGrant);
    const single = await operators.deed('grant', user, { credits: cap + 0.0001 }, { as });
    expect(single.status).toBe(403);
    expect(single.body.detail).toMatchObject({
      error: 'credit_grant_cap_exceeded',
      scope: 'grant',
      granted_today: 0,
      requested: cap + 0.0001,
      cap,
    });
    const many = await operators.bulk([user.id, other.id], { credits: cap / 2 + 0.0001 }, as);
    expect([many.status, many.body.detail.requested]).toEqual([403, cap + 0.0002]);
    expect((await operators.deed('adjust', user, { credits: cap + 1 }, { as })).status).toBe(403);
    expect([await operators.givenBy(as), await world.entries(user)]).toEqual([0, []]);
    expect((await operators.deed('grant', user, { credits: cap }, { as })).status).toBe(200);
  });

  it('is capped on one day, however many grants come at once', async () => {
    const as = await operators.another();
    const { perGrant, perDay } = caps();
    const admitted = Number(perDay.micros / perGrant.micros);
    const users = await Promise.all(Array.from({ length: 20 }, () => world.app.user()));
    const answers = await Promise.all(
      users.map((user) => operators.deed('grant', user, { credits: creditsOf(perGrant) }, { as })),
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
    expect(await operators.givenBy(as)).toBe(perDay.toNumber());
  });

  it('is another operator’s own, and everybody’s again on the next day of UTC', async () => {
    const [as, user] = [await operators.another(), await world.app.user()];
    const { perGrant, perDay } = caps();
    const give = (by: TestUser) => operators.deed('grant', user, { credits: creditsOf(perGrant) }, { as: by });
    world.clock.set('2026-06-01T23:59:59.999Z');
    for (let micros = perGrant.micros; micros <= perDay.micros; micros += perGrant.micros) await give(as);
    expect((await give(as)).status).toBe(403);
    expect((await give(await operators.another())).status).toBe(200);
    world.clock.set('2026-06-02T00:00:00.000Z');
    expect((await give(as)).status).toBe(200);
  });
});

it('leaves a book without a finding', async () => {
  expect(await world.findings()).toEqual([]);
});
