import type { PlanAction, StandingKind } from './plan-card-standing';
import { wordsOf } from '../words/page-words';

type Says = (at: string, plan: string) => string;

export interface PlanCardWords {
  readonly title: string;
  readonly badge: Readonly<Record<StandingKind, (day: string) => string>>;
  readonly says: Readonly<Record<StandingKind, Says>>;
  readonly action: Readonly<Record<PlanAction | 'change', string>>;
  readonly price: string;
  readonly next: string;
  readonly retry: string;
  readonly on: (amount: string, date: string) => string;
  readonly card: string;
  readonly cardEnding: (brand: string, last4: string) => string;
  readonly pending: string;
  readonly from: (plan: string, date: string) => string;
  readonly waiting: string;
  readonly changed: (plan: string) => string;
  readonly slow: string;
  readonly reactivated: string;
}

export const PLAN_CARD = wordsOf('planCard');
