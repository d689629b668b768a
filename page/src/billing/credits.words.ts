import type { CreditTransactionResponse } from '#interfaces/http/credits/credit.response';
import type { Outcome, Reference } from './credits-reckoning';
import { wordsOf } from '../words/page-words';

export interface CreditWords {
  readonly title: string;
  readonly credits: (count: string) => string;
  readonly available: string;
  readonly worth: (money: string) => string;
  readonly balance: string;
  readonly held: string;
  readonly debt: (credits: string) => string;
  readonly expiring: string;
  readonly buy: string;
  readonly buyFor: (credits: string, price: string) => string;
  readonly popular: string;
  readonly currency: string;
  readonly asking: string;
  readonly cameIn: (credits: string) => string;
  readonly outcomes: Readonly<Record<Exclude<Outcome, 'paid'>, string>>;
  readonly payNow: string;
  readonly entries: string;
  readonly none: string;
  readonly date: string;
  readonly what: string;
  readonly amount: string;
  readonly after: string;
  readonly owed: (credits: string) => string;
  readonly details: string;
  readonly paidBy: (credits: string, grant: string) => string;
  readonly references: Readonly<Record<Reference['kind'], string>>;
  readonly range: (first: string, last: string, total: string) => string;
  readonly newer: string;
  readonly older: string;
  readonly types: Readonly<Record<CreditTransactionResponse['type'], string>>;
}

export const CREDITS = wordsOf('credits');
