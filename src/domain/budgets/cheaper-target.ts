import type { ModelOffer } from '../providers/model-catalog.js';
import { ModelPrice, type Rates, UnitNotPriced } from '../providers/model-price.js';
import type { AiUnit } from '../providers/ai-usage.js';
import type { Money } from '../shared/money.js';

/** Somebody who serves the same route for less, whatever of it is used. */
export interface CheaperTarget {
  readonly current: ModelPrice;
  readonly target: ModelPrice;
  /** The name that callers reach both by. */
  readonly route: string;
  /** What the same usage costs there, at the prices in force; exactly that where all of its units are cheaper alike. */
  readonly mostCost: Money;
}

/**
 * The cheapest of those who serve a route that `provider` serves with `model`. One that is dearer in any unit is left out:
 * nothing says how much of it will be used. Null for none.
 */
export function findCheaperTarget(
  offers: readonly ModelOffer[],
  { provider, model, cost }: { readonly provider: string; readonly model: string; readonly cost: Money },
): CheaperTarget | null {
  const found = offers.flatMap(({ model: route, targets }) => {
    const current = targets.find((one) => one.provider === provider && one.model === model);
    if (!current) return [];
    return targets.flatMap((target) => {
      const ratio = target === current ? null : findRatio(current, target);
      if (ratio === null || ratio.of >= ratio.per) return [];
      return [{ current, target, route, mostCost: cost.timesRoundedUp(ratio.of, ratio.per) }];
    });
  });
  return found.reduce<CheaperTarget | null>(
    (cheapest, one) => (cheapest === null || one.mostCost.isLessThan(cheapest.mostCost) ? one : cheapest),
    null,
  );
}

/** The part of the price that the other asks for at most. */
interface Ratio {
  readonly of: bigint;
  readonly per: bigint;
}

/** Null when the two cannot be compared, or one is for nothing. */
function findRatio(current: ModelPrice, target: ModelPrice): Ratio | null {
  if (current.modality !== target.modality) return null;
  const isAlike = current.longContext?.aboveTokens === target.longContext?.aboveTokens;
  const [mine, theirs] = [ratesOf(current), ratesOf(target)];
  const pairs = isAlike
    ? mine.map((rates, index) => [rates, theirs[index]!] as const)
    : mine.flatMap((rates) => theirs.map((others) => [rates, others] as const));
  let most: Ratio | null = null;
  for (const [rates, others] of pairs) {
    for (const unit of new Set([...Object.keys(rates), ...Object.keys(others)])) {
      const [per, of] = [findRate(current, rates, unit), findRate(target, others, unit)];
      // What the one in use has no price for is not used.
      if (per === null) continue;
      if (of === null) return null;
      if (per === 0n && of > 0n) return null;
      if (per > 0n && (most === null || of * most.per > most.of * per)) most = { of, per };
    }
  }
  return most;
}

/** The usual ones, and those of a long context where it has any. */
function ratesOf({ rates, longContext }: ModelPrice): readonly Rates[] {
  return longContext === null ? [rates] : [rates, { ...rates, ...longContext.rates }];
}

/** As ModelPrice charges it, which knows what is priced like another unit. */
function findRate(price: ModelPrice, rates: Rates, unit: string): bigint | null {
  if (rates[unit] !== undefined) return rates[unit];
  if (unit.startsWith('image')) return null;
  const { id, provider, model, modality, traits, effectiveFrom, source } = price;
  const flat = new ModelPrice(id, provider, model, modality, rates, null, traits, effectiveFrom, source);
  try {
    const million = { quantities: { [unit as AiUnit]: 1_000_000 }, source: 'estimate', image: null } as const;
    return flat.costOf(million, 0).micros;
  } catch (error) {
    if (error instanceof UnitNotPriced) return null;
    throw error;
  }
}
