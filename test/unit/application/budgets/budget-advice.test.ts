import type { NamedSlice } from '#application/budgets/budget-report';
import { GetBudgetBreakdown } from '#application/budgets/get-budget-breakdown';
import { GetBudgetRecommendations } from '#application/budgets/get-budget-recommendations';
import { UserNotFound } from '#domain/accounts/user-repository';
import type { UserId } from '#domain/accounts/user';
import { Budget, type BudgetChanges, budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import type { BudgetRecommendation } from '#domain/budgets/budget-recommendation';
import type { BudgetRepository } from '#domain/budgets/budget-repository';
import { BudgetStatus } from '#domain/budgets/budget-status';
import type { ModelPrice } from '#domain/providers/model-price';
import { micros } from '#test/support/builders/credits';
import { aModelPrice } from '#test/support/builders/model-prices';
import { FixedModelCatalog } from '#test/support/fakes/fixed-model-catalog';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { ScriptedAiProvider, ScriptedAiProviders } from '#test/support/fakes/scripted-ai-provider';
import { NO_SLICE, ScriptedBudgetReport } from '#test/support/fakes/scripted-budget-report';

const NOW = new Date('2026-03-15T12:00:00.000Z');
const LIMIT = 30_000_000;
const NOTHING_SPENT = { used: micros(0), estimated: micros(0), held: micros(0) };
const USER = budgetOf('00000000-0000-4000-a000-0000000000aa' as UserId);

interface Given {
  readonly used?: number;
  readonly changes?: BudgetChanges;
  readonly models?: readonly NamedSlice[];
  readonly targets?: readonly ModelPrice[];
  readonly providers?: readonly ScriptedAiProvider[];
  readonly now?: Date;
}

const slice = (name: string, cost: number): NamedSlice => ({
  ...{ ...NO_SLICE, name, cost: micros(cost), requests: 3, tokens: 2000 },
});

async function advised(given: Given): Promise<readonly BudgetRecommendation[]> {
  const { used = 0, changes = {}, models = [], targets = [], now = NOW } = given;
  const { providers = [new ScriptedAiProvider('openai'), new ScriptedAiProvider('openrouter')] } = given;
  const budget = Budget.unconfigured(USER).changed(
    { limit: micros(LIMIT), ...changes },
    'test',
    new Date('2026-01-01'),
  );
  const spend = { ...NOTHING_SPENT, used: micros(used) };
  const status = new BudgetStatus(budget, budget.limit!, budget.periodAt(now), spend, now);
  const report = new ScriptedBudgetReport();
  report.shares = { ...report.shares, byModel: models };
  const catalog = new FixedModelCatalog([{ model: 'small', targets }]);
  const budgets = { status: async () => status } as unknown as BudgetRepository;
  const clock = new ManualClock(now);
  return new GetBudgetRecommendations(budgets, report, catalog, new ScriptedAiProviders(providers), clock).execute(
    USER,
  );
}

const types = (all: readonly BudgetRecommendation[]): readonly string[] => all.map(({ type }) => type);
const MINE = aModelPrice();
const HALF = aModelPrice({
  ...{ provider: 'openrouter', model: 'openai/gpt-4o-mini' },
  rates: { input_token: 75_000n, cached_token: 37_500n, output_token: 300_000n },
});

describe('Advice on a budget', () => {
  it('is silent while there is nothing to say', async () => {
    expect(await advised({})).toEqual([]);
    expect(
      await advised({ used: 14_000_000, models: [slice('openai/gpt-4o-mini', 14_000_000)], targets: [MINE] }),
    ).toEqual([]);
  });

  it.each([
    [26_999_999, []],
    [27_000_000, ['urgent']],
    [30_000_000, ['urgent']],
    [60_000_000, ['urgent']],
  ])('is urgent from 90 % of the budget on: %i of 30 000 000', async (used, expected) => {
    expect(
      types(await advised({ used, now: new Date('2026-03-31T23:00:00Z') })).filter((type) => type === 'urgent'),
    ).toEqual(expected);
  });

  it('says how much of the budget is used', async () => {
    const [urgent] = await advised({ used: 28_500_000, now: new Date('2026-03-31T23:00:00Z') });
    expect(urgent).toEqual({
      type: 'urgent',
      title: 'Budget Alert',
      description: "You've used 95.0% of your monthly budget",
      action: 'Consider using cheaper models or reducing API calls',
      evidence: {
        ...{ alert_level: 'red', used_micros: 28_500_000, limit_micros: 30_000_000 },
        resets_at: '2026-04-01T00:00:00.000Z',
      },
      savings: null,
    });
  });

  // 15 of 31 days: 33 000 000 projected are 1.1 × the budget.
  it.each([
    [15_967_741, []],
    [15_967_743, ['warning']],
  ])('warns of a pace that comes to more than 1.1 × the budget: %i in 15 of 31 days', async (used, expected) => {
    expect(types(await advised({ used }))).toEqual(expected);
  });

  it.each([
    [33_000_000, []],
    [33_000_001, ['warning']],
  ])('warns of more than 1.1 × the budget, and not of exactly that: %i of 30 000 000', async (used, expected) => {
    const advice = types(await advised({ used, now: new Date('2026-03-31T12:00:00Z') }));
    expect(advice.filter((type) => type === 'warning')).toEqual(expected);
  });

  it('says what the period will come to, by its real length', async () => {
    const [warning] = await advised({ used: 20_000_000 });
    expect(warning).toEqual({
      type: 'warning',
      title: 'Budget Projection',
      description: 'Projected monthly cost: $41.33',
      action: 'Reduce usage or switch to cheaper models',
      evidence: {
        ...{ projected_micros: 41_333_333, limit_micros: 30_000_000, used_micros: 20_000_000 },
        ...{ days_elapsed: 15, days: 31 },
      },
      savings: null,
    });
    const weekly = await advised({ used: 31_000_000, changes: { cadence: 'weekly' } });
    expect(weekly.map(({ description }) => description)).toContain("You've used 103.3% of your weekly budget");
  });

  it('names who serves the same for less, and what that would have saved', async () => {
    const models = [slice('openai/gpt-4o-mini', 10_000_001), slice('openai/gpt-5', 2_000_000)];
    const [advice, ...others] = await advised({ used: 12_000_001, models, targets: [MINE, HALF] });
    expect(others).toEqual([]);
    expect(advice).toMatchObject({
      type: 'optimization',
      title: 'Provider Optimization',
      description:
        'openai gpt-4o-mini is your most expensive model: 83.3% of what was spent since 2026-03-01T00:00:00.000Z',
      action:
        'Use openrouter openai/gpt-4o-mini, which serves small too: the same would have cost at most $5.00 instead of $10.00',
      evidence: {
        ...{ provider: 'openai', model: 'gpt-4o-mini', cost_micros: 10_000_001, requests: 3, tokens: 2000 },
        ...{ alternative_provider: 'openrouter', alternative_model: 'openai/gpt-4o-mini', route: 'small' },
        alternative_cost_micros: 5_000_001,
      },
      savings: { micros: 5_000_000n },
    });
  });

  it('comes in the order urgent, optimization, warning', async () => {
    const models = [slice('openai/gpt-4o-mini', 29_000_000)];
    const all = await advised({ used: 29_000_000, models, targets: [MINE, HALF] });
    expect(types(all)).toEqual(['urgent', 'optimization', 'warning']);
    expect(all.map(({ savings }) => savings?.micros ?? null)).toEqual([null, 14_500_000n, null]);
  });

  it('sends nobody to a provider that is not configured, or that makes its answers up', async () => {
    const models = [slice('openai/gpt-4o-mini', 10_000_000)];
    const given = { used: 10_000_000, models, targets: [MINE, HALF] };
    const openai = new ScriptedAiProvider('openai');
    expect(await advised({ ...given, providers: [openai] })).toEqual([]);
    expect(await advised({ ...given, providers: [openai, new ScriptedAiProvider('openrouter', true)] })).toEqual([]);
    const pretended = [new ScriptedAiProvider('openai', true), new ScriptedAiProvider('openrouter', true)];
    expect(types(await advised({ ...given, providers: pretended }))).toEqual(['optimization']);
  });

  it('has none for a model that no route leads to', async () => {
    const models = [slice('mistral/mistral-small', 10_000_000)];
    expect(await advised({ used: 10_000_000, models, targets: [MINE, HALF] })).toEqual([]);
  });
});

describe('A breakdown', () => {
  it('is of the period of the status, for a user and for all', async () => {
    const report = new ScriptedBudgetReport();
    const period = Budget.unconfigured(USER).periodAt(NOW);
    const status = (id: typeof USER) =>
      new BudgetStatus(Budget.unconfigured(id), micros(LIMIT), period, NOTHING_SPENT, NOW);
    const budgets = { status: async (id: typeof USER) => status(id) } as unknown as BudgetRepository;
    const get = new GetBudgetBreakdown(budgets, report, new ManualClock(NOW));
    expect(await get.execute(USER)).toEqual({ period, asOf: NOW, ...report.shares });
    await get.execute(GLOBAL_BUDGET);
    expect(report.asked).toEqual([
      { id: USER, period },
      { id: GLOBAL_BUDGET, period },
    ]);
  });

  it('is refused for nobody', async () => {
    const budgets = { status: () => Promise.reject(new UserNotFound(USER)) } as unknown as BudgetRepository;
    const get = new GetBudgetBreakdown(budgets, new ScriptedBudgetReport(), new ManualClock(NOW));
    await expect(get.execute(USER)).rejects.toThrow(UserNotFound);
  });
});
