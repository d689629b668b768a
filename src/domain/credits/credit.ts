import { InvalidValue } from '../shared/domain-exception.js';
import { Money } from '../shared/money.js';

/** One credit is a cent of prepaid money: 0.01 USD. */
const MICROS_PER_CREDIT = 10_000n;
const CREDITS_PER_USD = 100n;

/** The largest sum that one purchase or one grant can name, whatever an installation allows of it: a million USD. */
export const MOST_USD = 1_000_000;

/** US dollars with at most two decimals, as 10, 10.5 or '10.00'; no sign, no exponent. */
const USD = /^(\d{1,9})(?:\.(\d{1,2}))?$/;

/** Whole credits and up to four decimals, which are whole micro-dollars. */
const CREDITS = /^(-?)(\d{1,12})(?:\.(\d{1,4}))?$/;

/**
 * How many credits a sum of US dollars buys: 10.00 are 1000. Throws InvalidValue `invalid_amount` for zero, anything
 * negative, more than two decimals, or more than a million.
 */
export function calculateCreditAmount(usd: number | string): number {
  const [, whole, fraction = ''] = USD.exec(String(usd)) ?? [];
  const credits = whole === undefined ? null : BigInt(whole) * CREDITS_PER_USD + BigInt(fraction.padEnd(2, '0'));
  if (credits === null || credits === 0n || credits > BigInt(MOST_USD) * CREDITS_PER_USD) {
    throw new InvalidValue(
      'invalid_amount',
      `An amount is above 0 and at most ${MOST_USD} USD, with at most two decimals, not ${usd}.`,
      { amount: String(usd), maximum: MOST_USD },
    );
  }
  return Number(credits);
}

/** The money that so many credits are. Throws InvalidValue `invalid_credits` for what is finer than a micro-dollar. */
export function moneyOfCredits(credits: number | string): Money {
  const [, sign, whole, fraction = ''] = CREDITS.exec(String(credits)) ?? [];
  if (whole === undefined) {
    throw new InvalidValue('invalid_credits', `Credits are a number with at most four decimals, not ${credits}.`, {
      credits: String(credits),
    });
  }
  const micros = BigInt(whole) * MICROS_PER_CREDIT + BigInt(fraction.padEnd(4, '0'));
  return Money.ofMicros(sign === '-' ? -micros : micros);
}

/**
 * For people and for the wire: credits, with up to four decimals and never rounded. Calculated as text, so that it is the
 * number that is meant; throws RangeError beyond what a JSON number holds to that place.
 */
export function creditsOf({ micros }: Money): number {
  const magnitude = micros < 0n ? -micros : micros;
  if (magnitude > BigInt(Number.MAX_SAFE_INTEGER))
    throw new RangeError(`${micros} micro-dollars do not fit a JSON number.`);
  const fraction = (magnitude % MICROS_PER_CREDIT).toString().padStart(4, '0');
  return Number(`${micros < 0n ? '-' : ''}${magnitude / MICROS_PER_CREDIT}.${fraction}`);
}
