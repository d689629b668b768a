export const VERDICTS = ['ok', 'warning', 'broken', 'unavailable'] as const;
/**
 * `warning`: works, and will not for ever. `broken`: data is not as it must be, and stays so until somebody mends it.
 * `unavailable`: something that must run or be reachable is not.
 */
export type Verdict = (typeof VERDICTS)[number];

/** What was looked at, what was seen, and what to do next. */
export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  readonly summary: string;
  readonly next: string | null;
}

export function ok(check: string, summary: string): Finding {
  return { check, verdict: 'ok', summary, next: null };
}

export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
