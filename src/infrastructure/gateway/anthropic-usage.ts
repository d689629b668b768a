import type { JsonObject } from '#application/gateway/ai-provider';
import type { AiUsage } from '#domain/providers/ai-usage';
import { findCount, isObject, objectOf } from './translation/fields.js';

/**
 * Anthropic's counts in our units. They exclude each other on both sides: what went in is the sum of `input_tokens`, what
 * was read from a cache and what was written to one (https://docs.claude.com/en/docs/build-with-claude/prompt-caching).
 * What is missing counts as none; thinking is part of the output.
 */
export function usageOfMessage(usage: JsonObject): AiUsage {
  const byLifetime = objectOf(usage['cache_creation']);
  const written = findCount(usage['cache_creation_input_tokens']);
  const forAnHour = count(byLifetime['ephemeral_1h_input_tokens']);
  const forFiveMinutes =
    written === null ? count(byLifetime['ephemeral_5m_input_tokens']) : Math.max(written - forAnHour, 0);
  return {
    quantities: {
      input_token: count(usage['input_tokens']),
      cached_token: count(usage['cache_read_input_tokens']),
      cache_write_token: forFiveMinutes,
      cache_write_1h_token: forAnHour,
      output_token: count(usage['output_tokens']),
    },
    source: 'provider',
    image: null,
  };
}

/** What a later report says replaces what an earlier one said, and leaves what it does not mention: counts are cumulative. */
export function corrected(earlier: JsonObject, later: JsonObject): JsonObject {
  const said = Object.entries(later).filter(([, figure]) => findCount(figure) !== null || isObject(figure));
  return { ...earlier, ...Object.fromEntries(said) };
}

/**
 * Whether the output is reported. It never is none, even of an empty answer
 * (https://docs.claude.com/en/api/messages, `usage`): a server that says so does not count.
 */
export function reportsOutput(usage: JsonObject): boolean {
  return count(usage['output_tokens']) > 0;
}

/** Of English text with Anthropic's and OpenAI's tokenizers, by both their documentations. */
const BYTES_PER_TOKEN = 4;

/** The same input, with as many tokens out as `bytes` of text are likely to have been. */
export function estimated({ quantities }: AiUsage, bytes: number): AiUsage {
  const output = Math.max(quantities.output_token ?? 0, Math.ceil(bytes / BYTES_PER_TOKEN));
  return { quantities: { ...quantities, output_token: output }, source: 'estimate', image: null };
}

function count(value: unknown): number {
  return findCount(value) ?? 0;
}
