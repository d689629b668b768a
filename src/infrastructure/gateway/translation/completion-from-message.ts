import type { JsonObject } from '#application/gateway/ai-provider';
import { isObject, listOf, objectOf, textOf } from './fields.js';
import { finishReasonOf } from './stop-reasons.js';
import { completionUsageOf } from './token-usage.js';

/** A message of Anthropic's as an answer of OpenAI's chat completions. `createdSeconds` is the Unix time of the answer. */
export function completionFromMessage(answer: JsonObject, createdSeconds: number): JsonObject {
  const blocks = listOf(answer['content']).filter(isObject);
  const textOfAll = (type: 'text' | 'thinking'): string =>
    blocks.map((block) => (block['type'] === type ? textOf(block[type]) : '')).join('');
  const text = textOfAll('text');
  const thinking = textOfAll('thinking');
  const calls = blocks.filter((block) => block['type'] === 'tool_use').map(callOf);
  return {
    id: completionIdOf(answer['id']),
    object: 'chat.completion',
    created: createdSeconds,
    model: textOf(answer['model']),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text === '' && calls.length > 0 ? null : text,
          refusal: null,
          ...(thinking === '' ? {} : { reasoning_content: thinking }),
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
        },
        logprobs: null,
        finish_reason: finishReasonOf(answer['stop_reason']),
      },
    ],
    usage: completionUsageOf(objectOf(answer['usage'])),
  };
}

/** As OpenAI spells ids of completions. */
export function completionIdOf(id: unknown): string {
  return `chatcmpl-${textOf(id)}`;
}

function callOf(block: JsonObject): JsonObject {
  return {
    id: textOf(block['id']),
    type: 'function',
    function: { name: textOf(block['name']), arguments: JSON.stringify(objectOf(block['input'])) },
  };
}
