import { wordsOf } from '../words/page-words';

export interface ChangeWords {
  readonly now: string;
  readonly later: (from: string, date: string, to: string) => string;
  readonly toFree: string;
  readonly endsTrial: string;
  readonly money: string;
  readonly dueNow: string;
  readonly noCharge: string;
  readonly limits: string;
  readonly limit: string;
  readonly from: string;
  readonly to: string;
  readonly used: string;
  readonly stays: (used: string, limit: string) => string;
  readonly tooSmall: string;
  readonly confirm: string;
  readonly confirmPay: (amount: string) => string;
  readonly schedule: (date: string) => string;
}

export const CHANGE = wordsOf('change');
