import type { LongContextRates, Modality, ModelTraits, Rates } from '#domain/providers/model-price';
import type { AiUnit } from '#domain/providers/ai-usage';
import { findExactRate } from './exact-rate.js';

/** One entry of LiteLLM's table: USD for a single unit, by field. */
export type LiteLlmEntry = Readonly<Record<string, unknown>>;

export interface EntryPrice {
  readonly rates: Rates;
  readonly longContext: LongContextRates | null;
  readonly rounded: readonly string[];
  /** Why it must not be used: none when it can be. */
  readonly faults: readonly string[];
}

const TOKEN_FIELDS: readonly (readonly [AiUnit, string])[] = [
  ['input_token', 'input_cost_per_token'],
  ['cached_token', 'cache_read_input_token_cost'],
  ['cache_write_token', 'cache_creation_input_token_cost'],
  ['cache_write_1h_token', 'cache_creation_input_token_cost_above_1hr'],
  ['audio_token', 'input_cost_per_audio_token'],
  ['output_token', 'output_cost_per_token'],
  ['reasoning_token', 'output_cost_per_reasoning_token'],
];

/** What a chat can be charged for besides, and what is not metered: to serve it would be to give that away. */
const UNMETERED = [
  'output_cost_per_audio_token',
  'output_cost_per_image',
  'output_cost_per_image_token',
  'input_cost_per_request',
  'input_cost_per_query',
];

/** The price in an entry. `variant` is the rate's name of an image, such as `image/high/1024x1024`. */
export function entryPrice(entry: LiteLlmEntry, modality: Modality, variant: string): EntryPrice {
  const fields = new PriceFields(entry);
  const [rates, longContext] =
    modality === 'chat'
      ? [chatRates(fields), longContextRates(fields)]
      : modality === 'image'
        ? [imageRates(fields, variant), null]
        : [transcriptionRates(fields), null];
  return { rates, longContext, rounded: fields.rounded, faults: fields.faults };
}

export function entryTraits(entry: LiteLlmEntry): ModelTraits {
  const tokens = (name: string): number | null => {
    const value = entry[name];
    return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;
  };
  return {
    contextTokens: tokens('max_input_tokens'),
    maxOutputTokens: tokens('max_output_tokens'),
    features: FEATURES.filter(([, field]) => entry[field] === true).map(([feature]) => feature),
  };
}

const FEATURES: readonly (readonly [feature: string, field: string])[] = [
  ['tools', 'supports_function_calling'],
  ['vision', 'supports_vision'],
  ['json', 'supports_response_schema'],
  ['reasoning', 'supports_reasoning'],
];

function chatRates(fields: PriceFields): Rates {
  const rates = tokenRates(fields, '');
  fields.must(rates['input_token'] !== undefined, 'it has no input_cost_per_token');
  fields.must(rates['output_token'] !== undefined, 'it has no output_cost_per_token');
  fields.must(!fields.has('tiered_pricing'), 'its price has tiers (tiered_pricing), which are not read');
  for (const name of UNMETERED) {
    fields.must((fields.find(name) ?? 0n) === 0n, `it also charges by ${name}, which is not metered`);
  }
  return rates;
}

function longContextRates(fields: PriceFields): LongContextRates | null {
  const bounds = fields.longContextBounds();
  if (bounds.length === 0) return null;
  const thousands = bounds.length === 1 ? bounds[0]! : null;
  fields.must(thousands !== null, `it has rates above ${bounds.join('k and ')}k tokens: one bound can be kept`);
  return thousands === null
    ? null
    : { aboveTokens: thousands * 1000, rates: tokenRates(fields, `_above_${thousands}k_tokens`) };
}

/** OpenAI's images have their price under input, others under output. */
function imageRates(fields: PriceFields, variant: string): Rates {
  const rate = fields.findEither('input_cost_per_image', 'output_cost_per_image');
  return rate === null ? {} : { [variant]: rate };
}

function transcriptionRates(fields: PriceFields): Rates {
  const tokens = tokenRates(fields, '');
  const output = fields.find('output_cost_per_second');
  // Beside a price for tokens it says that the text is free, not the sound.
  const saysNothing = output === 0n && Object.values(tokens).some((rate) => rate !== 0n);
  const second = saysNothing
    ? fields.find('input_cost_per_second')
    : fields.findEither('input_cost_per_second', 'output_cost_per_second');
  fields.must(second !== null, 'it has no price for a second, so what it costs is not known before it is sent');
  return second === null ? tokens : { audio_second: second, ...tokens };
}

function tokenRates(fields: PriceFields, suffix: string): Rates {
  const rates = TOKEN_FIELDS.map(([unit, field]) => [unit, fields.find(field + suffix)] as const);
  return Object.fromEntries(rates.filter((rate): rate is [AiUnit, bigint] => rate[1] !== null));
}

/** Reads fields, and notes what is wrong with them. */
class PriceFields {
  readonly faults: string[] = [];
  readonly rounded: string[] = [];

  constructor(private readonly entry: LiteLlmEntry) {}

  has(name: string): boolean {
    return this.entry[name] !== undefined && this.entry[name] !== null;
  }

  must(holds: boolean, fault: string): void {
    if (!holds) this.faults.push(fault);
  }

  /** Null when it is absent; zero is a price. */
  find(name: string): bigint | null {
    if (!this.has(name)) return null;
    const read = findExactRate(this.entry[name]);
    // Routers write -1 for a price that hangs on the request.
    const isPrice = read !== null && read.rate >= 0n;
    this.must(isPrice, `${name} is ${JSON.stringify(this.entry[name])}, which is no price`);
    if (read?.rounded && !this.rounded.includes(name)) this.rounded.push(name);
    if (!isPrice) return null;
    return read.rate;
  }

  /** One price under either of two names. The table writes 0 into the one that it does not use. */
  findEither(input: string, output: string): bigint | null {
    const [one, other] = [this.find(input), this.find(output)];
    if (one === null || other === null || one === other) return one ?? other;
    this.must(one === 0n || other === 0n, `${input} and ${output} differ, and which is charged is not said`);
    return one === 0n ? other : one;
  }

  /** In thousands of tokens. */
  longContextBounds(): readonly number[] {
    const bounds = Object.keys(this.entry)
      .map((name) => /^(.+)_above_(\d+)k_tokens$/.exec(name))
      .filter((parts) => parts !== null && this.has(parts[0]) && TOKEN_FIELDS.some(([, field]) => field === parts[1]))
      .map((parts) => Number(parts![2]));
    return [...new Set(bounds)].sort((a, b) => a - b);
  }
}
