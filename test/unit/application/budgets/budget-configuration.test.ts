import type { BudgetId } from '#domain/budgets/budget';
import { Budget, budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { BudgetDesk, usd } from './budget-desk.js';

const BY = { actor: 'cli:ada', reason: 'a new project' };
const PAGE = { limit: 20, offset: 0 };
const NOON = new Date('2026-03-10T12:00:00.000Z');

describe('the configuration of a budget', () => {
  it('counts at once, says how the budget stands then, and writes down who did it and why', async () => {
    const desk = new BudgetDesk();
    const { id } = await desk.user();
    await desk.spent(id, 18);
    const status = await desk.configuration.execute(budgetOf(id), { limit: usd(20), mode: 'fallback' }, BY);
    expect([status.limit, status.spend.used, status.level, status.budget.mode]).toEqual([
      ...[usd(20), usd(18), 'red', 'fallback'],
    ]);
    expect(desk.audit.entries).toEqual([
      {
        ...{ ...BY, action: 'budget.configure', userId: id },
        before: expect.objectContaining({ limit_micros: null, mode: 'block', budget_period: 'monthly' }),
        after: expect.objectContaining({ limit_micros: 20_000_000, mode: 'fallback', budget_period: 'monthly' }),
      },
    ]);
    expect((await desk.history.execute(budgetOf(id), PAGE)).items).toEqual([]);
  });

  it('writes down the global budget as nobody in particular', async () => {
    const desk = new BudgetDesk();
    const status = await desk.configuration.execute(GLOBAL_BUDGET, { limit: usd(50) }, BY);
    expect(status.limit).toEqual(usd(50));
    expect(desk.audit.entries).toMatchObject([{ action: 'budget.configure', userId: null }]);
  });

  it('begins a period with another cadence, and keeps what the one before came to', async () => {
    const desk = new BudgetDesk();
    const { id } = await desk.user();
    await desk.spent(id, 18);
    const changes = { limit: usd(7), cadence: 'weekly' } as const;
    const status = await desk.configuration.execute(budgetOf(id), changes, BY);
    expect([status.spend.used, status.period.start, status.period.end]).toEqual([
      ...[usd(0), NOON, new Date('2026-03-17T12:00:00.000Z')],
    ]);
    const { items } = await desk.history.execute(budgetOf(id), PAGE);
    expect(items).toMatchObject([{ cause: 'cadence', ...BY, limit: usd(30), used: usd(18), at: NOON }]);
    expect(items[0]?.next).toEqual(status.period);
  });

  it('records nothing for a change that changes nothing', async () => {
    const desk = new BudgetDesk();
    const { id } = await desk.user();
    await desk.configuration.execute(budgetOf(id), { cadence: 'monthly', yellow: 50, notes: null }, BY);
    expect(desk.audit.entries).toEqual([]);
    expect(await desk.budgets.get(budgetOf(id))).toEqual(Budget.unconfigured(budgetOf(id)));
  });

  it.each([
    ['invalid_thresholds', { yellow: 95, notes: 'kept?' }, BY],
    ['notes_too_long', { notes: 'x'.repeat(501) }, BY],
    ['reason_too_long', { limit: usd(1) }, { ...BY, reason: 'x'.repeat(501) }],
  ])('is refused with %s before anything changes', async (code, changes, by) => {
    const desk = new BudgetDesk();
    const { id } = await desk.user();
    const refused = (async () => desk.configuration.execute(budgetOf(id), changes, by))();
    await expect(refused).rejects.toMatchObject({ code, refusal: 'invalid' });
    expect(await desk.budgets.get(budgetOf(id))).toEqual(Budget.unconfigured(budgetOf(id)));
    expect(desk.audit.entries).toEqual([]);
  });

  it('configures and resets no budget of nobody', async () => {
    const desk = new BudgetDesk();
    const nobody = crypto.randomUUID() as BudgetId;
    await expect(desk.configuration.execute(nobody, { limit: usd(1) }, BY)).rejects.toMatchObject({
      code: 'user_not_found',
    });
    await expect(desk.restart.execute(nobody, BY)).rejects.toMatchObject({ code: 'user_not_found' });
    await expect(desk.status.execute(nobody)).rejects.toMatchObject({ code: 'user_not_found' });
    expect(desk.audit.entries).toEqual([]);
  });
});

describe('the reset of a budget', () => {
  it('begins a period now, deletes nothing, and writes down what the one before came to', async () => {
    const desk = new BudgetDesk();
    const { id } = await desk.user();
    await desk.spent(id, 33);
    const record = await desk.restart.execute(budgetOf(id), BY);
    expect(record).toMatchObject({
      ...{ budgetId: id, cause: 'reset', ...BY, at: NOON },
      ...{ previousLimit: usd(30), newLimit: usd(30), previousUsed: usd(33) },
    });
    expect([record.previous.start, record.previous.end]).toEqual([
      ...[new Date('2026-03-01T00:00:00.000Z'), new Date('2026-04-01T00:00:00.000Z')],
    ]);
    expect([record.next.start, record.next.end]).toEqual([NOON, record.previous.end]);
    const status = await desk.status.execute(budgetOf(id));
    expect([status.spend.used, status.level]).toEqual([usd(0), 'green']);
    expect(desk.ledger.spends).toHaveLength(1);
    expect(desk.audit.entries).toEqual([
      {
        ...{ ...BY, action: 'budget.reset', userId: id },
        before: expect.objectContaining({ used_micros: 33_000_000, period_start: '2026-03-01T00:00:00.000Z' }),
        after: expect.objectContaining({ used_micros: 0, period_start: '2026-03-10T12:00:00.000Z' }),
      },
    ]);
  });

  it('does not touch what is configured, nor the budget of anybody else', async () => {
    const desk = new BudgetDesk();
    const [{ id }, other] = [await desk.user(), await desk.user()];
    await desk.configuration.execute(budgetOf(id), { limit: usd(9), notes: 'Trial' }, BY);
    await desk.spent(other.id, 4);
    await desk.restart.execute(budgetOf(id), BY);
    expect(await desk.budgets.get(budgetOf(id))).toMatchObject({
      limit: usd(9),
      notes: 'Trial',
      configuredBy: 'cli:ada',
    });
    expect((await desk.status.execute(budgetOf(other.id))).spend.used).toEqual(usd(4));
    expect((await desk.status.execute(GLOBAL_BUDGET)).spend.used).toEqual(usd(4));
  });

  it('changes nothing, and writes nothing, a second time in the same millisecond', async () => {
    const desk = new BudgetDesk();
    const { id } = await desk.user();
    await desk.spent(id, 3);
    const first = await desk.restart.execute(budgetOf(id), BY);
    const second = await desk.restart.execute(budgetOf(id), BY);
    expect([second.previous, second.next]).toEqual([first.next, first.next]);
    expect(desk.audit.entries).toHaveLength(1);
    expect((await desk.history.execute(budgetOf(id), PAGE)).total).toBe(1);
  });

  it('is refused with a reason that is too long', async () => {
    const desk = new BudgetDesk();
    const { id } = await desk.user();
    const refused = (async () => desk.restart.execute(budgetOf(id), { ...BY, reason: 'x'.repeat(501) }))();
    await expect(refused).rejects.toMatchObject({ code: 'reason_too_long' });
  });
});
