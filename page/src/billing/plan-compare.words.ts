import type { BillingCycle } from '#domain/billing/billing-cycle';
import { wordsOf } from '../words/page-words';

export interface PlanCompareWords {
  readonly title: string;
  readonly cycle: string;
  readonly cycles: Readonly<Record<BillingCycle, string>>;
  readonly saves: (percent: string) => string;
  readonly per: Readonly<Record<BillingCycle, string>>;
  readonly yours: string;
  readonly smallest: string;
  readonly planned: string;
  readonly peak: (periods: number) => string;
  readonly of: (used: string, limit: string) => string;
  readonly fits: string;
  readonly tooSmall: (limits: string) => string;
  readonly fitsOne: string;
  readonly fitsNotOne: string;
  readonly trial: (days: string) => string;
  readonly credit: (amount: string) => string;
  readonly subscribe: (plan: string) => string;
  readonly change: (plan: string) => string;
  readonly blocked: string;
}

export const PLAN_COMPARE = wordsOf('planCompare');
