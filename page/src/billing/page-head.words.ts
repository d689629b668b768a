import { wordsOf } from '../words/page-words';

export interface HeadWords {
  readonly title: string;
  readonly skip: string;
  readonly back: string;
  readonly signOut: string;
  readonly language: string;
  readonly ends: (minutes: string) => string;
}

export const PAGE_HEAD = wordsOf('pageHead');
