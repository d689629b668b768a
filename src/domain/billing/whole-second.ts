/** Providers count whole seconds. */
export function wholeSecond(at: Date): Date {
  return new Date(Math.floor(at.getTime() / 1000) * 1000);
}

/** Now, in a period that has begun: also where the clock of whoever began it is ahead of ours. */
export function instantWithin(periodStart: Date, now: Date): Date {
  return wholeSecond(now < periodStart ? periodStart : now);
}
