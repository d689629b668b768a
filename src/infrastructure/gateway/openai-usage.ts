import type { JsonObject } from '#application/gateway/ai-provider';
import type { AiUsage, ImageVariant } from '#domain/providers/ai-usage';
import { findCount, isObject, listOf, objectOf } from './translation/fields.js';

/** Of text with OpenAI's tokenizers, by OpenAI's own rule of thumb. */
const BYTES_PER_TOKEN = 4;

/** Of a picture of ordinary size in full detail; OpenAI's models count 85 to about 1,500. */
const TOKENS_OF_AN_IMAGE = 1_000;

/**
 * OpenAI's counts in our units (https://platform.openai.com/docs/api-reference/chat/object, `usage`): its details are part of
 * its sums. What is missing counts as none, and nothing is negative.
 */
export function usageOfCompletion(usage: JsonObject): AiUsage {
  const prompt = count(usage['prompt_tokens']);
  const completion = count(usage['completion_tokens']);
  const read = objectOf(usage['prompt_tokens_details']);
  // DeepSeek counts beside OpenAI's details.
  const cached = Math.min(findCount(read['cached_tokens']) ?? count(usage['prompt_cache_hit_tokens']), prompt);
  const written = Math.min(count(read['cache_write_tokens']), prompt - cached);
  const audio = Math.min(count(read['audio_tokens']), prompt - cached - written);
  const reasoning = count(objectOf(usage['completion_tokens_details'])['reasoning_tokens']);
  // xAI counts reasoning beside the completion, and only its total tells.
  const beside = reasoning > 0 && usage['total_tokens'] === prompt + completion + reasoning;
  return {
    quantities: {
      input_token: prompt - cached - written - audio,
      cached_token: cached,
      cache_write_token: written,
      audio_token: audio,
      output_token: beside ? completion : Math.max(completion - reasoning, 0),
      reasoning_token: beside ? reasoning : Math.min(reasoning, completion),
    },
    source: 'provider',
    image: null,
  };
}

/** Whether anything is reported: servers that do not count send zeros, or an empty object. */
export function reportsTokens(usage: unknown): usage is JsonObject {
  return isObject(usage) && count(usage['prompt_tokens']) + count(usage['completion_tokens']) > 0;
}

/** As many pictures as were answered, of the variant that was answered, or else asked for. */
export function usageOfImages(answer: JsonObject, request: JsonObject): AiUsage {
  const variant = (field: keyof ImageVariant) => variantIn(field, answer[field]) ?? variantIn(field, request[field]);
  return {
    quantities: { image: listOf(answer['data']).filter(isObject).length },
    source: 'provider',
    image: { quality: variant('quality'), size: variant('size') },
  };
}

/** As they are asked for and priced: anything else that a server says is no variant, and nothing to be stored. */
const VARIANTS: Readonly<Record<keyof ImageVariant, RegExp>> = {
  quality: /^[a-z]{2,20}$/,
  size: /^[1-9]\d{1,4}x[1-9]\d{1,4}$/,
};

function variantIn(field: keyof ImageVariant, value: unknown): string | null {
  return typeof value === 'string' && value !== 'auto' && VARIANTS[field].test(value) ? value : null;
}

/**
 * What a transcription used (https://platform.openai.com/docs/api-reference/audio): `usage` of its answer, the `duration` of
 * `verbose_json`, or else the seconds that we measured. Null is an answer that is text alone.
 */
export function usageOfTranscription(answer: JsonObject | null, measuredSeconds: number): AiUsage {
  const usage = objectOf(answer?.['usage']);
  if (usage['type'] === 'tokens') return usageOfTranscriptionTokens(usage);
  // Mistral counts `prompt_audio_seconds`.
  const said = findSeconds(usage['seconds']) ?? findSeconds(usage['prompt_audio_seconds']);
  const seconds = said ?? findSeconds(answer?.['duration']);
  return {
    quantities: { audio_second: Math.ceil(seconds ?? measuredSeconds) },
    source: seconds === null ? 'estimate' : 'provider',
    image: null,
  };
}

function usageOfTranscriptionTokens(usage: JsonObject): AiUsage {
  const input = count(usage['input_tokens']);
  const { audio_tokens: heard, text_tokens: read } = objectOf(usage['input_token_details']);
  const audio = Math.min(findCount(heard) ?? input - count(read), input);
  return {
    quantities: {
      audio_token: Math.max(audio, 0),
      input_token: input - Math.max(audio, 0),
      output_token: count(usage['output_tokens']),
    },
    source: 'provider',
    image: null,
  };
}

/** A year: whoever reports more, reports wrong. */
const MOST_SECONDS = 366 * 24 * 60 * 60;

/** Older versions of the API wrote the duration as text. */
function findSeconds(value: unknown): number | null {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof seconds === 'number' && seconds > 0 && seconds <= MOST_SECONDS ? seconds : null;
}

export function tokensOfBytes(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

/** The tokens that a request of chat completions is likely to have: its texts, and a flat number for everything else in it. */
export function estimatedInput(body: JsonObject): number {
  let bytes = bytesOfJson(body['tools']) + bytesOfJson(body['functions']) + bytesOfJson(body['response_format']);
  let others = 0;
  for (const message of listOf(body['messages']).map(objectOf)) {
    bytes += bytesOfJson(message['tool_calls']);
    const { content } = message;
    if (typeof content === 'string') bytes += Buffer.byteLength(content);
    for (const part of listOf(content).map(objectOf)) {
      if (typeof part['text'] === 'string') bytes += Buffer.byteLength(part['text']);
      else others++;
    }
  }
  return tokensOfBytes(bytes) + others * TOKENS_OF_AN_IMAGE;
}

function bytesOfJson(value: unknown): number {
  return value === undefined || value === null ? 0 : Buffer.byteLength(JSON.stringify(value));
}

function count(value: unknown): number {
  return findCount(value) ?? 0;
}
