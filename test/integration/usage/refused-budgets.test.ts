import type { Answered, TestUser } from '#test/support/app';
import { ASKED, GatewayBudgetWorld } from '../budgets/gateway-budget-world.js';

/** In micro-dollars: less than one request may come to. */
const TOO_LITTLE = 100;

describe('who was blocked by a budget', () => {
  let world: GatewayBudgetWorld;
  let admin: TestUser;

  beforeAll(async () => {
    world = await GatewayBudgetWorld.start();
    admin = await world.app.user('free', 'admin');
  });
  afterAll(() => world?.stop());

  const configure = (user: TestUser, changes: object): Promise<Answered> =>
    world.app.call('PUT', '/api/v1/budget/admin/configure', {
      as: admin,
      body: { scope: 'user', target_user_id: user.id, ...changes },
    });
  const newest = async (user: TestUser): Promise<Answered['body']> =>
    (await world.app.call('GET', '/api/v1/usage/refusals', { as: user })).body.data[0];
  const kinds = ({ remedies }: Answered['body']): unknown => remedies.map(({ kind }: { kind: string }) => kind);

  it.each(['/v1/chat/completions', '/v1/messages'])('sees that, after %s, and whom to ask', async (path) => {
    const user = await world.user(TOO_LITTLE);
    const { status, body } = await world.app.call('POST', path, { as: user, body: ASKED });
    expect([status, body.error.metadata]).toMatchObject([402, { budget: 'user', limit_micros: TOO_LITTLE }]);
    const refused = await newest(user);
    expect(refused).toMatchObject({ code: 'budget_exceeded', facts: body.error.metadata, still_refused: true });
    // A whole period of it has no room for such a request, so there is nothing to wait for.
    expect(kinds(refused)).toEqual(['ask_operator']);
    expect((await configure(user, { can_modify: true })).status).toBe(200);
    expect(kinds(await newest(user))).toEqual(['raise_budget']);
    expect((await configure(user, { limit_micros: 1_000_000 })).status).toBe(200);
    expect(await newest(user)).toMatchObject({ still_refused: false, remedies: [] });
  });

  it('is shown no figures of a budget that is hidden by now, also of a time when it was not, and again when it is shown', async () => {
    const user = await world.user(TOO_LITTLE);
    expect((await world.ask(user)).status).toBe(402);
    const figures = { limit_micros: TOO_LITTLE, used_micros: 0, held_micros: 0 };
    const { facts, message } = await newest(user);
    expect(facts).toMatchObject(figures);
    expect((await configure(user, { visible: false })).status).toBe(200);
    const hidden = await newest(user);
    expect(Object.keys(hidden.facts)).toEqual(Object.keys(facts).filter((name) => !(name in figures)));
    expect([hidden.message, hidden.still_refused]).toEqual([message, true]);
    expect(message).not.toContain(String(TOO_LITTLE));
    expect((await configure(user, { visible: true })).status).toBe(200);
    expect((await newest(user)).facts).toEqual(facts);
  });

  it('by the own one and, once that is raised, by that of the service within the same second, sees both', async () => {
    const user = await world.user(TOO_LITTLE);
    const all = (limit: number | null) =>
      world.app.call('PUT', '/api/v1/budget/admin/configure', {
        as: admin,
        body: { scope: 'global', limit_micros: limit, mode: 'block' },
      });
    expect((await world.ask(user)).status).toBe(402);
    expect((await configure(user, { limit_micros: 1_000_000 })).status).toBe(200);
    expect((await all(TOO_LITTLE)).status).toBe(200);
    try {
      expect((await world.ask(user)).body.error.metadata).toMatchObject({ budget: 'global' });
      const { data } = (await world.app.call('GET', '/api/v1/usage/refusals', { as: user })).body;
      const told = data.map((one: Answered['body']) => [one.facts.budget, one.still_refused, one.facts.limit_micros]);
      expect(told).toEqual([
        ['global', true, undefined],
        ['user', false, TOO_LITTLE],
      ]);
    } finally {
      expect((await all(null)).status).toBe(200);
    }
  });

  it('waits for the next period when that is enough', async () => {
    const user = await world.user(1_000_000);
    await world.spent(user, 999_900);
    expect((await world.ask(user)).status).toBe(402);
    const refused = await newest(user);
    expect(kinds(refused)).toEqual(['ask_operator', 'wait_for_reset']);
    expect(refused.remedies[1].at).toBe(refused.facts.resets_at);
  });
});
