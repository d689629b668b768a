import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import { PLAN_NAMES } from '#domain/plans/plan-name';

const column = <T>(of: (plan: (typeof DEFAULT_CATALOG.plans)['free']) => T): T[] =>
  PLAN_NAMES.map((name) => of(DEFAULT_CATALOG.plans[name]));

/** The table of the contract, row by row. */
describe('the default catalogue', () => {
  it('has the limits of the contract', () => {
    const unlimited = 'unlimited';
    expect(column(({ limits }) => limits.sessions)).toEqual([10, 50, unlimited, unlimited]);
    expect(column(({ limits }) => limits.minutes)).toEqual([200, 500, 3000, unlimited]);
    expect(column(({ limits }) => limits.transcriptions)).toEqual([20, 100, unlimited, unlimited]);
    expect(column(({ limits }) => limits.fileSizeMb)).toEqual([60, 100, 200, 500]);
    expect(column(({ limits }) => limits.concurrentTranscriptions)).toEqual([1, 2, 3, 10]);
    expect(column(({ limits }) => limits.retentionDays)).toEqual([30, 180, 365, unlimited]);
    expect(column(({ limits }) => limits.devices)).toEqual([1, 3, 10, 100]);
  });

  it('has the prices of the contract, in micro-dollars', () => {
    expect(column(({ monthlyPrice }) => monthlyPrice.micros)).toEqual([0n, 9_990_000n, 29_990_000n, 169_000_000n]);
    expect(column(({ yearlyPrice }) => yearlyPrice.micros)).toEqual([0n, 99_900_000n, 254_920_000n, 1_436_500_000n]);
    expect(column(({ trialDays }) => trialDays)).toEqual([0, 7, 14, 30]);
    expect(column(({ monthlyProviderBudget }) => monthlyProviderBudget.micros)).toEqual([
      5_000_000n,
      15_000_000n,
      60_000_000n,
      600_000_000n,
    ]);
  });

  it('includes no credit', () => {
    expect(column(({ monthlyIncludedCredit }) => monthlyIncludedCredit.micros)).toEqual([0n, 0n, 0n, 0n]);
  });

  it('names every plan, and its limits, alike', () => {
    expect(column(({ name }) => name)).toEqual([...PLAN_NAMES]);
    expect(column(({ limits }) => limits.plan)).toEqual([...PLAN_NAMES]);
  });
});
