import type { AiDemand, AiUsage } from '#domain/providers/ai-usage';
import { ModelPrice } from '#domain/providers/model-price';
import { Money } from '#domain/shared/money';
import type { LoggedCost } from './ai-usage-evidence.js';

export interface AiCosts {
  readonly cost: Money;
  readonly providerCost: Money;
}

const NOTHING_ASKED: AiDemand = {
  inputTokens: 0,
  cacheWrites: false,
  outputTokens: 0,
  choices: 0,
  audioSeconds: 0,
  images: 0,
  image: null,
};

const NOTHING: AiCosts = { cost: Money.zero, providerCost: Money.zero };

/**
 * What an entry's usage costs by the requested model's price and that of who answered (null: nobody): the caller pays the
 * lesser of both, and of an estimate no more than was held. Mostly one answer. Where who answered has no price for what was counted, it was charged as the request asked
 * for, which the log does not keep word for word: then, everything that the caller may have asked for. Throws UnitNotPriced.
 */
export function recomputedCosts(entry: LoggedCost, price: ModelPrice, served: ModelPrice | null): readonly AiCosts[] {
  if (served === null) return [NOTHING];
  const { usage, markup, held } = entry;
  const priced = price.costOf(usage, markup);
  const own = usage.source === 'estimate' ? Money.least(priced, held) : priced;
  if (served.id === price.id) return [{ cost: own, providerCost: price.costOf(usage, 0) }];
  return chargedAs(entry, price, served).map(([tariff, used]) => ({
    cost: Money.least(own, tariff.costOf(used, markup)),
    providerCost: tariff.costOf(used, 0),
  }));
}

function chargedAs(
  entry: LoggedCost,
  price: ModelPrice,
  served: ModelPrice,
): readonly (readonly [ModelPrice, AiUsage])[] {
  const { usage, modality } = entry;
  if (modality === 'chat' || isPriced(served, usage)) return [[served, usage]];
  if (modality === 'image') {
    const images: AiUsage = { ...usage, image: null };
    return Object.entries(served.rates)
      .filter(([name]) => name === 'image' || name.startsWith('image/'))
      .map(([, rate]) => [withImagesAt(served, rate), images]);
  }
  return secondsHeldFor(entry, price).map((seconds) => [
    served,
    { ...usage, quantities: { audio_second: seconds }, image: null },
  ]);
}

/** Nothing was asked for, so anything that is not priced as it is would become something else. */
function isPriced(served: ModelPrice, usage: AiUsage): boolean {
  return served.chargeable(usage, NOTHING_ASKED) === usage;
}

function withImagesAt({ id, provider, model, traits, effectiveFrom, source }: ModelPrice, rate: bigint): ModelPrice {
  return new ModelPrice(id, provider, model, 'image', { image: rate }, null, traits, effectiveFrom, source);
}

/** The whole seconds that as much was held for. */
function secondsHeldFor({ held, markup }: LoggedCost, price: ModelPrice): readonly number[] {
  const costOf = (seconds: number) => price.mostOf({ ...NOTHING_ASKED, audioSeconds: seconds }, markup);
  const ofMillion = costOf(1_000_000);
  if (ofMillion.isZero) return [];
  const about = Number((held.micros * 1_000_000n) / ofMillion.micros);
  // A rate below a micro-dollar a second leaves several that cost the same.
  const reach = Math.ceil(1_000_000 / Number(ofMillion.micros)) + 1;
  return Array.from({ length: 2 * reach + 1 }, (_, index) => about - reach + index).filter(
    (seconds) => seconds >= 0 && costOf(seconds).equals(held),
  );
}
