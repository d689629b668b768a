import {
  type AiDemand,
  type AiQuantities,
  type AiUnit,
  type AiUsage,
  inputTokensOf,
  outputTokensOf,
} from './ai-usage.js';
import type { Modality, ModelTraits } from './model-price.js';

/** A token is a byte of text at least, and a demand counts one for every three bytes: more than this cannot have been read. */
const MOST_TOKENS_PER_DEMANDED = 3;

/** What providers put before a request: instructions for the use of tools have about 350 tokens at Anthropic. */
const UNSEEN_INPUT_TOKENS = 4_096;

/** Ends of turns and the like, that some providers count beyond the bound: a fiftieth of it, and a few. */
const OUTPUT_SLACK_PARTS = 50;
const OUTPUT_SLACK_TOKENS = 64;

/** Of an answer, where neither its request nor its model says how long it can be. */
const LONGEST_ANSWER_TOKENS = 131_072;

/** Provider and we read the length of a recording differently, and some round up to minutes. */
const AUDIO_SLACK_SECONDS = 60;

/** Those who count recordings in tokens count 10 to 32 for a second; nobody says more words than this. */
const MOST_TOKENS_PER_AUDIO_SECOND = 50;

/**
 * How fast models that think write: 40 to 200 tokens a second (https://artificialanalysis.ai, output speed), most of them
 * below this.
 */
const THOUGHT_TOKENS_PER_SECOND = 100;

/**
 * What was used, as far as it can be: what a provider reports beyond that is cut down to what was asked for or measured, and
 * becomes an estimate. Answers the very same usage when nothing is beyond it.
 */
export function plausibleUsage(usage: AiUsage, modality: Modality, traits: ModelTraits, demand: AiDemand): AiUsage {
  switch (modality) {
    case 'chat':
      return plausibleChat(withThought(usage, traits, demand), traits, demand);
    case 'image':
      return (usage.quantities.image ?? 0) > demand.images ? cut(usage, { image: demand.images }) : usage;
    case 'transcription':
      return plausibleTranscript(usage, demand);
  }
}

/**
 * Nobody sees what a model thinks before it answers, and its count comes with the end of the answer. Where a stream was left
 * before, a model that thinks is taken to have thought all the time up to its first word, as fast as such models write, and no
 * more than the answer could have. A thought that was shown is counted by its text when that is more.
 */
function withThought(usage: AiUsage, traits: ModelTraits, demand: AiDemand): AiUsage {
  if (usage.quantities.silent_second === undefined) return usage;
  const { silent_second: silent = 0, ...quantities } = usage.quantities;
  if (!traits.features.includes('reasoning')) return { ...usage, quantities };
  const left = mostOutput(traits, demand) - (quantities.output_token ?? 0);
  const likely = Math.min(silent * THOUGHT_TOKENS_PER_SECOND, Math.max(left, 0));
  return {
    ...usage,
    quantities: { ...quantities, reasoning_token: Math.max(quantities.reasoning_token ?? 0, likely) },
  };
}

function plausibleChat(usage: AiUsage, traits: ModelTraits, demand: AiDemand): AiUsage {
  const mostInput = Math.min(
    traits.contextTokens ?? Infinity,
    demand.inputTokens * MOST_TOKENS_PER_DEMANDED + UNSEEN_INPUT_TOKENS,
  );
  const output = mostOutput(traits, demand);
  const slack = Math.ceil(output / OUTPUT_SLACK_PARTS) + OUTPUT_SLACK_TOKENS;
  const isTooMuchRead = inputTokensOf(usage) > mostInput;
  const isTooMuchWritten = outputTokensOf(usage) > output + slack;
  if (!isTooMuchRead && !isTooMuchWritten) return usage;
  const read = isTooMuchRead ? shares(usage.quantities, READ, mostInput, inputTokensOf(usage)) : {};
  const written = isTooMuchWritten ? shares(usage.quantities, WRITTEN, output, outputTokensOf(usage)) : {};
  return cut(usage, { ...read, ...written });
}

const READ: readonly AiUnit[] = [
  'input_token',
  'cached_token',
  'cache_write_token',
  'cache_write_1h_token',
  'audio_token',
];
const WRITTEN: readonly AiUnit[] = ['output_token', 'reasoning_token'];

function mostOutput({ maxOutputTokens, contextTokens }: ModelTraits, { outputTokens, choices }: AiDemand): number {
  return outputTokens ?? choices * (maxOutputTokens ?? contextTokens ?? LONGEST_ANSWER_TOKENS);
}

function plausibleTranscript(usage: AiUsage, { audioSeconds }: AiDemand): AiUsage {
  const longest = audioSeconds + AUDIO_SLACK_SECONDS;
  const most = longest * MOST_TOKENS_PER_AUDIO_SECOND;
  const isBeyond =
    (usage.quantities.audio_second ?? 0) > longest ||
    inputTokensOf(usage) > most + UNSEEN_INPUT_TOKENS ||
    outputTokensOf(usage) > most;
  return isBeyond ? { quantities: { audio_second: audioSeconds }, source: 'estimate', image: null } : usage;
}

/** The quantities of these units, brought down from a sum to a lower one in proportion. */
function shares(quantities: AiQuantities, units: readonly AiUnit[], lower: number, sum: number): AiQuantities {
  const said = units.filter((unit) => quantities[unit] !== undefined);
  return Object.fromEntries(said.map((unit) => [unit, Math.floor(quantities[unit]! * (lower / sum))]));
}

function cut(usage: AiUsage, quantities: AiQuantities): AiUsage {
  return { ...usage, quantities: { ...usage.quantities, ...quantities }, source: 'estimate' };
}
