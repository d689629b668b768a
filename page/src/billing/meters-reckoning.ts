import type { LimitUseResponse, MinutesUseResponse } from '#interfaces/http/usage/current-usage.response';
import type { UsagePredictionResponse } from '#interfaces/http/usage/usage-outlook.response';

export type Level = 'fine' | 'near' | 'full' | 'over';

/** How a limit stands, by what is used and what running work holds: those two are what the next request is compared with. */
export function levelOf(taken: number, limit: number): Level {
  if (taken > limit) return 'over';
  if (taken >= limit) return 'full';
  return taken * 100 >= limit * 80 ? 'near' : 'fine';
}

/** What a bar shows: minutes to the second, since 199 minutes and one second of 200 are not all of them. */
export function barOf(use: LimitUseResponse | MinutesUseResponse): { readonly used: number; readonly held: number } {
  return 'used_seconds' in use ? { used: use.used_seconds / 60, held: use.held_seconds / 60 } : use;
}

export interface Pace {
  readonly projected: number;
  readonly limit: number | 'unlimited';
  /** When it meets the limit within this period. */
  readonly meetsAt: string | null;
}

/** Of so young a period a pace says nothing. */
const YOUNG = 0.1;

interface Span {
  readonly period_start: string | null;
  readonly period_end: string | null;
}

/** Where a use ends at the pace so far; null where that is not known, and where nothing more can come of it. */
export function paceOf(
  prediction: UsagePredictionResponse,
  { period_start, period_end }: Span,
  now: Date,
): Pace | null {
  const { status, projected, limit, used, estimated_limit_date: meetsAt } = prediction;
  if (status !== 'projected' || projected === null || period_start === null || period_end === null) return null;
  const [start, end] = [Date.parse(period_start), Date.parse(period_end)];
  if (now.getTime() - start < (end - start) * YOUNG) return null;
  // Beyond the limit nothing is admitted, so a pace would foretell what cannot be.
  if (limit !== 'unlimited' && used >= limit) return null;
  return { projected, limit, meetsAt };
}
