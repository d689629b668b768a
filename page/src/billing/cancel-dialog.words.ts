import { wordsOf } from '../words/page-words';

export interface CancelWords {
  readonly title: (plan: string) => string;
  readonly atEnd: (date: string) => string;
  readonly atEndMeans: (plan: string) => string;
  readonly now: string;
  readonly nowMeans: (plan: string) => string;
  readonly noRefund: string;
  readonly loses: string;
  readonly instead: (becomes: string, was: string) => string;
  readonly keep: (plan: string) => string;
  readonly done: string;
}

export const CANCEL = wordsOf('cancel');
