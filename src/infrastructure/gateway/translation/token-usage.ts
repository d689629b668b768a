import type { JsonObject } from '#application/gateway/ai-provider';
import { findCount, isObject, objectOf } from './fields.js';

/** Whether OpenAI's `usage` tells how much went in: servers that do not count send zeros, or an empty object. */
export function tellsTokens(usage: unknown): usage is JsonObject {
  return isObject(usage) && (findCount(usage['prompt_tokens']) ?? 0) > 0;
}

/**
 * Anthropic's `usage` for OpenAI's. OpenAI counts cached tokens among those of the prompt, Anthropic beside them:
 * translated as they stand, they would be paid for twice. DeepSeek names them otherwise; and xAI counts reasoning beside the
 * completion, which only its total tells.
 */
export function messageUsageOf(usage: JsonObject): JsonObject {
  const details = objectOf(usage['prompt_tokens_details']);
  const read = findCount(details['cached_tokens']) ?? findCount(usage['prompt_cache_hit_tokens']) ?? 0;
  const written = findCount(details['cache_write_tokens']) ?? 0;
  const prompt = findCount(usage['prompt_tokens']) ?? 0;
  const completion = findCount(usage['completion_tokens']) ?? 0;
  const reasoning = findCount(objectOf(usage['completion_tokens_details'])['reasoning_tokens']) ?? 0;
  const beside = usage['total_tokens'] === prompt + completion + reasoning;
  return {
    input_tokens: Math.max(0, prompt - read - written),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    output_tokens: beside ? completion + reasoning : completion,
  };
}

/** OpenAI's `usage` for Anthropic's. */
export function completionUsageOf(usage: JsonObject): JsonObject {
  const read = findCount(usage['cache_read_input_tokens']) ?? 0;
  const written = findCount(usage['cache_creation_input_tokens']) ?? 0;
  const prompt = (findCount(usage['input_tokens']) ?? 0) + read + written;
  const completion = findCount(usage['output_tokens']) ?? 0;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: read, ...(written > 0 ? { cache_write_tokens: written } : {}) },
  };
}
