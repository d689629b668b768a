import type { ModelPrice } from '../providers/model-price.js';
import { InvalidValue } from '../shared/domain-exception.js';
import { Money } from '../shared/money.js';
import type { ServiceType } from './budget-ledger.js';

/** What work is counted in where the gateway does not price it. */
export type RateUnit = 'input_token' | 'output_token' | 'minute' | 'character' | 'operation';

/** One dated price of one unit: of a model, or of a whole service where the model is not known. */
export interface ServiceRate {
  /** Null, like the model: the default of the service. */
  readonly provider: string | null;
  readonly model: string | null;
  readonly service: ServiceType;
  readonly unit: RateUnit;
  /** Micro-USD for a million units: 250 000 for tokens is 0.00025 USD for a thousand. */
  readonly microsPerMillion: bigint;
  readonly effectiveFrom: Date;
  /** Where the price was read. */
  readonly source: string;
}

/** What is asked about: work that was not done yet. */
export interface CostQuestion {
  readonly provider: string;
  readonly model: string;
  /** `llm`, `stt`, `tts`, `image`; anything else is work of an unknown kind. */
  readonly service: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly minutes: number;
  readonly characters: number;
}

/** All that a question can be answered from, as it is in force at one moment. */
export interface KnownPrices {
  /** The gateway's own; null where it does not serve the model. */
  readonly price: ModelPrice | null;
  /** Of the model, in any service. None: it is not known. */
  readonly rates: readonly ServiceRate[];
  /** Of the services. */
  readonly defaults: readonly ServiceRate[];
}

/** How sure an estimate is: counted in tokens; in minutes or characters; a guess; not even that. */
export type Confidence = 0.9 | 0.85 | 0.5 | 0.1;

export type EstimateBasis = 'model_price' | 'rate' | 'fallback' | 'minimal';

export interface CostEstimate {
  readonly cost: Money;
  readonly provider: string;
  readonly model: string;
  readonly service: string;
  /** In and out; zero for what is not counted in tokens. */
  readonly tokens: number;
  readonly confidence: Confidence;
  readonly basis: EstimateBasis;
  /** Where the price was read, and since when it holds; null where there was none. */
  readonly rate: { readonly source: string; readonly effectiveFrom: Date } | null;
}

/** Prices of work outside the gateway, dated like the gateway's own. */
export abstract class CostRates {
  /** The rates of a model and the defaults of every service, all as in force at `at`. */
  abstract inForce(provider: string, model: string, at: Date): Promise<Omit<KnownPrices, 'price'>>;
}

/** What anything is taken to cost when nothing at all has a price. */
const MINIMAL = Money.ofMicros(10_000n);

const MILLION = 1_000_000n;
const MINUTE_MS = 60_000n;

/** Nothing that is asked about has more of anything: a million hours, or every token of a year. */
export const MOST_UNITS = 1_000_000_000_000;

/**
 * By the model's own price where there is one, which is never replaced by a guess: what it has no unit for, or is asked
 * nothing of, costs nothing, and is told with half the confidence. Else by the default of its service; else a cent.
 * Throws InvalidValue for quantities that cannot be.
 */
export function costEstimate(question: CostQuestion, { price, rates, defaults }: KnownPrices): CostEstimate {
  mustBeCountable(question);
  const service = serviceOf(question.service);
  if (price) {
    const known = pricedByModel(question, service, price);
    if (known) return estimate(question, known.cost, known.confidence, 'model_price', price);
  }
  if (rates.length > 0) {
    const fitting = rates.filter((rate) => rate.service === service);
    const isCounted = fitting.some(({ unit }) => quantityOf(unit, question).count > 0n);
    const confidence = !isCounted ? 0.5 : service === 'llm' ? 0.9 : 0.85;
    return estimate(question, costBy(fitting, question), confidence, 'rate', fitting[0] ?? rates[0]!);
  }
  // Drawn, or of a kind that nobody knows: both are taken to cost what one operation does.
  const kind = service === 'image' ? 'other' : service;
  const usual = defaults.filter((rate) => rate.service === kind);
  if (usual.length > 0) return estimate(question, costBy(usual, question), 0.5, 'fallback', usual[0]!);
  return estimate(question, MINIMAL, 0.1, 'minimal', null);
}

const MODALITY_OF = { llm: 'chat', stt: 'transcription', image: 'image', tts: null, other: null } as const;

/** Null when the gateway has no price for all of it: then it is not known there. */
function pricedByModel(
  { inputTokens, outputTokens, minutes }: CostQuestion,
  service: ServiceType,
  price: ModelPrice,
): { readonly cost: Money; readonly confidence: Confidence } | null {
  if (price.modality !== MODALITY_OF[service]) return { cost: Money.zero, confidence: 0.5 };
  const audioSeconds = Math.ceil(millisecondsOf(minutes) / 1000);
  const demand = {
    ...{ inputTokens, outputTokens, audioSeconds, cacheWrites: false, choices: 1, images: 1 },
    image: null,
  };
  if (!price.covers(demand)) return null;
  // Nobody said which one: the dearest it may be.
  if (service === 'image') return { cost: price.mostOf(demand, 0), confidence: 0.5 };
  const quantities =
    service === 'llm' ? { input_token: inputTokens, output_token: outputTokens } : { audio_second: audioSeconds };
  const cost = price.costOf({ quantities, source: 'estimate', image: null }, 0);
  const isCounted = Object.values(quantities).some((quantity) => quantity > 0);
  return { cost, confidence: !isCounted ? 0.5 : service === 'llm' ? 0.9 : 0.85 };
}

/** Rounded half up once, over all units together. */
function costBy(rates: readonly ServiceRate[], question: CostQuestion): Money {
  const perMillion = rates.reduce((sum, { unit, microsPerMillion }) => {
    const { count, per } = quantityOf(unit, question);
    return sum + microsPerMillion * count * (MINUTE_MS / per);
  }, 0n);
  return Money.ofMicros(perMillion).timesRoundedHalfUp(1n, MILLION * MINUTE_MS);
}

/** So many parts of a unit, which has `per` of them. */
function quantityOf(unit: RateUnit, question: CostQuestion): { readonly count: bigint; readonly per: bigint } {
  switch (unit) {
    case 'input_token':
      return { count: BigInt(question.inputTokens), per: 1n };
    case 'output_token':
      return { count: BigInt(question.outputTokens), per: 1n };
    case 'minute':
      return { count: BigInt(millisecondsOf(question.minutes)), per: MINUTE_MS };
    case 'character':
      return { count: BigInt(question.characters), per: 1n };
    case 'operation':
      return { count: 1n, per: 1n };
  }
}

function estimate(
  { provider, model, service, inputTokens, outputTokens }: CostQuestion,
  cost: Money,
  confidence: Confidence,
  basis: EstimateBasis,
  by: { readonly source: string; readonly effectiveFrom: Date } | null,
): CostEstimate {
  const tokens = service === 'llm' ? inputTokens + outputTokens : 0;
  const rate = by && { source: by.source, effectiveFrom: by.effectiveFrom };
  return { cost, provider, model, service, tokens, confidence, basis, rate };
}

function serviceOf(service: string): ServiceType {
  return service === 'llm' || service === 'stt' || service === 'tts' || service === 'image' ? service : 'other';
}

/** To the millisecond: 5.1 minutes are 306 000 and not a float beside it. */
function millisecondsOf(minutes: number): number {
  return Math.round(minutes * Number(MINUTE_MS));
}

/** What work of a service is counted in; nothing where one operation costs what it costs. */
const COUNTED_IN: Readonly<Record<ServiceType, readonly (keyof Quantities)[]>> = {
  llm: ['input_tokens', 'output_tokens'],
  stt: ['minutes'],
  tts: ['characters'],
  image: [],
  other: [],
};

interface Quantities {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly minutes: number;
  readonly characters: number;
}

/** Throws InvalidValue `no_quantity`: what is counted, and asked about without a quantity, would seem to be for nothing. */
export function mustBeOfSomething(question: CostQuestion): void {
  const needed = COUNTED_IN[serviceOf(question.service)];
  const quantities = quantitiesOf(question);
  if (needed.length === 0 || needed.some((name) => quantities[name] !== 0)) return;
  throw new InvalidValue(
    'no_quantity',
    `Work of the service type ${question.service} is counted in ${needed.join(' and ')}, and nothing of it is asked about. Give ${needed.join(' or ')}.`,
    { service_type: question.service, needed },
  );
}

function quantitiesOf({ inputTokens, outputTokens, minutes, characters }: CostQuestion) {
  return { input_tokens: inputTokens, output_tokens: outputTokens, minutes, characters };
}

function mustBeCountable(question: CostQuestion): void {
  for (const [name, quantity] of Object.entries(quantitiesOf(question))) {
    const isWhole = name === 'minutes' || Number.isInteger(quantity);
    if (quantity >= 0 && quantity <= MOST_UNITS && isWhole) continue;
    const what = name === 'minutes' ? 'a number' : 'a whole number';
    throw new InvalidValue('invalid_quantity', `${name} is ${what} from 0 to ${MOST_UNITS}, not ${quantity}.`, {
      field: name,
      value: quantity,
    });
  }
}
