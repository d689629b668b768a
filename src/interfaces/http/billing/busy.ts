import { SubscriptionBusy } from '#application/billing/billing-turns';
import { HttpProblem } from '../shared/problem.js';

/** What `deed` answers; who has to wait for another deed is told for how long. */
export async function orWhenToRetry<T>(deed: Promise<T>): Promise<T> {
  try {
    return await deed;
  } catch (error) {
    if (!(error instanceof SubscriptionBusy)) throw error;
    const { code, message, facts, retryAfterSeconds } = error;
    throw new HttpProblem(409, code, message, facts, { 'Retry-After': String(retryAfterSeconds) });
  }
}
