import { calculateCreditAmount, moneyOfCredits } from '../credits/credit.js';
import { DomainException, InvalidValue } from '../shared/domain-exception.js';
import type { Money } from '../shared/money.js';

/** What is on sale: so much credit, for a price in each currency that it is sold in. */
export interface CreditPackage {
  readonly id: string;
  readonly displayName: string;
  readonly credit: Money;
  /** ISO 4217 in lower case → minor units. */
  readonly prices: Readonly<Record<string, number>>;
  readonly popular: boolean;
}

/** Server-side data, validated at start-up: the buyer names a package or an amount, never the credit. */
export interface CreditOffer {
  readonly packages: readonly CreditPackage[];
  /** The bounds of an amount of the buyer's choice, in cents of a US dollar. */
  readonly leastCents: number;
  readonly mostCents: number;
}

/** The offer of this installation. */
export abstract class CreditOffers {
  abstract readonly offer: CreditOffer;
}

export interface PricedOrder {
  readonly packageId: string | null;
  readonly amountMinor: number;
  readonly currency: string;
  readonly credit: Money;
}

/** The price of a package. Throws PackageUnknown, and CurrencyNotOffered when it has no price in that currency. */
export function pricedPackage({ packages }: CreditOffer, packageId: string, currency: string): PricedOrder {
  const found = packages.find(({ id }) => id === packageId);
  if (!found) throw new PackageUnknown(packageId, packages);
  if (!Object.hasOwn(found.prices, currency)) throw new CurrencyNotOffered(currency, Object.keys(found.prices));
  return { packageId, amountMinor: found.prices[currency]!, currency, credit: found.credit };
}

/** What an amount in cents buys. Throws InvalidValue `amount_out_of_range` and CurrencyNotOffered for all but US dollars. */
export function pricedAmount({ leastCents, mostCents }: CreditOffer, cents: number, currency: string): PricedOrder {
  if (currency !== 'usd') throw new CurrencyNotOffered(currency, ['usd']);
  if (!Number.isSafeInteger(cents) || cents < leastCents || cents > mostCents) {
    throw new InvalidValue(
      'amount_out_of_range',
      `An amount is from ${leastCents} to ${mostCents} cents, not ${cents}.`,
      {
        amount: cents,
        minimum: leastCents,
        maximum: mostCents,
        currency,
      },
    );
  }
  const usd = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
  return { packageId: null, amountMinor: cents, currency, credit: moneyOfCredits(calculateCreditAmount(usd)) };
}

export class PackageUnknown extends DomainException {
  constructor(packageId: string, packages: readonly CreditPackage[]) {
    super(
      'package_unknown',
      `There is no package "${packageId}". See GET /api/v1/payments/packages.`,
      { package_id: packageId, supported: packages.map(({ id }) => id) },
      'invalid',
    );
  }
}

/** Exchange rates are nobody's guess: a currency is sold at a price that was set for it, or not at all. */
export class CurrencyNotOffered extends DomainException {
  constructor(currency: string, supported: readonly string[]) {
    super(
      'currency_not_offered',
      `This is not sold in ${currency.toUpperCase()}. Choose one of: ${supported.join(', ')}.`,
      { currency, supported },
      'invalid',
    );
  }
}
