/** A rate in micro-USD for a million units, and whether it had to be rounded to be a whole number. */
export interface ExactRate {
  readonly rate: bigint;
  readonly rounded: boolean;
}

/** USD for one unit × 10^6 micro-dollars × 10^6 units. */
const PLACES = 12;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i;

/**
 * The rate that USD for a single unit make, by moving the decimal point: 7.5e-7 is 750 000. Null for what is no number.
 * A JSON number is read by its shortest decimal form, which is what was written up to 15 digits (ECMA-262, Number::toString).
 */
export function findExactRate(usdPerUnit: unknown): ExactRate | null {
  if (typeof usdPerUnit !== 'number' && typeof usdPerUnit !== 'string') return null;
  const parts = DECIMAL.exec(String(usdPerUnit).trim());
  if (!parts) return null;
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts;
  const digits = BigInt(whole + fraction);
  const shift = PLACES + Number(exponent) - fraction.length;
  const scale = 10n ** BigInt(Math.abs(shift));
  const magnitude = shift >= 0 ? digits * scale : (2n * digits + scale) / (2n * scale);
  return { rate: sign ? -magnitude : magnitude, rounded: shift < 0 && digits % scale !== 0n };
}
