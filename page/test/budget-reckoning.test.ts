import type { BudgetSettingsResponse } from '#interfaces/http/budgets/budget.response';
import { changesOf, everyDay, faultsOf, formOf, hasPace, microsOf, shareOf } from '#page/billing/budget-reckoning';

const settings: BudgetSettingsResponse = {
  scope: 'user',
  user_id: null,
  limit_micros: 12_500_000,
  total_budget_micros: 12_500_000,
  budget_period: 'monthly',
  custom_period_days: null,
  mode: 'block',
  alert_threshold_yellow: 50,
  alert_threshold_orange: 75,
  alert_threshold_red: 90,
  permissions: { visible: true, can_modify: true, can_reset: false },
  admin_notes: null,
  configured_by: null,
};
const form = formOf(settings);

describe('an amount that somebody writes', () => {
  it.each([
    ['0', 0],
    ['0.1', 100_000],
    ['12.345678', 12_345_678],
    ['10000', 10_000_000_000],
    [' 7 ', 7_000_000],
  ])('%s is exact in micro-dollars', (text, micros) => {
    expect(microsOf(text)).toBe(micros);
  });

  it.each(['', '-1', '1.', '1,5', '1e3', '0.1234567', '?'])('“%s” is none', (text) => {
    expect(microsOf(text)).toBeNull();
  });
});

describe('the form of a budget', () => {
  it('shows what is, and has nothing to send then', () => {
    expect(form).toEqual({
      limit: '12.50',
      mode: 'block',
      period: 'monthly',
      days: '14',
      yellow: '50',
      orange: '75',
      red: '90',
    });
    expect(faultsOf(form).size).toBe(0);
    expect(changesOf(form, settings)).toEqual({});
  });

  it('sends what differs alone', () => {
    expect(changesOf({ ...form, limit: '20', red: '95' }, settings)).toEqual({
      limit_micros: 20_000_000,
      alert_threshold_red: 95,
    });
  });

  it('takes the limit away by an empty field, so that the plan’s counts', () => {
    expect(changesOf({ ...form, limit: ' ' }, settings)).toEqual({ limit_micros: null });
  });

  it('sends days with a custom period, and with no other', () => {
    expect(changesOf({ ...form, period: 'custom', days: '10' }, settings)).toEqual({
      budget_period: 'custom',
      custom_period_days: 10,
    });
    const custom = { ...settings, budget_period: 'custom', custom_period_days: 10 } as const;
    expect(changesOf({ ...formOf(custom), period: 'weekly' }, custom)).toEqual({ budget_period: 'weekly' });
    expect(changesOf({ ...formOf(custom), days: '11' }, custom)).toEqual({ custom_period_days: 11 });
  });

  it.each([
    ['limit', { limit: '10000.000001' }],
    ['limit', { limit: 'much' }],
    ['limitRequired', { limit: '', period: 'weekly' }],
    ['days', { period: 'custom', days: '0' }],
    ['days', { period: 'custom', days: '366' }],
    ['thresholds', { yellow: '0' }],
    ['thresholds', { yellow: '75' }],
    ['thresholds', { orange: '90' }],
    ['thresholds', { red: '101' }],
    ['thresholds', { red: '90.5' }],
    ['thresholds', { red: '' }],
  ] as const)('finds the fault %s before the server is asked: %o', (fault, change) => {
    expect([...faultsOf({ ...form, ...change })]).toEqual([fault]);
  });

  it('does not mind the days of a period that is not custom', () => {
    expect(faultsOf({ ...form, days: '' }).size).toBe(0);
  });

  it('takes the ends of every range', () => {
    const ends = {
      ...form,
      limit: '10000',
      period: 'custom',
      days: '365',
      yellow: '1',
      orange: '99',
      red: '100',
    } as const;
    expect(faultsOf(ends).size).toBe(0);
  });
});

describe('a pace', () => {
  const period = { period_start: '2026-11-01T00:00:00.000Z', period_end: '2026-12-01T00:00:00.000Z' };

  it('means something from a tenth of the period on', () => {
    expect(hasPace({ ...period, as_of: '2026-11-03T23:59:59.999Z' })).toBe(false);
    expect(hasPace({ ...period, as_of: '2026-11-04T00:00:00.000Z' })).toBe(true);
  });
});

describe('a share', () => {
  it('is in percent, and none of nothing', () => {
    expect([shareOf(1, 4), shareOf(0, 0)]).toEqual([25, 0]);
  });
});

describe('the days of a chart', () => {
  it('are all UTC days of the period so far, with nothing where nothing was spent', () => {
    const days = everyDay({ period_start: '2026-10-30T17:00:00.000Z', as_of: '2026-11-02T00:00:00.000Z' }, [
      { date: '2026-10-31', cost_micros: 5 },
    ]);
    expect(days).toEqual([
      { date: '2026-10-30', cost_micros: 0 },
      { date: '2026-10-31', cost_micros: 5 },
      { date: '2026-11-01', cost_micros: 0 },
      { date: '2026-11-02', cost_micros: 0 },
    ]);
  });
});
