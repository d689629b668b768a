import { plainToInstance, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsInt,
  IsNumber,
  IsObject,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
  type ValidationError,
  validateSync,
} from 'class-validator';
import { MOST_USD, moneyOfCredits } from '#domain/credits/credit';
import type { CreditOffer } from '#domain/payments/credit-package';

/** Everything that is wrong with an offer, each fault with the path of the value. */
export class OfferInvalid extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`the offer of credit is not valid: ${faults.join('; ')}`);
  }
}

const MOST_MINOR = MOST_USD * 100;

class PackageInFile {
  @Matches(/^[a-z0-9][a-z0-9_-]{0,62}$/, { message: 'id is lower-case letters, digits, - and _' })
  id!: string;

  @IsString()
  @Length(1, 100)
  name!: string;

  @IsNumber()
  @Min(1)
  @Max(MOST_MINOR)
  credits!: number;

  @IsObject()
  prices!: Record<string, unknown>;

  @IsBoolean()
  popular: boolean = false;
}

class OfferInFile {
  @IsArray()
  @ArrayMaxSize(50)
  @ArrayUnique((one: PackageInFile) => one?.id, { message: 'no two packages have the same id' })
  @ValidateNested({ each: true })
  @Type(() => PackageInFile)
  packages!: PackageInFile[];

  /** Cents of a US dollar. Stripe takes no less than half a dollar: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
  @IsInt()
  @Min(50)
  @Max(MOST_MINOR)
  minimum_amount!: number;

  @IsInt()
  @Max(MOST_MINOR)
  maximum_amount!: number;
}

/**
 * The offer that `json` describes: `{"packages": [{"id", "name", "credits", "prices": {"usd": 1000}, "popular"}], "minimum_amount",
 * "maximum_amount"}`, prices in each currency's minor unit. Nothing is guessed, and nothing unknown is passed over. Throws
 * OfferInvalid.
 */
export function creditOfferOf(json: unknown): CreditOffer {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) throw new OfferInvalid(['it is not an object']);
  const file = plainToInstance(OfferInFile, json);
  const faults = validateSync(file, { whitelist: true, forbidNonWhitelisted: true }).flatMap((error) =>
    faultsOf(error),
  );
  if (faults.length === 0) faults.push(...priceFaults(file));
  if (faults.length === 0 && file.minimum_amount > file.maximum_amount) {
    faults.push('minimum_amount is above maximum_amount');
  }
  if (faults.length > 0) throw new OfferInvalid(faults);
  return {
    packages: file.packages.map(({ id, name, credits, prices, popular }) => ({
      id,
      displayName: name,
      credit: moneyOfCredits(credits),
      prices: prices as Record<string, number>,
      popular,
    })),
    leastCents: file.minimum_amount,
    mostCents: file.maximum_amount,
  };
}

function faultsOf({ property, constraints, children = [] }: ValidationError, path = ''): readonly string[] {
  const here = `${path}${property}`;
  const own = Object.values(constraints ?? {}).map((fault) => `${here}: ${fault}`);
  return [...own, ...children.flatMap((child) => faultsOf(child, `${here}.`))];
}

function priceFaults({ packages }: OfferInFile): readonly string[] {
  return packages.flatMap(({ id, credits, prices }) => {
    if (!/^\d+(\.\d{1,4})?$/.test(String(credits))) return [`packages ${id}: credits have at most four decimals`];
    const entries = Object.entries(prices);
    if (entries.length === 0) return [`${id}.prices: a package has a price in at least one currency`];
    return entries
      .filter(([currency, price]) => !/^[a-z]{3}$/.test(currency) || !isPrice(price))
      .map(([currency]) => `${id}.prices.${currency}: a currency (usd) and a whole number of its minor unit above 0`);
  });
}

const isPrice = (price: unknown): boolean =>
  Number.isInteger(price) && (price as number) > 0 && (price as number) <= MOST_MINOR;
