import type { Json } from './stripe-objects.js';

/**
 * The first boundary of a price's cycle after `after`, counted from the anchor: one on the 31st falls on the last day of shorter
 * months, and on the 31st again afterwards (https://docs.stripe.com/billing/subscriptions/billing-cycle). Seconds.
 */
export function boundaryAfter(anchor: number, { interval, interval_count: count }: Json, after: number): number {
  const months = interval === 'year' ? 12 * Number(count) : Number(count);
  let steps = 0;
  while (moved(anchor, steps * months) <= after) steps++;
  return moved(anchor, steps * months);
}

function moved(anchor: number, months: number): number {
  const from = new Date(anchor * 1000);
  const lastDay = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months + 1, 0)).getUTCDate();
  const to = new Date(from);
  to.setUTCDate(1);
  to.setUTCMonth(from.getUTCMonth() + months);
  to.setUTCDate(Math.min(from.getUTCDate(), lastDay));
  return to.getTime() / 1000;
}
