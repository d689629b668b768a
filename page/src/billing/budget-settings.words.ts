import { wordsOf } from '../words/page-words';

export interface BudgetSettingsWords {
  readonly title: string;
  readonly askOperator: string;
  readonly limit: string;
  readonly limitHint: string;
  readonly ofPlan: (limit: string) => string;
  readonly mode: string;
  readonly period: string;
  readonly periods: Readonly<Record<'monthly' | 'weekly' | 'daily' | 'custom', string>>;
  readonly days: string;
  readonly everyDays: (days: string) => string;
  readonly newPeriod: string;
  readonly thresholds: string;
  readonly yellow: string;
  readonly orange: string;
  readonly red: string;
  readonly save: string;
  readonly saved: string;
  readonly unchanged: string;
  readonly faults: Readonly<Record<'limit' | 'limitRequired' | 'days' | 'thresholds', string>>;
  readonly forbidden: string;
  readonly reset: string;
  readonly resetTitle: string;
  readonly resetText: (spent: string) => string;
  readonly resetDone: string;
}

export const BUDGET_SETTINGS = wordsOf('budgetSettings');
