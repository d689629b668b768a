import type { Duration } from '../shared/duration.js';
import { DomainException } from '../shared/domain-exception.js';
import type { Id } from '../shared/id.js';
import { Money } from '../shared/money.js';

export type RateCardId = Id<'RateCard'>;

/** One dated price of one provider's model. A later one replaces it from its own date on; none is ever changed. */
export class RateCard {
  constructor(
    readonly id: RateCardId,
    readonly provider: string,
    readonly model: string,
    readonly microsPerMinute: bigint,
    readonly effectiveFrom: Date,
    /** Where the price was read. */
    readonly source: string,
  ) {}

  /** Price of so much audio: per second of it, rounded half up to the micro-dollar once. */
  costOf(duration: Duration): Money {
    return Money.ofMicros(this.microsPerMinute).timesRoundedHalfUp(BigInt(duration.seconds), 60n);
  }
}

export abstract class RateCards {
  /** The price in force at `at`. Throws ModelNotPriced: what has no price is not served. */
  abstract priceOf(provider: string, model: string, at: Date): Promise<RateCard>;

  /** By id, for settling by the price that was held by. Throws when it does not exist: rate cards are never removed. */
  abstract get(id: RateCardId): Promise<RateCard>;
}

export class ModelNotPriced extends DomainException {
  constructor(provider: string, model: string, at: Date) {
    super(
      'model_not_priced',
      `${provider} ${model} has no price at ${at.toISOString()}, so it is not served. Add a rate card for it.`,
      { provider, model, at: at.toISOString() },
      'unavailable',
    );
  }
}
