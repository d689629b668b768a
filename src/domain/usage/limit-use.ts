import type { Limit } from '../shared/limit.js';

/** How much of one limit is used and held, all in the limit's own unit. */
export class LimitUse {
  constructor(
    readonly used: number,
    readonly held: number,
    readonly limit: Limit,
  ) {}

  /** What can still be asked for. Never negative, although a smaller plan may leave more used than it allows. */
  get remaining(): Limit {
    return this.limit === 'unlimited' ? 'unlimited' : Math.max(0, this.limit - this.used - this.held);
  }

  /** Used, in percent of the limit and more than 100 when it was passed; null when unlimited: there is nothing to fill. */
  get percentage(): number | null {
    return percentageOf(this.used, this.limit);
  }

  /** Used and held, in percent of the limit: what a decision compares. */
  get takenPercentage(): number | null {
    return percentageOf(this.used + this.held, this.limit);
  }

  /** Whether this much, and nothing more, fits into the limit. */
  get fits(): boolean {
    return this.limit === 'unlimited' || this.used + this.held <= this.limit;
  }
}

/** One decimal, rounded down: 99.96 % must not read as if all were used. A limit of nothing is full from the start. */
function percentageOf(amount: number, limit: Limit): number | null {
  if (limit === 'unlimited') return null;
  return limit === 0 ? 100 : Math.floor((amount * 1000) / limit) / 10;
}
