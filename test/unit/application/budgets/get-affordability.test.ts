import type { UserId } from '#domain/accounts/user';
import { USUAL_BUFFER } from '#domain/budgets/affordability';
import { budgetOf } from '#domain/budgets/budget';
import { BudgetDesk, usd } from './budget-desk.js';

describe('whether something can be afforded', () => {
  it.each([
    [6, 1, USUAL_BUFFER, null],
    [18, 5, USUAL_BUFFER, null],
    [18, 11, USUAL_BUFFER, 'budget_spent'],
    [28.5, 0.04, USUAL_BUFFER, null],
    [28.5, 0.06, USUAL_BUFFER, 'too_dear_at_red'],
    [33, 0.02, USUAL_BUFFER, 'too_dear_at_critical'],
    [33, 0.005, USUAL_BUFFER, 'budget_spent'],
    [15, 10, 2000, null],
    [15, 10, 5000, null],
    [15, 10, 6000, 'budget_spent'],
  ])('with %d of 30 USD spent: %d with a buffer of %i is answered %j', async (used, cost, buffer, reason) => {
    const desk = new BudgetDesk();
    const { id } = await desk.user();
    await desk.spent(id, used);
    const answer = await desk.affordability.execute(id, usd(cost), buffer);
    const refusedBy = reason === null ? null : 'user';
    expect(answer).toMatchObject({ affordable: reason === null, reason, refusedBy });
    expect(answer.padded).toEqual(usd((cost * (10_000 + buffer)) / 10_000));
  });

  it('lets a small operation pass beyond a spent budget where an operator allows it', async () => {
    const desk = new BudgetDesk({ microAllowance: 4 });
    const { id } = await desk.user();
    await desk.spent(id, 33);
    expect((await desk.affordability.execute(id, usd(0.005), USUAL_BUFFER)).affordable).toBe(true);
    expect((await desk.affordability.execute(id, usd(0.02), USUAL_BUFFER)).reason).toBe('too_dear_at_critical');
  });

  it('depends on the global budget as well, in which everybody spends', async () => {
    const desk = new BudgetDesk({ global: 40 });
    const [{ id }, other] = [await desk.user(), await desk.user()];
    await desk.spent(other.id, 29);
    const answer = await desk.affordability.execute(id, usd(11), 0);
    expect(answer).toMatchObject({ affordable: true, refusedBy: null });
    const more = await desk.affordability.execute(id, usd(11), USUAL_BUFFER);
    expect(more).toMatchObject({ affordable: false, reason: 'budget_spent', refusedBy: 'global' });
    expect([more.user.spend.used, more.global.spend.used]).toEqual([usd(0), usd(29)]);
  });

  it('takes what is held for spent, until it runs out', async () => {
    const desk = new BudgetDesk();
    const { id } = await desk.user();
    await desk.held(id, 20);
    expect((await desk.affordability.execute(id, usd(10), USUAL_BUFFER)).reason).toBe('budget_spent');
    desk.clock.advance(60);
    expect((await desk.affordability.execute(id, usd(10), USUAL_BUFFER)).reason).toBeNull();
  });

  it('affords anything where the budget only tells', async () => {
    const desk = new BudgetDesk();
    const { id } = await desk.user();
    const by = { actor: 'cli:ada', reason: null };
    await desk.configuration.execute(budgetOf(id), { limit: usd(1), mode: 'alert_only' }, by);
    expect((await desk.affordability.execute(id, usd(500), 0)).affordable).toBe(true);
  });

  it.each([
    ['invalid_cost', -1, 0],
    ['invalid_buffer', 1, -1],
    ['invalid_buffer', 1, 0.5],
    ['invalid_buffer', 1, 100_001],
  ])('answers %s to a cost of %d with a buffer of %d', async (code, cost, buffer) => {
    const desk = new BudgetDesk();
    const { id } = await desk.user();
    await expect(desk.affordability.execute(id, usd(cost), buffer)).rejects.toMatchObject({ code });
  });

  it('is asked for nobody in vain', async () => {
    const asked = new BudgetDesk().affordability.execute(crypto.randomUUID() as UserId, usd(1), 0);
    await expect(asked).rejects.toMatchObject({ code: 'user_not_found' });
  });
});

describe('the strategy for a user', () => {
  it.each([
    [10, 10, 'quality_first', 'green', 'user'],
    [23, 0, 'balanced', 'orange', 'user'],
    [0, 90, 'cheapest_first', 'red', 'global'],
    [27, 63, 'cheapest_first', 'red', 'user'],
    [0, 100, 'emergency_only', 'critical', 'global'],
  ])(
    'with %d of 30 USD spent by the user and %d of 100 by others is %s',
    async (own, others, strategy, level, decidedBy) => {
      const desk = new BudgetDesk({ global: 100 });
      const { id } = await desk.user();
      await desk.spent(id, own);
      await desk.spent(null, others);
      const advice = await desk.strategy.execute(id);
      expect(advice).toMatchObject({ strategy, level, decidedBy });
      expect([advice.user.spend.used, advice.global.spend.used]).toEqual([usd(own), usd(own + others)]);
    },
  );
});

describe('the list of all budgets', () => {
  it('shows each user with how the budget stands, by the plan or by what was configured', async () => {
    const desk = new BudgetDesk();
    const [first, second] = [
      await desk.user({ createdAt: new Date('2026-01-01') }),
      await desk.user({ createdAt: new Date('2026-01-02'), plan: 'pro' }),
    ];
    await desk.spent(first.id, 24);
    const { items, total } = await desk.list.execute({ limit: 20, offset: 0 });
    expect(total).toBe(2);
    expect(items.map(({ user, status }) => [user.id, status.limit, status.spend.used, status.level])).toEqual([
      [second.id, usd(60), usd(0), 'green'],
      [first.id, usd(30), usd(24), 'orange'],
    ]);
  });
});
