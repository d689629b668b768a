const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The only notion of "this month": half-open `[start, end)` in UTC instants, derived from the user's anchor.
 *
 * Boundary k is the anchor moved by k months and clamped to the length of that month, always computed from the
 * original anchor and never from boundary k − 1: 31 Jan, 28 Feb, 31 Mar. (Stripe's billing cycle anchor does the same:
 * https://docs.stripe.com/billing/subscriptions/billing-cycle)
 */
export class BillingPeriod {
  private constructor(
    /** Null in the open period alone, which has neither beginning nor end. */
    readonly start: Date | null,
    readonly end: Date | null,
  ) {}

  /** The period of an imported user who was never given a start: everything counts, until the first reset. */
  static readonly open = new BillingPeriod(null, null);

  /** The period of this anchor that contains `now`, however many months were missed. */
  static containing(now: Date, anchor: Date): BillingPeriod {
    const guess = (now.getUTCFullYear() - anchor.getUTCFullYear()) * 12 + now.getUTCMonth() - anchor.getUTCMonth();
    const inThisMonth = boundary(anchor, guess);
    return inThisMonth > now
      ? new BillingPeriod(boundary(anchor, guess - 1), inThisMonth)
      : new BillingPeriod(inThisMonth, boundary(anchor, guess + 1));
  }

  /** This period as far as `instant`, where a reset ended it: it keeps its start, by which everything in it is counted. */
  cutAt(instant: Date): BillingPeriod {
    return new BillingPeriod(this.start, this.end !== null && this.end < instant ? this.end : instant);
  }

  /** Started days until the next period; null for the open one, which never ends by itself. */
  daysLeftAt(now: Date): number | null {
    return this.end === null ? null : Math.max(0, Math.ceil((this.end.getTime() - now.getTime()) / DAY_MS));
  }

  contains(instant: Date): boolean {
    return (this.start === null || this.start <= instant) && (this.end === null || instant < this.end);
  }

  equals(other: BillingPeriod): boolean {
    return this.start?.getTime() === other.start?.getTime() && this.end?.getTime() === other.end?.getTime();
  }
}

/** The anchor moved by `k` months (negative: back), its day clamped to the month's length. */
export function boundary(anchor: Date, k: number): Date {
  const [year, month, day] = [anchor.getUTCFullYear(), anchor.getUTCMonth(), anchor.getUTCDate()];
  const timeOfDay = anchor.getTime() - Date.UTC(year, month, day);
  const first = Date.UTC(year, month + k, 1);
  const days = (Date.UTC(year, month + k + 1, 1) - first) / DAY_MS;
  return new Date(first + (Math.min(day, days) - 1) * DAY_MS + timeOfDay);
}
