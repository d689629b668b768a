import type { JsonObject } from '#application/gateway/ai-provider';
import { isObject, isSaid, listOf, objectOf, textOf } from './fields.js';
import { stopReasonOf } from './stop-reasons.js';
import { messageUsageOf } from './token-usage.js';
import { findArguments, toolUseIdOf } from './tool-calls.js';

/**
 * An answer of OpenAI's chat completions as a message of Anthropic's, under the name by which the model was asked for. Of
 * several choices the first: Anthropic's has no more.
 */
export function messageFromCompletion(answer: JsonObject, requestedModel: string): JsonObject {
  const choice = objectOf(listOf(answer['choices'])[0]);
  const message = objectOf(choice['message']);
  const id = messageIdOf(answer['id']);
  const refused = textOf(message['refusal']);
  const calls = callsOf(message).map((call, index) => useBlock(call, `${id}_${index}`));
  return {
    id,
    type: 'message',
    role: 'assistant',
    model: requestedModel,
    content: [
      ...textBlocks('thinking', reasoningOf(message)).map((block) => ({ ...block, signature: '' })),
      ...textBlocks('text', contentText(message['content'])),
      ...textBlocks('text', refused),
      ...calls,
    ],
    stop_reason: refused === '' ? stopReasonOf(choice['finish_reason'], calls.length > 0) : 'refusal',
    stop_sequence: null,
    usage: messageUsageOf(objectOf(answer['usage'])),
  };
}

/** As Anthropic spells ids of messages. */
export function messageIdOf(id: unknown): string {
  const said = textOf(id);
  return said.startsWith('msg_') ? said : `msg_${said}`;
}

/** What the model thought: `reasoning_content` of DeepSeek and most others, `reasoning` of OpenRouter. */
export function reasoningOf(message: JsonObject): string {
  return textOf(message['reasoning_content']) || textOf(message['reasoning']);
}

/** The text of a `content`, which some compatible servers give in parts. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((part) => textOf(objectOf(part)['text']))
    .join('');
}

function textBlocks(type: 'text' | 'thinking', text: string): readonly JsonObject[] {
  return text === '' ? [] : [{ type, [type]: text }];
}

function callsOf(message: JsonObject): readonly JsonObject[] {
  const calls = listOf(message['tool_calls']).filter(isObject);
  return calls.length === 0 && isSaid(message['function_call']) ? [{ function: message['function_call'] }] : calls;
}

function useBlock(call: JsonObject, idUnlessSaid: string): JsonObject {
  const called = objectOf(call['function']);
  const said = called['arguments'];
  return {
    type: 'tool_use',
    id: toolUseIdOf(call['id'], `toolu_${idUnlessSaid}`),
    name: textOf(called['name']),
    // Arguments that are no JSON object are shown to the caller as they came: an empty input would be a different call.
    input: findArguments(said) ?? { _raw: said },
  };
}
