import fc from 'fast-check';
import type { UserId } from '#domain/accounts/user';
import { Thresholds } from '#domain/budgets/alert-level';
import { Budget, BUDGET_MODES, type BudgetId, type BudgetMode } from '#domain/budgets/budget';
import type { BudgetDemand, ProviderSpend } from '#domain/budgets/budget-ledger';
import type { BudgetSchedule } from '#domain/budgets/budget-period';
import { BudgetRules } from '#domain/budgets/budget-rules';
import { Money } from '#domain/shared/money';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Some have a meaning beside what is left alone: exactly what fits of the tighter budget, and a micro more. */
export type Amount = number | 'what fits' | 'one too many';
/** A share of what is held, in percents; or so many micros. */
export type Cost = { readonly percent: number } | { readonly micros: number };

export type Operation =
  | { readonly do: 'hold'; readonly user: number; readonly cost: Amount; readonly lasts: number; readonly ago: number }
  | { readonly do: 'hold again'; readonly which: number; readonly cost: Amount }
  | { readonly do: 'settle'; readonly which: number; readonly cost: Cost; readonly isEstimate: boolean }
  | { readonly do: 'release'; readonly which: number }
  | { readonly do: 'report'; readonly user: number | null; readonly cost: number; readonly ago: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'configure'; readonly user: number | null; readonly as: Configuration }
  | { readonly do: 'change the plan'; readonly user: number; readonly plan: string }
  | { readonly do: 'restart'; readonly rules: Limits };

export interface Configuration {
  readonly limit: number | null;
  readonly thresholds: readonly [number, number, number];
  readonly mode: BudgetMode;
}

export interface Limits {
  readonly global: number;
  readonly free: number;
  readonly pro: number;
  readonly microAllowance: number;
}

/** The anchor in days after the beginning. */
export type Cadence = Omit<BudgetSchedule, 'anchor'> & { readonly anchor: number | null };

export interface Life {
  readonly rules: Limits;
  /** Of the global budget, and of three users. They stay: what a reset does is another contract's. */
  readonly schedules: readonly [Cadence, Cadence, Cadence, Cadence];
  readonly operations: readonly Operation[];
}

const record = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(fields, { noNullPrototype: true }) as fc.Arbitrary<T>;

const user = fc.nat({ max: 2 });
const which = fc.nat({ max: 5 });
/** About the ceilings, too. */
const amount = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(0, 1, 9_999, 10_000, 49_999, 50_000) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 90_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 90_000, max: 400_000 }) },
);
const demanded: fc.Arbitrary<Amount> = fc.oneof(
  { weight: 4, arbitrary: amount },
  { weight: 1, arbitrary: fc.constantFrom('what fits' as const, 'one too many' as const) },
);
const limit = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 8, arbitrary: fc.integer({ min: 100_000, max: 1_500_000 }) },
);
const ago = fc.constantFrom(0, 0, 0, 0, MINUTE, 2 * HOUR, 3 * DAY);

const limits: fc.Arbitrary<Limits> = record({
  global: fc.integer({ min: 200_000, max: 3_000_000 }),
  free: fc.integer({ min: 100_000, max: 800_000 }),
  pro: fc.integer({ min: 400_000, max: 1_500_000 }),
  microAllowance: fc.constantFrom(0, 0, 5_000, 60_000),
});
const configuration: fc.Arbitrary<Configuration> = record({
  limit,
  thresholds: fc.constantFrom(
    [50, 75, 90] as const,
    [10, 20, 100] as const,
    [97, 98, 99] as const,
    [1, 50, 51] as const,
  ),
  mode: fc.constantFrom('block' as const, ...BUDGET_MODES),
});
const schedule: fc.Arbitrary<Cadence> = fc.oneof(
  fc.constant({ cadence: 'monthly' as const, customDays: null, anchor: null }),
  fc.constant({ cadence: 'monthly' as const, customDays: null, anchor: 0.5 }),
  fc.constantFrom('weekly' as const, 'daily' as const).map((cadence) => ({ cadence, customDays: null, anchor: null })),
  fc.integer({ min: 1, max: 9 }).map((days) => ({ cadence: 'custom' as const, customDays: days, anchor: 0.25 })),
);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 12,
    arbitrary: record({
      do: fc.constant('hold' as const),
      user,
      cost: demanded,
      lasts: fc.constantFrom(5 * MINUTE, 5 * MINUTE, HOUR, 2 * DAY),
      ago: fc.constantFrom(0, 0, 0, MINUTE),
    }),
  },
  { weight: 1, arbitrary: record({ do: fc.constant('hold again' as const), which, cost: demanded }) },
  {
    weight: 10,
    arbitrary: record({
      do: fc.constant('settle' as const),
      which,
      cost: fc.oneof(
        { weight: 4, arbitrary: record({ percent: fc.constantFrom(0, 30, 70, 100) }) },
        { weight: 1, arbitrary: record({ percent: fc.constantFrom(101, 400) }) },
        { weight: 1, arbitrary: record({ micros: fc.integer({ min: 0, max: 60_000 }) }) },
      ),
      isEstimate: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: record({ do: fc.constant('release' as const), which }) },
  {
    weight: 3,
    arbitrary: record({ do: fc.constant('report' as const), user: fc.option(user, { nil: null }), cost: amount, ago }),
  },
  {
    weight: 5,
    arbitrary: record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(SECOND, MINUTE, 6 * MINUTE, HOUR, 13 * HOUR, DAY, 2 * DAY, 12 * DAY),
    }),
  },
  {
    weight: 1,
    arbitrary: record({
      do: fc.constant('configure' as const),
      user: fc.option(user, { nil: null }),
      as: configuration,
    }),
  },
  {
    weight: 1,
    arbitrary: record({ do: fc.constant('change the plan' as const), user, plan: fc.constantFrom('free', 'pro') }),
  },
  { weight: 1, arbitrary: record({ do: fc.constant('restart' as const), rules: limits }) },
);

export const life: fc.Arbitrary<Life> = record({
  rules: limits,
  schedules: fc.tuple(schedule, schedule, schedule, schedule),
  operations: fc.array(operation, { minLength: 5, maxLength: 60, size: 'max' }),
});

export function rulesOf({ global, free, pro, microAllowance }: Limits): BudgetRules {
  const micros = (amount: number): Money => Money.ofMicros(BigInt(amount));
  return new BudgetRules(micros(global), { free: micros(free), pro: micros(pro) }, micros(microAllowance));
}

export function budgetAs(id: BudgetId, { limit, thresholds, mode }: Configuration, schedule: BudgetSchedule): Budget {
  const { permissions, notes } = Budget.unconfigured(id);
  const money = limit === null ? null : Money.ofMicros(BigInt(limit));
  return new Budget(id, money, schedule, Thresholds.of(...thresholds), mode, permissions, notes, 'test');
}

export function scheduleFrom({ anchor, ...rest }: Cadence, start: Date): BudgetSchedule {
  return { ...rest, anchor: anchor === null ? null : new Date(start.getTime() + anchor * DAY) };
}

export function aSpend(
  of: Partial<ProviderSpend> & Pick<BudgetDemand, 'requestId' | 'at' | 'cost'> & { readonly userId: UserId | null },
): ProviderSpend {
  return { isEstimate: false, service: 'llm', provider: 'sandbox', model: 'sandbox-chat', tokens: 12, ...of };
}
