/** US dollars in whole micro-dollars: 1 USD is 1 000 000. No float ever touches it. */
export class Money {
  private constructor(readonly micros: bigint) {}

  static readonly zero = new Money(0n);

  static ofMicros(micros: bigint): Money {
    return new Money(micros);
  }

  /** The smaller of two. */
  static least(one: Money, other: Money): Money {
    return one.micros <= other.micros ? one : other;
  }

  static sum(amounts: readonly Money[]): Money {
    return new Money(amounts.reduce((sum, { micros }) => sum + micros, 0n));
  }

  plus(other: Money): Money {
    return new Money(this.micros + other.micros);
  }

  minus(other: Money): Money {
    return new Money(this.micros - other.micros);
  }

  negated(): Money {
    return new Money(-this.micros);
  }

  isLessThan(other: Money): boolean {
    return this.micros < other.micros;
  }

  equals(other: Money): boolean {
    return this.micros === other.micros;
  }

  get isZero(): boolean {
    return this.micros === 0n;
  }

  get isPositive(): boolean {
    return this.micros > 0n;
  }

  /** This amount × quantity ÷ per, rounded half up to the micro-dollar: the one rounding a charge has. */
  timesRoundedHalfUp(quantity: bigint, per: bigint): Money {
    const doubled = 2n * this.micros * quantity + per;
    return new Money(doubled / (2n * per));
  }

  /** The same, rounded up: for what must not be too little. */
  timesRoundedUp(quantity: bigint, per: bigint): Money {
    return new Money((this.micros * quantity + per - 1n) / per);
  }

  /** For the wire: a JSON number, exact to nine billion dollars; beyond that it throws rather than round. */
  toNumber(): number {
    const value = Number(this.micros);
    if (!Number.isSafeInteger(value)) throw new RangeError(`${this.micros} micro-dollars do not fit a JSON number.`);
    return value;
  }
}
