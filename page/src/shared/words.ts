import type { LoadedWords } from './locale';

/** What every section may say. A section's own are named in `<section>.words.ts`. */
export interface CommonWords {
  readonly loading: string;
  readonly retry: string;
  readonly close: string;
  readonly cancel: string;
  readonly more: string;
  readonly unlimited: string;
  readonly sandbox: string;
  readonly stale: (moment: string) => string;
  readonly unreachable: string;
  readonly broken: string;
  readonly copy: string;
  readonly copied: string;
  readonly opensElsewhere: string;
  readonly requestId: (id: string) => string;
}

export const COMMON: LoadedWords<CommonWords> = { loaded: 'common' };
