import type { DatedRoute } from '#application/gateway/price-book';
import type { Target } from '#domain/providers/model-catalog';
import { type Modality, ModelPrice, type ModelPriceId, type Rates } from '#domain/providers/model-price';

/** Rates as text, whether they were written as JSON numbers or as strings: no driver makes a float of them. */
export interface ModelPriceRow {
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  readonly modality: Modality;
  readonly rates: Readonly<Record<string, string>>;
  readonly above_tokens: number | null;
  readonly long_rates: Readonly<Record<string, string>> | null;
  readonly traits: {
    readonly context_tokens?: number | null;
    readonly max_output_tokens?: number | null;
    readonly features?: readonly string[];
  };
  readonly effective_from: Date;
  readonly source: string;
}

export interface ModelRouteRow {
  readonly model: string;
  readonly effective_from: Date;
  readonly targets: readonly Target[];
  readonly source: string;
}

/** The columns of a ModelPriceRow, of `model_prices p`. */
export const PRICE_COLUMNS = `
  p.id, p.provider, p.model, p.modality, p.traits, p.effective_from, p.source,
  (select jsonb_object_agg(rate.key, rate.value) from jsonb_each_text(p.rates) rate) as rates,
  (p.long_context ->> 'above_tokens')::int as above_tokens,
  (select jsonb_object_agg(rate.key, rate.value) from jsonb_each_text(p.long_context -> 'rates') rate) as long_rates`;

export function modelPriceOf(row: ModelPriceRow): ModelPrice {
  const { context_tokens = null, max_output_tokens = null, features = [] } = row.traits;
  return new ModelPrice(
    row.id as ModelPriceId,
    row.provider,
    row.model,
    row.modality,
    ratesOf(row.rates),
    row.above_tokens === null ? null : { aboveTokens: row.above_tokens, rates: ratesOf(row.long_rates ?? {}) },
    { contextTokens: context_tokens, maxOutputTokens: max_output_tokens, features },
    row.effective_from,
    row.source,
  );
}

export function modelRouteOf({ model, effective_from, targets, source }: ModelRouteRow): DatedRoute {
  return {
    model,
    effectiveFrom: effective_from,
    targets: targets.map((target) => ({ provider: target.provider, model: target.model })),
    source,
  };
}

/** Integers as text: no reader makes a float of them. */
export function writtenRates(rates: Rates): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(rates).map(([unit, rate]) => [unit, String(rate)]));
}

function ratesOf(rates: Readonly<Record<string, string>>): Rates {
  return Object.fromEntries(Object.entries(rates).map(([unit, rate]) => [unit, BigInt(rate)]));
}
