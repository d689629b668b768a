import type { Span } from './usage-over-time-reckoning';
import { wordsOf } from '../words/page-words';

export interface UsageWords {
  readonly title: string;
  readonly show: string;
  readonly spans: Readonly<Record<Span, string>>;
  readonly columns: Readonly<Record<Span, string>>;
  readonly chart: (total: string, most: string, when: string) => string;
  readonly failed: string;
  readonly asTable: string;
  readonly byProvider: string;
  readonly provider: string;
  readonly share: string;
  readonly runs: string;
  readonly first: string;
  readonly nothing: string;
  readonly download: string;
}

export const USAGE = wordsOf('usage');
