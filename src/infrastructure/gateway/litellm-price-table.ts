import { injectable } from 'inversify';
import {
  type LeftOutEntry,
  type PriceCandidate,
  type PriceTable,
  type PriceTableContents,
  PriceTableUnreadable,
} from '#application/gateway/price-table';
import type { Modality, ModelTraits } from '#domain/providers/model-price';
import { entryPrice, entryTraits, type LiteLlmEntry } from './litellm-entry.js';

/** LiteLLM's name of a provider, and ours. */
const PROVIDERS: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  openrouter: 'openrouter',
  fireworks_ai: 'fireworks',
  together_ai: 'together',
  mistral: 'mistral',
  dashscope: 'dashscope',
  deepseek: 'deepseek',
};

const MODALITIES: Readonly<Record<string, Modality>> = {
  chat: 'chat',
  image_generation: 'image',
  audio_transcription: 'transcription',
};

/** The entry that documents the fields. */
const SAMPLE = 'sample_spec';

/**
 * LiteLLM's public table: one flat JSON object, by the model's name with what else its price hangs on before it
 * (https://github.com/BerriAI/litellm, model_prices_and_context_window.json).
 */
@injectable()
export class LiteLlmPriceTable implements PriceTable {
  read(text: string, own: readonly string[]): PriceTableContents {
    const [candidates, leftOut] = [new Map<string, Named[]>(), [] as LeftOutEntry[]];
    for (const [key, entry] of Object.entries(tableIn(text))) {
      if (key === SAMPLE) continue;
      const read = namedPrice(key, entry, own);
      if ('reason' in read) leftOut.push(read);
      else candidates.set(nameOf(read), [...(candidates.get(nameOf(read)) ?? []), read]);
    }
    const merged = [...candidates.values()].map(mergedPrice);
    return {
      candidates: merged.flatMap((one) => one.candidates),
      leftOut: [...leftOut, ...merged.flatMap((one) => one.leftOut)],
    };
  }
}

interface Named extends PriceCandidate {
  readonly key: string;
}

function tableIn(text: string): Readonly<Record<string, unknown>> {
  let table: unknown;
  try {
    table = JSON.parse(text);
  } catch (error) {
    throw new PriceTableUnreadable(`it is no JSON (${(error as Error).message})`);
  }
  if (!isObject(table)) throw new PriceTableUnreadable('it is no JSON object with an entry for each model');
  return table;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function namedPrice(key: string, entry: unknown, own: readonly string[]): Named | LeftOutEntry {
  const theirs = isObject(entry) ? String(entry['litellm_provider']) : '';
  const provider = Object.hasOwn(PROVIDERS, theirs) ? PROVIDERS[theirs]! : own.includes(theirs) ? theirs : null;
  const bare = key.startsWith(`${theirs}/`) ? key.slice(theirs.length + 1) : key;
  const leftOut = (reason: string): LeftOutEntry => ({ entry: key, provider, model: bare, reason });
  if (!isObject(entry)) return leftOut('it is no JSON object');
  if (provider === null) return leftOut(`its provider ${theirs} is not served, unless --provider names it`);
  const mode = String(entry['mode']);
  if (!Object.hasOwn(MODALITIES, mode)) return leftOut(`its mode ${mode} is not served`);
  const modality = MODALITIES[mode]!;
  const { model, variant } = modality === 'image' ? imageNamed(bare) : { model: bare, variant: '' };
  const { rates, longContext, rounded, faults } = entryPrice(entry, modality, variant);
  if (faults.length > 0) return { ...leftOut(faults.join('; ')), model };
  return {
    key,
    provider,
    model,
    modality,
    rates,
    longContext,
    traits: entryTraits(entry),
    source: sourceOf(key, entry),
    rounded: rounded.map((field) => `${key}: ${field}`),
  };
}

const QUALITIES = new Set(['low', 'medium', 'high', 'standard', 'hd', 'auto']);

/** `medium/1024-x-1536/gpt-image-1.5`: the quality, the size, and then the name. */
function imageNamed(key: string): { readonly model: string; readonly variant: string } {
  const parts = key.split('/');
  const quality = QUALITIES.has(parts[0]!) ? parts.shift()! : null;
  const size = /^(\d+)-x-(\d+)$/.exec(parts[0]!);
  if (size) parts.shift();
  return {
    model: parts.join('/'),
    variant: ['image', quality, size && `${size[1]}x${size[2]}`].filter((part) => part !== null).join('/'),
  };
}

function sourceOf(key: string, { source }: LiteLlmEntry): string {
  const page = typeof source === 'string' && source !== '' ? ` (${source})` : '';
  return `LiteLLM's price table, ${key}${page}`;
}

function nameOf({ provider, model }: PriceCandidate): string {
  return `${provider}/${model}`;
}

/** One model of entries that may be many: an image's variants make one price, anything else must say the same. */
function mergedPrice(entries: readonly Named[]): PriceTableContents {
  const { key, ...first } = entries[0]!;
  const leftOut = (reason: string): PriceTableContents => ({
    candidates: [],
    leftOut: entries.map((one) => ({ entry: one.key, provider: one.provider, model: one.model, reason })),
  });
  const contradicting = entries.find((one) => contradict(entries[0]!, one));
  if (contradicting) {
    return leftOut(
      `${key} and ${contradicting.key} name different prices of ${first.model}, and which holds is not said`,
    );
  }
  const rates = Object.assign({}, ...entries.map((one) => one.rates)) as PriceCandidate['rates'];
  const agree = entries.every((one) => Object.entries(one.rates).every(([unit, rate]) => rates[unit] === rate));
  if (!agree) return leftOut('its entries name different prices of the same image');
  if (Object.keys(rates).length === 0) {
    return leftOut('it has no price for an image, so what it costs is not known before it is made');
  }
  const rounded = entries.flatMap((one) => one.rounded);
  return { candidates: [{ ...first, rates, traits: mergedTraits(entries), rounded }], leftOut: [] };
}

function contradict(one: Named, other: Named): boolean {
  if (one.modality !== other.modality) return true;
  if (one.modality === 'image') return false;
  const said = ({ rates, longContext }: Named): string =>
    JSON.stringify([sorted(rates), longContext && [longContext.aboveTokens, sorted(longContext.rates)]]);
  return said(one) !== said(other);
}

function sorted(rates: PriceCandidate['rates']): readonly (readonly [string, string])[] {
  return Object.keys(rates)
    .sort()
    .map((unit) => [unit, String(rates[unit])] as const);
}

function mergedTraits(entries: readonly Named[]): ModelTraits {
  return {
    contextTokens: entries.find((one) => one.traits.contextTokens !== null)?.traits.contextTokens ?? null,
    maxOutputTokens: entries.find((one) => one.traits.maxOutputTokens !== null)?.traits.maxOutputTokens ?? null,
    features: [...new Set(entries.flatMap((one) => one.traits.features))],
  };
}
