import type { User, UserId } from '#domain/accounts/user';
import { Thresholds } from '#domain/budgets/alert-level';
import { Budget, type BudgetChanges, type BudgetId, budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import type { BudgetRepository } from '#domain/budgets/budget-repository';
import { resetBetween } from '#domain/budgets/budget-reset';
import { BudgetRules } from '#domain/budgets/budget-rules';
import type { BudgetStatus } from '#domain/budgets/budget-status';
import type { Money } from '#domain/shared/money';
import { micros } from '#test/support/builders/credits';
import type { BudgetBooks } from './budget-books.js';
import { aSpend } from './budget-life.js';
import { at, Given, HOUR, later, newId } from './given.js';
import type { World } from './world.js';

/** In a year in which nobody else spends from the global budget. */
const NOON = at('2029-03-15T12:00:00.000Z');
const DAY = 24 * HOUR;
const [MARCH, APRIL] = [at('2029-03-01T00:00:00.000Z'), at('2029-04-01T00:00:00.000Z')];

const usd = (amount: number): Money => micros(Math.round(amount * 1_000_000));
const RULES = new BudgetRules(usd(3000), { free: usd(5), student: usd(15), pro: usd(60) }, usd(0));

export function budgetRepositoryContract(world: () => World): void {
  const given = new Given(world);
  let budgets: BudgetRepository;
  let books: BudgetBooks;

  const run = <T>(work: () => Promise<T>): Promise<T> => world().transaction.run(work);
  const status = (user: User, now = NOON): Promise<BudgetStatus> => budgets.status(budgetOf(user.id), now);
  const figures = ({ limit, spend: { used, estimated, held } }: BudgetStatus): number[] =>
    [limit, used, estimated, held].map((money) => money.toNumber() / 1_000_000);
  const bounds = ({ period: { start, end } }: Pick<BudgetStatus, 'period'>): Date[] => [start, end];

  const spend = (userId: UserId | null, cost: number, when = NOON, isEstimate = false): Promise<void> => {
    books.clock.set(when);
    return books.settle(aSpend({ userId, requestId: newId(), cost: usd(cost), at: when, isEstimate }));
  };
  const hold = (user: User, cost: number, when = NOON, expiresAt = later(when, HOUR)): Promise<unknown> => {
    books.clock.set(when);
    return books.hold({ userId: user.id, requestId: newId(), cost: usd(cost), at: when, expiresAt });
  };
  const configure = (id: BudgetId, changes: BudgetChanges, when = NOON): Promise<Budget> =>
    run(async () => {
      const changed = (await budgets.hold(id)).changed(changes, 'cli:ada', when);
      await budgets.save(changed);
      return changed;
    });
  const reset = (id: BudgetId, when = NOON, cause: 'reset' | 'cadence' = 'reset'): Promise<void> =>
    run(async () => {
      const budget = await budgets.hold(id);
      const before = await budgets.status(id, when);
      await budgets.save(budget.reset(when));
      const after = await budgets.status(id, when);
      const by = { actor: 'cli:ada', reason: 'asked for by the user' };
      await budgets.appendReset(resetBetween(before, after, { id: newId(), cause, ...by }));
    });
  const setPlan = (user: User, plan: User['plan']): Promise<void> =>
    run(async () => world().users.save((await world().users.hold(user.id)).withPlan(plan)));

  describe('BudgetRepository', () => {
    beforeEach(() => {
      budgets = world().budgets(RULES);
      books = world().budgetBooks(RULES);
      books.clock.set(NOON);
    });

    afterAll(() =>
      run(async () => {
        await budgets.hold(GLOBAL_BUDGET);
        await budgets.save(Budget.unconfigured(GLOBAL_BUDGET));
      }),
    );

    it('answers what stands where nobody configured anything: the limit of the plan, this month, nothing spent', async () => {
      const user = await given.user();
      expect(await budgets.get(budgetOf(user.id))).toEqual(Budget.unconfigured(budgetOf(user.id)));
      const now = await status(user);
      expect(now.budget).toEqual(Budget.unconfigured(budgetOf(user.id)));
      expect(figures(now)).toEqual([5, 0, 0, 0]);
      expect(bounds(now)).toEqual([MARCH, APRIL]);
      expect(now.asOf).toEqual(NOON);
    });

    it("has the operator's setting as the limit of the global budget, in which everybody counts, and nobody too", async () => {
      const when = at('2028-06-15T12:00:00.000Z');
      const [one, other] = [await given.user(), await given.user()];
      await spend(one.id, 1, when);
      await spend(other.id, 2, when, true);
      await spend(null, 0.5, when);
      expect(figures(await budgets.status(GLOBAL_BUDGET, when))).toEqual([3000, 3.5, 2, 0]);
      expect(figures(await status(one, when))).toEqual([5, 1, 0, 0]);
      expect(figures(await status(other, when))).toEqual([5, 2, 2, 0]);
    });

    it('throws UserNotFound for the budget of nobody', async () => {
      await expect(budgets.status(newId(), NOON)).rejects.toMatchObject({ code: 'user_not_found' });
    });

    it('throws PlanUnknown where the limit is that of a plan nobody knows, and not where one is configured', async () => {
      const user = await given.user({ plan: 'coaching_school' });
      await expect(status(user)).rejects.toMatchObject({ code: 'plan_unknown', refusal: 'unavailable' });
      await configure(budgetOf(user.id), { limit: usd(7) });
      expect(figures(await status(user))).toEqual([7, 0, 0, 0]);
      await setPlan(user, 'free');
    });

    it('keeps every field of what was configured', async () => {
      const user = await given.user();
      const changes: BudgetChanges = {
        ...{ limit: usd(12.345678), cadence: 'custom', customDays: 10, yellow: 40, orange: 60, red: 100 },
        ...{ mode: 'fallback', visible: false, canModify: true, canReset: true, notes: 'Trial until spring' },
      };
      const saved = await configure(budgetOf(user.id), changes);
      expect(await budgets.get(budgetOf(user.id))).toEqual(saved);
      expect((await status(user)).budget).toEqual(saved);
      expect(saved.thresholds).toEqual(Thresholds.of(40, 60, 100));
      expect(saved.configuredBy).toBe('cli:ada');
    });

    it('lets a configured limit count at once, and the one of the plan when it is taken away', async () => {
      const user = await given.user();
      await hold(user, 4);
      await expect(hold(user, 2)).rejects.toMatchObject({ code: 'budget_exceeded' });
      await configure(budgetOf(user.id), { limit: usd(20) });
      await hold(user, 2);
      expect(figures(await status(user))).toEqual([20, 0, 0, 6]);
      await configure(budgetOf(user.id), { limit: null });
      await expect(hold(user, 0.01)).rejects.toMatchObject({ code: 'budget_exceeded' });
      expect(figures(await status(user))).toEqual([5, 0, 0, 6]);
    });

    it('lets the limit of another plan count at once, and keeps what was spent', async () => {
      const user = await given.user();
      await spend(user.id, 4.9);
      await setPlan(user, 'student');
      expect(figures(await status(user))).toEqual([15, 4.9, 0, 0]);
      await setPlan(user, 'free');
      expect(figures(await status(user))).toEqual([5, 4.9, 0, 0]);
    });

    it('holds nothing any more that ran out, by the clock alone', async () => {
      const user = await given.user();
      await hold(user, 1, NOON, later(NOON, HOUR));
      await hold(user, 2, NOON, later(NOON, 2 * HOUR));
      expect(figures(await status(user))).toEqual([5, 0, 0, 3]);
      expect(figures(await status(user, later(NOON, HOUR - 1)))).toEqual([5, 0, 0, 3]);
      expect(figures(await status(user, later(NOON, HOUR)))).toEqual([5, 0, 0, 2]);
      expect(figures(await status(user, later(NOON, 2 * HOUR)))).toEqual([5, 0, 0, 0]);
      // Also after somebody tidied up.
      await spend(user.id, 0.5, later(NOON, 2 * HOUR));
      expect(figures(await status(user, later(NOON, 2 * HOUR)))).toEqual([5, 0.5, 0, 0]);
    });

    it('counts only the period that contains the moment, however many were missed', async () => {
      const user = await given.user();
      await spend(user.id, 1, later(MARCH, 1));
      await spend(user.id, 2, NOON);
      expect(figures(await status(user, later(APRIL, -1)))).toEqual([5, 3, 0, 0]);
      expect(figures(await status(user, APRIL))).toEqual([5, 0, 0, 0]);
      const june = await status(user, at('2029-06-20T00:00:00.000Z'));
      expect([figures(june), bounds(june)]).toEqual([
        [5, 0, 0, 0],
        [at('2029-06-01T00:00:00.000Z'), at('2029-07-01T00:00:00.000Z')],
      ]);
    });

    it('begins a period with a reset: what was spent before counts in the one before, which nothing is deleted of', async () => {
      const user = await given.user();
      await spend(user.id, 3, later(NOON, -HOUR));
      await reset(budgetOf(user.id));
      const now = await status(user);
      expect([figures(now), bounds(now)]).toEqual([
        [5, 0, 0, 0],
        [NOON, APRIL],
      ]);
      await spend(user.id, 1, later(NOON, 1));
      expect(figures(await status(user, later(NOON, 1)))).toEqual([5, 1, 0, 0]);
      expect(figures(await status(user, later(NOON, -1)))).toEqual([5, 3, 0, 0]);
    });

    it('settles what was held before a reset in the period before it', async () => {
      const user = await given.user();
      const began = later(NOON, -60_000);
      const demand = { userId: user.id, requestId: newId(), cost: usd(2), at: began, expiresAt: later(NOON, HOUR) };
      books.clock.set(began);
      await books.hold(demand);
      await reset(budgetOf(user.id));
      expect(figures(await status(user))).toEqual([5, 0, 0, 0]);
      books.clock.set(later(NOON, 1000));
      await books.settle(aSpend({ ...demand, cost: usd(1.5) }));
      expect(figures(await status(user, later(NOON, 1000)))).toEqual([5, 0, 0, 0]);
      expect(figures(await status(user, began))).toEqual([5, 1.5, 0, 0]);
    });

    it('counts what began in the very millisecond of a reset in the period that the reset begins', async () => {
      const user = await given.user();
      await spend(user.id, 1, later(NOON, -1));
      const demand = { userId: user.id, requestId: newId(), cost: usd(0.5), at: NOON, expiresAt: later(NOON, HOUR) };
      books.clock.set(NOON);
      await books.hold(demand);
      await spend(user.id, 2, NOON, true);
      await reset(budgetOf(user.id));
      expect(figures(await status(user))).toEqual([5, 2, 2, 0.5]);
      expect(figures(await status(user, later(NOON, -1)))).toEqual([5, 1, 0, 0]);
      await books.settle(aSpend({ ...demand, cost: usd(0.25) }));
      expect(figures(await status(user))).toEqual([5, 2.25, 2, 0]);
    });

    it('changes nothing with a second reset in the same millisecond', async () => {
      const user = await given.user();
      await spend(user.id, 3, later(NOON, -HOUR));
      await reset(budgetOf(user.id));
      await spend(user.id, 1, NOON);
      await run(async () => budgets.save((await budgets.hold(budgetOf(user.id))).reset(NOON)));
      const now = await status(user);
      expect([figures(now), bounds(now)]).toEqual([
        [5, 1, 0, 0],
        [NOON, APRIL],
      ]);
    });

    it('resets the global budget, and no other', async () => {
      const when = at('2028-08-10T06:00:00.000Z');
      const users = [await given.user(), await given.user(), await given.user()];
      for (const { id } of users) await spend(id, 2, later(when, -HOUR));
      await spend(null, 1, later(when, -HOUR));
      await hold(users[0]!, 1, later(when, -HOUR), later(when, HOUR));
      await reset(GLOBAL_BUDGET, when);
      expect(figures(await budgets.status(GLOBAL_BUDGET, when))).toEqual([3000, 0, 0, 0]);
      expect(figures(await budgets.status(GLOBAL_BUDGET, later(when, -1)))).toEqual([3000, 7, 0, 1]);
      expect(figures(await status(users[0]!, when))).toEqual([5, 2, 0, 1]);
    });

    it('begins a period with another cadence, counted from that moment', async () => {
      const user = await given.user();
      await spend(user.id, 3, later(NOON, -HOUR));
      await configure(budgetOf(user.id), { limit: usd(8), cadence: 'weekly' });
      const now = await status(user);
      expect([figures(now), bounds(now)]).toEqual([
        [8, 0, 0, 0],
        [NOON, later(NOON, 7 * DAY)],
      ]);
      await spend(user.id, 1, later(NOON, 6 * DAY));
      const second = later(NOON, 7 * DAY);
      expect(figures(await status(user, later(second, -1)))).toEqual([8, 1, 0, 0]);
      expect(bounds(await status(user, second))).toEqual([second, later(NOON, 14 * DAY)]);
    });

    it('lets the last cadence decide when another was configured in the same millisecond', async () => {
      const user = await given.user();
      await spend(user.id, 3, later(NOON, -HOUR));
      await configure(budgetOf(user.id), { limit: usd(8), cadence: 'weekly' });
      await configure(budgetOf(user.id), { cadence: 'custom', customDays: 3 });
      const now = await status(user);
      expect([figures(now), bounds(now)]).toEqual([
        [8, 0, 0, 0],
        [NOON, later(NOON, 3 * DAY)],
      ]);
      await spend(user.id, 1, later(NOON, 4 * DAY));
      expect(bounds(await status(user, later(NOON, 4 * DAY)))).toEqual([later(NOON, 3 * DAY), later(NOON, 6 * DAY)]);
    });

    it('lists what the periods came to that are over, newest first, with who ended them early', async () => {
      const user = await given.user();
      const id = budgetOf(user.id);
      await spend(user.id, 1, at('2029-01-10T00:00:00.000Z'));
      await spend(user.id, 2, at('2029-03-10T00:00:00.000Z'));
      await reset(id, NOON);
      await spend(user.id, 0.5, later(NOON, HOUR));
      const now = at('2029-04-02T00:00:00.000Z');
      const { items, total } = await budgets.listHistory(id, { limit: 10, offset: 0 }, now);
      expect(total).toBe(3);
      expect(
        items.map(({ cause, period, limit, used, actor, reason, at: when, next }) => ({
          ...{ cause, limit: limit && limit.toNumber() / 1_000_000, used: used.toNumber() / 1_000_000, actor, reason },
          ...{ from: period.start, to: period.end, at: when, next: next && [next.start, next.end] },
        })),
      ).toEqual([
        {
          ...{ cause: 'rollover', limit: null, used: 0.5, actor: null, reason: null },
          ...{ from: NOON, to: APRIL, at: APRIL, next: null },
        },
        {
          ...{ cause: 'reset', limit: 5, used: 2, actor: 'cli:ada', reason: 'asked for by the user' },
          ...{ from: MARCH, to: NOON, at: NOON, next: [NOON, APRIL] },
        },
        {
          ...{ cause: 'rollover', limit: null, used: 1, actor: null, reason: null },
          ...{ from: at('2029-01-01T00:00:00.000Z'), to: at('2029-02-01T00:00:00.000Z') },
          ...{ at: at('2029-02-01T00:00:00.000Z'), next: null },
        },
      ]);
      const second = await budgets.listHistory(id, { limit: 1, offset: 1 }, now);
      expect([second.items.map(({ cause }) => cause), second.total]).toEqual([['reset'], 3]);
    });

    it('tells in the history what a period came to after it was over, too', async () => {
      const user = await given.user();
      const demand = { userId: user.id, requestId: newId(), cost: usd(2), at: later(NOON, -1), expiresAt: APRIL };
      books.clock.set(demand.at);
      await books.hold(demand);
      await reset(budgetOf(user.id));
      books.clock.set(later(NOON, HOUR));
      await books.settle(aSpend({ ...demand, cost: usd(1) }));
      const { items } = await budgets.listHistory(budgetOf(user.id), { limit: 10, offset: 0 }, later(NOON, HOUR));
      expect(items.map(({ cause, used }) => [cause, used.toNumber()])).toEqual([['reset', 1_000_000]]);
    });

    it('lists all users with their budgets, the newest first, in pages', async () => {
      const created = (day: number): Date => at(`2031-05-0${day}T00:00:00.000Z`);
      const [old, middle, young] = [
        await given.user({ createdAt: created(1) }),
        await given.user({ createdAt: created(2), plan: 'pro' }),
        await given.user({ createdAt: created(3) }),
      ];
      await spend(old.id, 1);
      await configure(budgetOf(young.id), { limit: usd(9) });
      await hold(middle, 2);
      const { items, total } = await budgets.list({ limit: 2, offset: 0 }, NOON);
      expect(items.map(({ user, status: shown }) => [user, figures(shown)])).toEqual([
        [young, [9, 0, 0, 0]],
        [middle, [60, 0, 0, 2]],
      ]);
      const next = await budgets.list({ limit: 1, offset: 2 }, NOON);
      expect(next.items.map(({ user, status: shown }) => [user, figures(shown)])).toEqual([[old, [5, 1, 0, 0]]]);
      expect([total, (await budgets.list({ limit: 5, offset: total }, NOON)).items]).toEqual([next.total, []]);
    });

    it('forgets with its transaction what was configured', async () => {
      const user = await given.user();
      const failing = run(async () => {
        const budget = await budgets.hold(budgetOf(user.id));
        await budgets.save(budget.changed({ limit: usd(1) }, 'cli:ada', NOON));
        throw new Error('changed our mind');
      });
      await expect(failing).rejects.toThrow('changed our mind');
      expect(figures(await status(user))).toEqual([5, 0, 0, 0]);
    });

    it('loses none of two changes at once', async () => {
      const user = await given.user();
      const id = budgetOf(user.id);
      await Promise.all([
        configure(id, { limit: usd(3) }),
        configure(id, { notes: 'kept' }),
        configure(id, { mode: 'alert_only' }),
        configure(id, { canReset: true }),
      ]);
      const { limit, notes, mode, permissions } = await budgets.get(id);
      expect([limit, notes, mode, permissions.canReset]).toEqual([usd(3), 'kept', 'alert_only', true]);
    });

    it('holds and saves nothing outside a transaction', async () => {
      const user = await given.user();
      const budget = await budgets.get(budgetOf(user.id));
      await expect(async () => budgets.hold(budget.id)).rejects.toThrow('needs a running transaction');
      await expect(async () => budgets.save(budget)).rejects.toThrow('needs a running transaction');
    });
  });
}
