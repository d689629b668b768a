import { DomainException } from '../shared/domain-exception.js';
import type { Id } from '../shared/id.js';
import { Money } from '../shared/money.js';
import { type AiDemand, type AiUnit, type AiUsage, type ImageVariant, inputTokensOf } from './ai-usage.js';
import { plausibleUsage } from './plausible-usage.js';

export type ModelPriceId = Id<'ModelPrice'>;

export const MODALITIES = ['chat', 'image', 'transcription'] as const;
export type Modality = (typeof MODALITIES)[number];

/**
 * Micro-USD for a million units, by unit: 150 000 for input_token is 0.15 USD for a million tokens. Images may be priced by
 * variant: `image/high/1024x1024`, `image/1024x1024` or `image`. Zero is a price: what is absent has none.
 */
export type Rates = Readonly<Record<string, bigint>>;

/** Rates that replace the others for a whole request whose input is above a bound. */
export interface LongContextRates {
  readonly aboveTokens: number;
  readonly rates: Rates;
}

/** What a model can take and do, as its provider describes it. */
export interface ModelTraits {
  readonly contextTokens: number | null;
  readonly maxOutputTokens: number | null;
  /** `tools`, `vision`, `json`, `reasoning`, … */
  readonly features: readonly string[];
}

/** Hundredths of a percent on top of the provider's price. */
export type BasisPoints = number;

/** What an answer may have at most when neither its request nor its model says. */
const OUTPUT_TOKENS_UNLESS_SAID = 16_384;

/** A unit without a rate of its own is priced like another. */
const PRICED_LIKE: Readonly<Partial<Record<string, AiUnit>>> = {
  cached_token: 'input_token',
  cache_write_token: 'input_token',
  cache_write_1h_token: 'cache_write_token',
  audio_token: 'input_token',
  reasoning_token: 'output_token',
};

/** What a provider may count tokens as, whatever was asked of it. */
const READ: readonly AiUnit[] = ['input_token', 'cached_token', 'audio_token'];
const CACHED_ON_REQUEST: readonly AiUnit[] = ['cache_write_token', 'cache_write_1h_token'];
const WRITTEN: readonly AiUnit[] = ['output_token', 'reasoning_token'];

const RATE_IS_FOR = 1_000_000n;
const WHOLE = 10_000n;

/** One dated price of one provider's model. A later one replaces it from its own date on; none is ever changed. */
export class ModelPrice {
  constructor(
    readonly id: ModelPriceId,
    readonly provider: string,
    readonly model: string,
    readonly modality: Modality,
    readonly rates: Rates,
    readonly longContext: LongContextRates | null,
    readonly traits: ModelTraits,
    readonly effectiveFrom: Date,
    /** Where the price was read. */
    readonly source: string,
  ) {}

  /** Price of what was used, rounded half up to the micro-dollar once. Throws UnitNotPriced. */
  costOf(usage: AiUsage, markup: BasisPoints): Money {
    return charge(this.perMillion(usage), markup);
  }

  /**
   * The most that a request can cost, however its provider counts it: no usage within the demand costs more, but for a
   * transcription that is counted in tokens. Throws UnitNotPriced when any of it has no price.
   */
  mostOf(demand: AiDemand, markup: BasisPoints): Money {
    const { audioSeconds, images, image } = demand;
    if (this.modality === 'image') {
      const drawn = { quantities: { image: images }, source: 'estimate', image: this.dearestVariant(image) } as const;
      return reserve(this.perMillion(drawn), markup);
    }
    if (this.modality === 'transcription') {
      const heard = { quantities: { audio_second: audioSeconds }, source: 'estimate', image: null } as const;
      return reserve(this.perMillion(heard), markup);
    }
    const output = demand.outputTokens ?? demand.choices * (this.traits.maxOutputTokens ?? OUTPUT_TOKENS_UNLESS_SAID);
    const read = demand.cacheWrites ? [...READ, ...CACHED_ON_REQUEST] : READ;
    const withInput = (input: number): Money => {
      const rates = this.ratesFor(input);
      return reserve(this.dearest(rates, read, input) + this.dearest(rates, WRITTEN, output), markup);
    };
    const most = withInput(demand.inputTokens);
    // What is estimated above the bound of the long rates may turn out to be below it, where nothing says that it is cheaper.
    const short = withInput(Math.min(demand.inputTokens, this.longContext?.aboveTokens ?? demand.inputTokens));
    return most.isLessThan(short) ? short : most;
  }

  /** Whether it has a price for everything that a request can use. */
  covers(demand: AiDemand): boolean {
    try {
      this.mostOf(demand, 0);
      return true;
    } catch (error) {
      if (error instanceof UnitNotPriced) return false;
      throw error;
    }
  }

  /**
   * The usage as this price can charge it: no more than it can have been (plausibleUsage), and no image dearer than what was
   * asked for. What a provider reports in units that have no price here is charged as it was reserved: the seconds we measured,
   * or the dearest image that fits. Tokens of a chat are never made into anything else. What is changed is an estimate.
   */
  chargeable(reported: AiUsage, demand: AiDemand): AiUsage {
    const usage = plausibleUsage(reported, this.modality, this.traits, demand);
    const rates = this.ratesFor(inputTokensOf(usage));
    const isPriced = (unit: string) =>
      (unit === 'image' ? findImageRate(rates, usage.image) : findRate(rates, unit as AiUnit)) !== null;
    const isDearer = this.modality === 'image' && this.isDearerThanAsked(usage.image, demand.image);
    if (!isDearer && Object.entries(usage.quantities).every(([unit, quantity]) => !quantity || isPriced(unit))) {
      return usage;
    }
    if (this.modality === 'chat') return usage;
    if (this.modality === 'image') {
      return {
        quantities: { image: usage.quantities.image },
        source: 'estimate',
        image: this.dearestVariant(demand.image),
      };
    }
    return { quantities: { audio_second: demand.audioSeconds }, source: 'estimate', image: null };
  }

  /** In millionths of a micro-dollar, before any rounding. */
  private perMillion({ quantities, image, source }: AiUsage): bigint {
    const rates = this.ratesFor(inputTokensOf({ quantities, image, source }));
    return Object.entries(quantities).reduce(
      (sum, [unit, quantity]) => sum + (quantity ? BigInt(quantity) * this.rateOf(rates, unit as AiUnit, image) : 0n),
      0n,
    );
  }

  private ratesFor(inputTokens: number): Rates {
    if (this.longContext === null || inputTokens <= this.longContext.aboveTokens) return this.rates;
    return { ...this.rates, ...this.longContext.rates };
  }

  private rateOf(rates: Rates, unit: AiUnit, image: ImageVariant | null): bigint {
    const rate = unit === 'image' ? findImageRate(rates, image) : findRate(rates, unit);
    if (rate === null) throw new UnitNotPriced(this, unit, image);
    return rate;
  }

  /** As many tokens, at the dearest of the units that they can be counted as. */
  private dearest(rates: Rates, units: readonly AiUnit[], tokens: number): bigint {
    if (tokens === 0) return 0n;
    const dearest = units
      .map((unit) => this.rateOf(rates, unit, null))
      .reduce((most, rate) => (most < rate ? rate : most));
    return BigInt(tokens) * dearest;
  }

  private isDearerThanAsked(answered: ImageVariant | null, asked: ImageVariant | null): boolean {
    const rate = findImageRate(this.rates, answered);
    return rate !== null && rate > findImageRate(this.rates, this.dearestVariant(asked))!;
  }

  /** Of an image whose variant the provider decides in part or in whole, the dearest that it can decide for. */
  private dearestVariant(image: ImageVariant | null): ImageVariant {
    const asked = decided(image);
    const priced = imageVariants(this.rates);
    const qualities = asked.quality === null ? priced.map(({ quality }) => quality) : [asked.quality];
    const sizes = asked.size === null ? priced.map(({ size }) => size) : [asked.size];
    const fitting = qualities
      .flatMap((quality) => sizes.map((size) => ({ quality, size })))
      .flatMap((variant) => {
        const rate = findImageRate(this.rates, variant);
        return rate === null ? [] : [{ variant, rate }];
      });
    if (fitting.length === 0) throw new UnitNotPriced(this, 'image', image);
    return fitting.reduce((most, one) => (most.rate < one.rate ? one : most)).variant;
  }
}

/** The one rounding that a charge has. */
function charge(perMillion: bigint, markup: BasisPoints): Money {
  return Money.ofMicros(perMillion).timesRoundedHalfUp(WHOLE + BigInt(markup), RATE_IS_FOR * WHOLE);
}

/** What costs anything reserves something. */
function reserve(perMillion: bigint, markup: BasisPoints): Money {
  return Money.ofMicros(perMillion).timesRoundedUp(WHOLE + BigInt(markup), RATE_IS_FOR * WHOLE);
}

/** What callers may say for leaving it to the provider. */
const UNDECIDED = 'auto';

function decided(image: ImageVariant | null): ImageVariant {
  const { quality = null, size = null } = image ?? {};
  return { quality: quality === UNDECIDED ? null : quality, size: size === UNDECIDED ? null : size };
}

function findRate(rates: Rates, unit: AiUnit): bigint | null {
  for (let known: AiUnit | undefined = unit; known !== undefined; known = PRICED_LIKE[known]) {
    const rate = rates[known];
    if (rate !== undefined) return rate;
  }
  return null;
}

/** The most exact of the rates that fit: by quality and size, by size, by quality, for any. */
function findImageRate(rates: Rates, image: ImageVariant | null): bigint | null {
  const { quality, size } = decided(image);
  const names = [
    quality !== null && size !== null ? `image/${quality}/${size}` : null,
    size !== null ? `image/${size}` : null,
    quality !== null ? `image/${quality}` : null,
    'image',
  ];
  const name = names.find((one) => one !== null && rates[one] !== undefined);
  return name == null ? null : rates[name]!;
}

const SIZE = /^\d+x\d+$/;

/** The variants that have a rate: null where it is for any. */
function imageVariants(rates: Rates): readonly ImageVariant[] {
  return Object.keys(rates)
    .filter((name) => name === 'image' || name.startsWith('image/'))
    .map((name) => {
      const parts = name.split('/').slice(1);
      return {
        quality: parts.find((part) => !SIZE.test(part)) ?? null,
        size: parts.find((part) => SIZE.test(part)) ?? null,
      };
    });
}

/** What has no price is not served, and not given away either. */
export class UnitNotPriced extends DomainException {
  constructor({ provider, model }: ModelPrice, unit: AiUnit, image: ImageVariant | null) {
    const variant =
      unit === 'image' && image ? ` (${image.quality ?? 'any quality'}, ${image.size ?? 'any size'})` : '';
    super(
      'model_not_priced',
      `${provider} ${model} has no price for ${unit}${variant}, so it is not served. Ask for what the catalogue prices.`,
      { provider, model, unit, quality: image?.quality ?? null, size: image?.size ?? null },
      'invalid',
    );
  }
}
