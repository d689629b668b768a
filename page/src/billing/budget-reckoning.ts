import type { BudgetDayResponse } from '#interfaces/http/budgets/budget-report.response';
import type { BudgetSettingsResponse, BudgetStatusResponse } from '#interfaces/http/budgets/budget.response';

const DAY_MS = 24 * 60 * 60 * 1000;
const MICROS_PER_DOLLAR = 1_000_000;
const MOST_DOLLARS = 10_000;

/** Before this share of a period one busy hour makes a pace of its own. */
const EARLY = 0.1;

/** Whether enough of the period went by for its pace to mean something. */
export function hasPace(period: Pick<BudgetStatusResponse, 'period_start' | 'period_end' | 'as_of'>): boolean {
  const [start, end, now] = [period.period_start, period.period_end, period.as_of].map((at) => Date.parse(at)) as [
    number,
    number,
    number,
  ];
  return now - start >= (end - start) * EARLY;
}

/** In percent of the whole; nothing of nothing is none of it. */
export function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : (part / whole) * 100;
}

interface Spent {
  readonly date: string;
  readonly cost_micros: number;
}

/** Every UTC day from the period's first to the last that counts, also those on which nothing was spent. */
export function everyDay(
  period: { readonly period_start: string; readonly as_of: string },
  days: readonly Pick<BudgetDayResponse, 'date' | 'cost_micros'>[],
): readonly Spent[] {
  const spent = new Map(days.map(({ date, cost_micros: micros }) => [date, micros]));
  const all: Spent[] = [];
  const last = Date.parse(period.as_of);
  for (let at = Date.parse(period.period_start.slice(0, 10)); at <= last; at += DAY_MS) {
    const date = new Date(at).toISOString().slice(0, 10);
    all.push({ date, cost_micros: spent.get(date) ?? 0 });
  }
  return all;
}

/** What stands in the fields of the form. */
export interface BudgetForm {
  /** US dollars; empty for the plan's budget. */
  readonly limit: string;
  readonly mode: BudgetSettingsResponse['mode'];
  readonly period: BudgetSettingsResponse['budget_period'];
  readonly days: string;
  readonly yellow: string;
  readonly orange: string;
  readonly red: string;
}

export type BudgetFault = 'limit' | 'limitRequired' | 'days' | 'thresholds';

export function formOf(settings: BudgetSettingsResponse): BudgetForm {
  return {
    limit: settings.limit_micros === null ? '' : dollarsOf(settings.limit_micros),
    mode: settings.mode,
    period: settings.budget_period,
    days: String(settings.custom_period_days ?? 14),
    yellow: String(settings.alert_threshold_yellow),
    orange: String(settings.alert_threshold_orange),
    red: String(settings.alert_threshold_red),
  };
}

/** What the server would refuse, found before it is asked. */
export function faultsOf(form: BudgetForm): ReadonlySet<BudgetFault> {
  const faults = new Set<BudgetFault>();
  const limit = microsOf(form.limit);
  if (form.limit.trim() === '') {
    if (form.period !== 'monthly') faults.add('limitRequired');
  } else if (limit === null || limit > MOST_DOLLARS * MICROS_PER_DOLLAR) faults.add('limit');
  const days = wholeOf(form.days);
  if (form.period === 'custom' && (days === null || days < 1 || days > 365)) faults.add('days');
  const [yellow, orange, red] = [form.yellow, form.orange, form.red].map(wholeOf);
  const ascend = yellow && orange && red && yellow < orange && orange < red && red <= 100;
  if (!ascend) faults.add('thresholds');
  return faults;
}

/** Only what differs from what is: what is not named stays. Of a form without faults. */
export function changesOf(form: BudgetForm, settings: BudgetSettingsResponse): Readonly<Record<string, unknown>> {
  const isCustom = form.period === 'custom';
  const wished: Readonly<Record<string, unknown>> = {
    limit_micros: microsOf(form.limit),
    mode: form.mode,
    budget_period: form.period,
    custom_period_days: isCustom ? wholeOf(form.days) : settings.custom_period_days,
    alert_threshold_yellow: wholeOf(form.yellow),
    alert_threshold_orange: wholeOf(form.orange),
    alert_threshold_red: wholeOf(form.red),
  };
  return Object.fromEntries(
    Object.entries(wished).filter(([name, value]) => value !== settings[name as keyof BudgetSettingsResponse]),
  );
}

/** Exact: the digits, never a product of fractions. Null for what is no amount. */
export function microsOf(dollars: string): number | null {
  const [, whole, fraction = ''] = /^(\d{1,6})(?:\.(\d{1,6}))?$/.exec(dollars.trim()) ?? [];
  return whole === undefined ? null : Number(whole) * MICROS_PER_DOLLAR + Number(fraction.padEnd(6, '0'));
}

function dollarsOf(micros: number): string {
  const whole = Math.floor(micros / MICROS_PER_DOLLAR);
  const fraction = String(micros % MICROS_PER_DOLLAR)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return fraction === '' ? String(whole) : `${whole}.${fraction.padEnd(2, '0')}`;
}

function wholeOf(text: string): number | null {
  return /^\d{1,3}$/.test(text.trim()) ? Number(text) : null;
}
