import type { AiUsage } from '#domain/providers/ai-usage';
import { ModelPrice, UnitNotPriced } from '#domain/providers/model-price';
import type { PriceCandidate } from './price-table.js';
import { kindOfUnit, rateInUsd, type UnitKind } from './rate-in-usd.js';

/** What is charged for a unit before and after; null where it has no price. */
export interface RateDifference {
  /** A unit, or `input_token above 200000 tokens`. */
  readonly name: string;
  readonly unit: string;
  readonly before: bigint | null;
  readonly after: bigint | null;
  /** Too large a step to be taken without a person's word. */
  readonly flagged: boolean;
}

/**
 * Each rate that differs. What has no rate of its own is compared by what it is charged like. A step is flagged when it is more
 * than half of the price before, to or from zero, or takes the price away; a price where there was none is no step.
 */
export function rateDifferences(before: ModelPrice | null, after: ModelPrice): readonly RateDifference[] {
  const named = (price: ModelPrice | null): readonly string[] =>
    Object.keys({ ...price?.rates, ...price?.longContext?.rates });
  const units = [...new Set([...named(before), ...named(after)])];
  const bounds = [before, after].map((price) => price?.longContext?.aboveTokens).filter((bound) => bound !== undefined);
  const ranges = [null, ...new Set(bounds)].map((bound) =>
    units.map((unit) => {
      const [was, is] = [before && chargedFor(before, unit, bound), chargedFor(after, unit, bound)];
      const name = bound === null ? unit : `${unit} above ${bound} tokens`;
      return { name, unit, before: was, after: is, flagged: isLargeStep(was, is) };
    }),
  );
  return ranges.flat().filter((difference) => difference.before !== difference.after);
}

function isLargeStep(before: bigint | null, after: bigint | null): boolean {
  if (before === null) return false;
  if (after === null) return true;
  const step = after > before ? after - before : before - after;
  return 2n * step > before;
}

/** Micro-USD for a million units in a request with more input than `above` tokens. */
function chargedFor(price: ModelPrice, unit: string, above: number | null): bigint | null {
  const { longContext } = price;
  const rates = longContext && above !== null && above >= longContext.aboveTokens ? longContext.rates : {};
  const flat = new ModelPrice(
    price.id,
    price.provider,
    price.model,
    price.modality,
    { ...price.rates, ...rates },
    null,
    price.traits,
    price.effectiveFrom,
    price.source,
  );
  try {
    return flat.costOf(aMillion(unit), 0).micros;
  } catch (error) {
    if (error instanceof UnitNotPriced) return null;
    throw error;
  }
}

function aMillion(unit: string): AiUsage {
  if (kindOfUnit(unit) !== 'image') return { quantities: { [unit]: 1_000_000 }, source: 'estimate', image: null };
  const [size, quality] = [
    /\d+x\d+$/.exec(unit)?.[0] ?? null,
    /^image\/([^/]*[a-z][^/]*)(?:\/|$)/.exec(unit)?.[1] ?? null,
  ];
  const image = { size, quality: quality === size ? null : quality };
  return { quantities: { image: 1_000_000 }, source: 'estimate', image };
}

/** A rate that is surely a slip of the unit, in words; null when it is plausible. Exactly zero is: it is for free. */
export function findSlip({ provider, model, rates, longContext }: PriceCandidate): string | null {
  const all = [...Object.entries(rates), ...Object.entries(longContext?.rates ?? {})];
  const slips = all.flatMap(([unit, rate]) => {
    const [least, most] = PLAUSIBLE[kindOfUnit(unit)];
    if (rate === 0n || (rate >= least && rate <= most)) return [];
    const bound = rate < least ? `below ${rateInUsd(unit, least)}` : `above ${rateInUsd(unit, most)}`;
    return [`${unit} would be ${rateInUsd(unit, rate)}, ${bound}`];
  });
  return slips.length === 0 ? null : `${provider} ${model}: ${slips.join('; ')}`;
}

/** A hundred times below the cheapest and ten times above the dearest that was ever sold, by the kind of unit. */
const PLAUSIBLE: Readonly<Record<UnitKind, readonly [least: bigint, most: bigint]>> = {
  token: [100n, 1_000_000_000n],
  second: [1_000_000n, 100_000_000_000n],
  image: [100_000_000n, 10_000_000_000_000n],
};
