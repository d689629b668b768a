import { wordsOf } from '../words/page-words';

export interface BudgetWords {
  readonly title: string;
  readonly hidden: string;
  readonly spent: (limit: string) => string;
  readonly meter: (used: string, limit: string, held: string) => string;
  readonly left: string;
  readonly held: string;
  readonly estimated: string;
  readonly resets: string;
  readonly atTheEnd: string;
  readonly projection: (cost: string, limit: string, day: string) => string;
  readonly levels: Readonly<Record<'green' | 'yellow' | 'orange' | 'red' | 'critical' | 'over', string>>;
  readonly modes: Readonly<Record<'alert_only' | 'block' | 'fallback', string>>;
  readonly alerts: string;
  readonly noAlerts: string;
  readonly alertReached: (percent: string, used: string, limit: string) => string;
  readonly alertForecast: (projected: string, limit: string) => string;
  readonly advice: string;
  readonly noAdvice: string;
  readonly urgent: (used: string, limit: string, day: string) => string;
  readonly cheaper: (model: string, cost: string, other: string, most: string) => string;
  readonly saves: (amount: string) => string;
  readonly warning: (projected: string, limit: string) => string;
  readonly breakdown: string;
  readonly nothingSpent: string;
  readonly byProvider: string;
  readonly byService: string;
  readonly byModel: string;
  readonly byDay: string;
  readonly chart: (days: string, total: string) => string;
  readonly dearest: string;
  readonly provider: string;
  readonly service: string;
  readonly model: string;
  readonly day: string;
  readonly when: string;
  readonly operation: string;
  readonly cost: string;
  readonly share: string;
  readonly requests: string;
  readonly tokens: string;
  readonly estimate: string;
  readonly services: Readonly<Record<string, string>>;
}

export const BUDGET = wordsOf('budget');
