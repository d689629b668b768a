import type { BillingPeriod } from './billing-period.js';
import type { LimitUse } from './limit-use.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A pace read from less than this would be a guess. */
const FEWEST_DAYS = 3;
const FEWEST_EVENTS = 3;

export const CONFIDENCES = ['low', 'medium', 'high'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

export const INSUFFICIENCIES = ['open_period', 'period_too_young', 'too_few_events'] as const;

export type Projection =
  | { readonly status: 'insufficient_data'; readonly reason: (typeof INSUFFICIENCIES)[number] }
  | {
      readonly status: 'projected';
      /** Used by the end of the period if it goes on at the pace so far, in the unit of the use. */
      readonly projected: number;
      readonly confidence: Confidence;
      /** When that pace meets the limit within this period; null when it does not, or when the limit is met already. */
      readonly limitDate: Date | null;
    };

/** Where `use` ends if the pace of this period so far holds. `events` is how many things made it up. */
export function projectionOf(use: LimitUse, events: number, period: BillingPeriod, now: Date): Projection {
  if (period.start === null || period.end === null) return insufficient('open_period');
  const elapsed = now.getTime() - period.start.getTime();
  if (elapsed < FEWEST_DAYS * DAY_MS) return insufficient('period_too_young');
  if (events < FEWEST_EVENTS || use.used === 0) return insufficient('too_few_events');

  const length = period.end.getTime() - period.start.getTime();
  const projected = Math.max(use.used + use.held, Math.round((use.used * length) / elapsed));
  const confidence = confidenceOf(elapsed, length, events);
  return { status: 'projected', projected, confidence, limitDate: limitDateOf(use, elapsed, period.end, now) };
}

function insufficient(reason: (typeof INSUFFICIENCIES)[number]): Projection {
  return { status: 'insufficient_data', reason };
}

/** High from ten events in half a period on, medium from five in a week. */
function confidenceOf(elapsed: number, length: number, events: number): Confidence {
  if (elapsed * 2 >= length && events >= 10) return 'high';
  return elapsed >= 7 * DAY_MS && events >= 5 ? 'medium' : 'low';
}

function limitDateOf({ used, remaining }: LimitUse, elapsed: number, end: Date, now: Date): Date | null {
  if (remaining === 'unlimited' || remaining === 0) return null;
  const date = new Date(now.getTime() + Math.ceil((remaining * elapsed) / used));
  return date < end ? date : null;
}
