import type { JsonObject } from '#application/gateway/ai-provider';
import { fieldsBeside, isObject, isSaid, objectOf, quoted, refusal, requiredObject } from './fields.js';
import { messageTurns } from './message-turns.js';
import { toolsFromFunctions } from './tools.js';

const ONLY_JSON = 'Answer with one valid JSON object and nothing else: no prose, no code fence.';

const TRANSLATED = [
  ...['messages', 'max_tokens', 'max_completion_tokens', 'stop', 'tools', 'functions', 'tool_choice', 'function_call'],
  ...['parallel_tool_calls', 'response_format', 'user', 'output_config'],
];

/** Without a counterpart and without a bearing on what the answer means. `metadata` is the caller's own filing. */
const LEFT_OUT = [
  ...['metadata', 'prediction', 'reasoning_effort', 'safety_identifier', 'seed', 'service_tier', 'store'],
  ...['stream_options', 'verbosity', 'prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention'],
];

/**
 * Without a counterpart, and the answer would not be what was asked for; at the end what only Anthropic knows and what has
 * a price of its own, for which nothing was reserved. Each with the values that ask for nothing.
 */
const REFUSED = new Map<string, (value: unknown) => boolean>([
  ['n', (value) => value === 1],
  ['logprobs', (value) => value === false],
  ['top_logprobs', (value) => value === 0],
  ['frequency_penalty', (value) => value === 0],
  ['presence_penalty', (value) => value === 0],
  ['logit_bias', (value) => isObject(value) && Object.keys(value).length === 0],
  ['modalities', (value) => Array.isArray(value) && value.every((modality) => modality === 'text')],
  ['audio', () => false],
  ['moderation', () => false],
  ['web_search_options', () => false],
  ['speed', (value) => value === 'standard'],
  ['inference_geo', () => false],
  ['mcp_servers', (value) => Array.isArray(value) && value.length === 0],
  ['container', () => false],
]);

const KNOWN = new Set([...TRANSLATED, ...LEFT_OUT, ...REFUSED.keys()]);

/**
 * A request of OpenAI's chat completions as one of Anthropic's messages. Fields that neither is known to have pass
 * through. `maxTokensUnlessSaid` is for callers who set no bound, which Anthropic insists on. Throws ProviderRefusal for
 * what Anthropic's has no word for, with the field of the caller's own request.
 */
export function messagesFromChat(body: JsonObject, maxTokensUnlessSaid: number): JsonObject {
  refuseWhatIsMissing(body);
  const turns = messageTurns(body['messages']);
  const format = answerFormat(body['response_format']);
  const system = [...turns.system, ...format.system].join('\n\n');
  const { stop, user } = body;
  const output = { ...objectOf(body['output_config']), ...format.output };
  return {
    ...fieldsBeside(body, KNOWN),
    max_tokens: body['max_completion_tokens'] ?? body['max_tokens'] ?? maxTokensUnlessSaid,
    ...(system === '' ? {} : { system }),
    messages: turns.messages,
    ...toolsFromFunctions(body),
    ...stopSequences(stop),
    ...(typeof user === 'string' && user !== '' ? { metadata: { user_id: user } } : {}),
    ...(Object.keys(output).length > 0 ? { output_config: output } : {}),
  };
}

function refuseWhatIsMissing(body: JsonObject): void {
  for (const [field, asksNothing] of REFUSED) {
    const value = body[field];
    if (isSaid(value) && !asksNothing(value)) throw refusal(field, 'what it asks for is not offered by this model.');
  }
  const { temperature } = body;
  if (typeof temperature === 'number' && temperature > 1)
    throw refusal('temperature', `${temperature} is above 1, the highest that this model takes.`);
}

function stopSequences(stop: unknown): JsonObject {
  if (!isSaid(stop)) return {};
  const sequences: readonly unknown[] = Array.isArray(stop) ? stop : [stop];
  if (!sequences.every((sequence) => typeof sequence === 'string'))
    throw refusal('stop', 'must be a string or an array of strings.');
  return sequences.length > 0 ? { stop_sequences: sequences } : {};
}

interface AnswerFormat {
  readonly system: readonly string[];
  readonly output: JsonObject;
}

/** Anthropic has no JSON mode without a schema: an instruction says it instead. */
function answerFormat(said: unknown): AnswerFormat {
  if (!isSaid(said)) return { system: [], output: {} };
  const format = requiredObject(said, 'response_format');
  switch (format['type']) {
    case 'text':
      return { system: [], output: {} };
    case 'json_object':
      return { system: [ONLY_JSON], output: {} };
    case 'json_schema': {
      const named = requiredObject(format['json_schema'], 'response_format.json_schema');
      const schema = requiredObject(named['schema'], 'response_format.json_schema.schema');
      return { system: [], output: { format: { type: 'json_schema', schema } } };
    }
    default:
      throw refusal(
        'response_format',
        `the type ${quoted(format['type'])} is none of text, json_object and json_schema.`,
      );
  }
}
