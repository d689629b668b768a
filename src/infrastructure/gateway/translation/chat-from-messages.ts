import type { JsonObject } from '#application/gateway/ai-provider';
import { chatTurns, systemText } from './chat-turns.js';
import { fieldsBeside, isObject, isSaid, objectOf, refusal, requiredList } from './fields.js';
import { functionsFromTools } from './tools.js';

/** Longer ones are refused by OpenAI; and they only tell its abuse watch who is speaking. */
const LONGEST_USER = 64;

const TRANSLATED = ['system', 'messages', 'tools', 'tool_choice', 'stop_sequences', 'metadata', 'output_config'];

/** Without a counterpart: hints to the sampling, the effort, the cache and the accounting of Anthropic. */
const LEFT_OUT = [
  ...['top_k', 'thinking', 'cache_control', 'service_tier', 'speed', 'diagnostics', 'context_management'],
  ...['user_profile_id', 'workspace_id'],
];

/** Without a counterpart, and the answer would not be what was asked for: servers, places and tools of Anthropic's. */
const ANTHROPICS = ['mcp_servers', 'container', 'inference_geo'];

/**
 * Of OpenAI, no words of Anthropic's, and they have a price: what a request can cost at most was reserved by the fields of
 * its own dialect, which these would exceed.
 */
const OPENAIS = ['n', 'best_of', 'max_completion_tokens', 'audio', 'modalities', 'web_search_options'];

const KNOWN = new Set([...TRANSLATED, ...LEFT_OUT, ...ANTHROPICS, ...OPENAIS]);

/**
 * A request of Anthropic's messages as one of OpenAI's chat completions. Fields that neither is known to have pass
 * through. Throws ProviderRefusal for what OpenAI's has no word for, with the field of the caller's own request.
 */
export function chatFromMessages(body: JsonObject): JsonObject {
  refuseAny(body, ANTHROPICS, "is served by Anthropic's models only.");
  refuseAny(body, OPENAIS, "is a field of OpenAI's chat completions; send the request there.");
  const system = isSaid(body['system']) ? systemText(body['system'], 'system') : '';
  const stop = isSaid(body['stop_sequences']) ? requiredList(body['stop_sequences'], 'stop_sequences') : [];
  const user = objectOf(body['metadata'])['user_id'];
  return {
    ...fieldsBeside(body, KNOWN),
    messages: [...(system === '' ? [] : [{ role: 'system', content: system }]), ...chatTurns(body['messages'])],
    ...functionsFromTools(body),
    ...(stop.length > 0 ? { stop } : {}),
    ...(typeof user === 'string' && user.length <= LONGEST_USER ? { user } : {}),
    ...responseFormat(body['output_config']),
  };
}

function refuseAny(body: JsonObject, fields: readonly string[], reason: string): void {
  for (const field of fields) {
    const value = body[field];
    if (isSaid(value) && !(Array.isArray(value) && value.length === 0)) throw refusal(field, reason);
  }
}

function responseFormat(config: unknown): JsonObject {
  const format = objectOf(config)['format'];
  if (!isSaid(format)) return {};
  if (!isObject(format) || format['type'] !== 'json_schema' || !isObject(format['schema']))
    throw refusal('output_config.format', 'must be {"type": "json_schema", "schema": {...}}.');
  return {
    response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: format['schema'], strict: true } },
  };
}
