import fc from 'fast-check';
import type { UserId } from '#domain/accounts/user';
import { Budget, budgetOf, type BudgetId, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { BudgetExceeded, type BudgetDemand } from '#domain/budgets/budget-ledger';
import { USUAL_BUFFER, padded } from '#domain/budgets/affordability';
import { Money } from '#domain/shared/money';
import { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';
import { alertText, type BudgetBooks } from './budget-books.js';
import {
  type Amount,
  aSpend,
  budgetAs,
  type Configuration,
  type Cost,
  life,
  type Limits,
  type Life,
  type Operation,
  rulesOf,
  scheduleFrom,
} from './budget-life.js';
import { Given, HOUR, later, newId } from './given.js';
import { InMemoryBudgetBooks } from './in-memory-budget-books.js';
import type { Effort, World } from './world.js';

/** Every life is in years of its own, because all share the global budget. */
const YEARS_EACH = 4;
/** A failure is told after this time, as short as it is by then. */
const SHRINKING_MS = 45_000;
/** In micro-USD, of a budget that is not a month's. */
const OWN_LIMIT = 500_000;
const MONTHLY = { cadence: 'monthly', customDays: null, anchor: null } as const;
const AMPLE: Limits = { global: 10_000_000_000, free: 10_000_000_000, pro: 10_000_000_000, microAllowance: 0 };
/** How far into its years a life begins, so that something may have happened before. */
const HEAD_START_MS = 12 * 60 * 60 * 1000;

/** What a ledger answers is what the rules say, however the ledger keeps its sums. */
export function budgetLedgerContract(world: () => World, { runs }: Effort): void {
  const given = new Given(world);
  let year = 2030;
  const nextStart = (): Date => new Date(Date.UTC((year += YEARS_EACH), 0, 1));

  describe('BudgetLedger', () => {
    afterAll(async () => {
      await world().budgetBooks(rulesOf(AMPLE)).configure(Budget.unconfigured(GLOBAL_BUDGET));
    });

    it('gives away nothing more when work has cost more than was held for it, whoever asks next', async () => {
      const books = world().budgetBooks(rulesOf({ ...AMPLE, global: 8_000_000 }));
      books.clock.set(nextStart());
      const at = books.clock.now();
      const held = async (micros: number): Promise<BudgetDemand> => {
        const { id: userId } = await given.user();
        const cost = Money.ofMicros(BigInt(micros));
        const demand = { userId, requestId: newId(), cost, at, expiresAt: later(at, HOUR) };
        await books.hold(demand);
        return demand;
      };
      await held(7_180_000);
      await held(700_000);
      await books.settle(aSpend({ ...(await held(10_000)), cost: Money.ofMicros(310_000n) }));
      for (let asked = 0; asked < 24; asked++) {
        await expect(held(5_000)).rejects.toMatchObject({ scope: 'global', reason: 'budget_spent' });
      }
    });

    it('forecasts more than the limit only when it is more to the micro', async () => {
      const books = world().budgetBooks(rulesOf(AMPLE));
      const start = nextStart();
      books.clock.set(later(start, 48 * HOUR));
      const { id: userId } = await given.user();
      const id = budgetOf(userId);
      await books.configure(budgetAs(id, { limit: 1033, thresholds: [50, 75, 90], mode: 'block' }, MONTHLY));
      const spent = async (micros: bigint): Promise<readonly string[]> => {
        await books.settle(aSpend({ userId, requestId: newId(), at: books.clock.now(), cost: Money.ofMicros(micros) }));
        return (await books.stateOf([id], start))[0]!.alerts;
      };
      // 100 in 3 days of 31 come to 1033 and a third.
      expect(await spent(100n)).toEqual([]);
      expect(await spent(1n)).toEqual([alertText(start, 'forecast')]);
    });

    it('decides, counts and tells what the rules do, in any life of several users', async () => {
      const seen = new Map<string, number>();
      await fc.assert(
        fc.asyncProperty(life, async (story) => {
          const users = [await given.user(), await given.user(), await given.user()].map(({ id }) => id);
          const lived = new LivedTwice(world(), story, users, nextStart(), seen);
          await lived.begin();
          for (const operation of story.operations) await lived.does(operation);
        }),
        { numRuns: runs, interruptAfterTimeLimit: SHRINKING_MS },
      );
      const expected = [
        'hold: done',
        'settle: done',
        'release: done',
        'report: done',
        'hold: user budget_spent',
        'hold: global budget_spent',
        'hold: user too_dear_at_red',
        'hold: user too_dear_at_critical',
        'hold: global too_dear_at_critical',
        'alert: orange',
        'alert: red',
        'alert: critical',
        'alert: forecast',
      ];
      expect(expected.filter((name) => !seen.has(name))).toEqual([]);
    });
  });
}

/** One story, as the ledger has it and as the rules have it; whatever differs is an error. */
class LivedTwice {
  private readonly ledger: BudgetBooks;
  private readonly rules: BudgetBooks;
  private readonly held: BudgetDemand[] = [];
  private readonly configured = new Map<BudgetId, Budget>();

  constructor(
    world: World,
    private readonly story: Life,
    private readonly users: readonly UserId[],
    private readonly start: Date,
    private readonly seen: Map<string, number>,
  ) {
    const rules = rulesOf(story.rules);
    this.ledger = world.budgetBooks(rules);
    this.rules = new InMemoryBudgetBooks(new InMemoryTransaction(), rules);
  }

  async begin(): Promise<void> {
    this.waitUntil(new Date(this.start.getTime() + HEAD_START_MS));
    for (const [index, { cadence }] of this.story.schedules.entries()) {
      // Only months come from settings and plans.
      const limit = cadence === 'monthly' ? null : OWN_LIMIT;
      await this.configure(index, { limit, thresholds: [50, 75, 90], mode: 'block' });
    }
  }

  async does(operation: Operation): Promise<void> {
    const now = this.rules.clock.now();
    switch (operation.do) {
      case 'wait':
        return this.waitUntil(new Date(now.getTime() + operation.ms));
      case 'restart':
        for (const books of this.both) books.obey(rulesOf(operation.rules));
        return;
      case 'change the plan':
        for (const books of this.both) await books.givePlan(this.users[operation.user]!, operation.plan);
        return;
      case 'configure':
        return this.configure(operation.user === null ? 0 : operation.user + 1, operation.as);
      case 'hold': {
        const { user, lasts, ago } = operation;
        const userId = this.users[user]!;
        const at = new Date(now.getTime() - ago);
        const demand = { userId, requestId: newId(), at, expiresAt: new Date(now.getTime() + lasts) };
        const cost = await this.amountOf(operation.cost, userId);
        this.held.push({ ...demand, cost });
        return this.same('hold', (books) => books.hold({ ...demand, cost }));
      }
      case 'hold again': {
        const known = this.held.at(-1 - operation.which);
        if (!known) return;
        const { userId } = known;
        const cost = await this.amountOf(operation.cost, userId);
        const again = { ...known, cost, expiresAt: new Date(now.getTime() + 60_000) };
        return this.same('hold again', (books) => books.hold(again));
      }
      case 'settle': {
        const known = this.taken(operation.which);
        if (!known) return;
        const { userId, requestId, at, cost } = known;
        const { isEstimate } = operation;
        const spend = aSpend({ userId, requestId, at, isEstimate, cost: costOf(operation.cost, cost) });
        return this.same('settle', (books) => books.settle(spend));
      }
      case 'release': {
        const known = this.taken(operation.which);
        if (!known) return;
        return this.same('release', (books) => books.release(known.userId, known.requestId));
      }
      case 'report': {
        const userId = operation.user === null ? null : this.users[operation.user]!;
        const at = new Date(Math.max(this.start.getTime() + HEAD_START_MS, now.getTime() - operation.ago));
        const spend = aSpend({ userId, requestId: newId(), at, cost: Money.ofMicros(BigInt(operation.cost)) });
        return this.same('report', (books) => books.settle(spend));
      }
    }
  }

  private get both(): readonly [BudgetBooks, BudgetBooks] {
    return [this.ledger, this.rules];
  }

  private get budgets(): readonly BudgetId[] {
    return [GLOBAL_BUDGET, ...this.users.map(budgetOf)];
  }

  private waitUntil(moment: Date): void {
    for (const { clock } of this.both) clock.set(moment);
  }

  private async configure(index: number, as: Configuration): Promise<void> {
    const schedule = scheduleFrom(this.story.schedules[index]!, this.start);
    const budget = budgetAs(this.budgets[index]!, as, schedule);
    this.configured.set(budget.id, budget);
    for (const books of this.both) await books.configure(budget);
  }

  private taken(which: number): BudgetDemand | null {
    const known = this.held.at(-1 - which);
    if (!known) return null;
    this.held.splice(this.held.length - 1 - which, 1);
    return known;
  }

  private async same(name: string, deed: (books: BudgetBooks) => Promise<unknown>): Promise<void> {
    const [stored, expected] = [await answerOf(() => deed(this.ledger)), await answerOf(() => deed(this.rules))];
    expect(stored).toEqual(expected);
    const refusal = expected instanceof Refusal ? `${expected.scope} ${expected.reason}` : 'done';
    this.count(`${name}: ${refusal}`);
    const state = await this.rules.stateOf(this.budgets, this.start);
    for (const alert of state.flatMap(({ alerts }) => alerts)) this.count(`alert: ${alert.split(' ')[1]}`);
    expect(await this.ledger.stateOf(this.budgets, this.start)).toEqual(state);
  }

  private count(name: string): void {
    this.seen.set(name, (this.seen.get(name) ?? 0) + 1);
  }

  private async amountOf(amount: Amount, userId: UserId): Promise<Money> {
    if (typeof amount === 'number') return Money.ofMicros(BigInt(amount));
    const states = await this.rules.stateOf([GLOBAL_BUDGET, budgetOf(userId)], this.start);
    const left = states.map(({ id, used, held }) => this.limitOf(id) - used - held);
    const least = left.reduce((one, other) => (one < other ? one : other));
    let most = least <= 0n ? 0n : (least * 10_000n) / 11_000n;
    while (padded(Money.ofMicros(most + 1n), USUAL_BUFFER).micros <= least) most += 1n;
    return Money.ofMicros(amount === 'what fits' ? most : most + 1n);
  }

  private limitOf(id: BudgetId): bigint {
    const { global, free } = this.story.rules;
    return this.configured.get(id)?.limit?.micros ?? BigInt(id === GLOBAL_BUDGET ? global : free);
  }
}

function costOf(cost: Cost, held: Money): Money {
  if ('micros' in cost) return Money.ofMicros(BigInt(cost.micros));
  return Money.ofMicros((held.micros * BigInt(cost.percent)) / 100n);
}

class Refusal {
  constructor(
    readonly scope: string,
    readonly reason: string,
    readonly message: string,
    readonly facts: unknown,
    readonly mode: string,
  ) {}
}

async function answerOf(deed: () => Promise<unknown>): Promise<unknown> {
  try {
    return await deed();
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    return new Refusal(error.scope, error.reason, error.message, error.facts, error.mode);
  }
}
