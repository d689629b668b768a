import type { JsonObject } from '#application/gateway/ai-provider';
import {
  isObject,
  isSaid,
  plainWhenAlone,
  quoted,
  refusal,
  requiredList,
  requiredObject,
  requiredText,
  textOf,
} from './fields.js';
import { imageSourceOf } from './image-source.js';
import { findArguments, toolUseIdOf } from './tool-calls.js';

/** What OpenAI's `messages` say, as Anthropic's want it. */
export interface MessageTurns {
  /** Of system and developer messages wherever they stood, in their order. */
  readonly system: readonly string[];
  /** User and assistant in turn. */
  readonly messages: readonly JsonObject[];
}

type Role = 'user' | 'assistant';

interface Turn {
  readonly role: Role;
  readonly blocks: JsonObject[];
}

/** OpenAI's `messages` as Anthropic's, neighbours of one role made one: Anthropic has no role for the results of tools. */
export function messageTurns(messages: unknown): MessageTurns {
  const system: string[] = [];
  const turns: Turn[] = [];
  /** Of the call that an older `function` message answers: it knows the name alone. */
  let olderCall = '';
  const add = (role: Role, blocks: readonly JsonObject[]): void => {
    const last = turns.at(-1);
    if (last?.role === role) last.blocks.push(...blocks);
    else if (blocks.length > 0) turns.push({ role, blocks: [...blocks] });
  };
  requiredList(messages, 'messages').forEach((item, index) => {
    const field = `messages[${index}]`;
    const message = requiredObject(item, field);
    const content = `${field}.content`;
    switch (message['role']) {
      case 'system':
      case 'developer':
        system.push(...textBlocks(message['content'], content).map((block) => textOf(block['text'])));
        break;
      case 'user':
        add('user', blocksOf(message['content'], content));
        break;
      case 'assistant':
        if (isSaid(message['function_call'])) olderCall = `call_${index}`;
        add('assistant', assistantBlocks(message, field, olderCall));
        break;
      case 'tool':
        add('user', [resultBlock(requiredText(message['tool_call_id'], `${field}.tool_call_id`), message, content)]);
        break;
      case 'function':
        add('user', [resultBlock(olderCall, message, content)]);
        break;
      default:
        throw refusal(`${field}.role`, `the role ${quoted(message['role'])} is not one that this model knows.`);
    }
  });
  if (turns.length === 0)
    throw refusal('messages', 'this model needs at least one message of the user that says something.');
  return { system, messages: turns.map(({ role, blocks }) => ({ role, content: plainWhenAlone(blocks) })) };
}

function assistantBlocks(message: JsonObject, field: string, olderCall: string): readonly JsonObject[] {
  if (isSaid(message['audio'])) throw refusal(`${field}.audio`, 'this model takes no audio.');
  const refused = textOf(message['refusal']);
  const calls = isSaid(message['tool_calls']) ? requiredList(message['tool_calls'], `${field}.tool_calls`) : [];
  return [
    ...textBlocks(message['content'], `${field}.content`),
    ...(refused === '' ? [] : [{ type: 'text', text: refused }]),
    ...calls.map((call, index) => calledBlock(call, `${field}.tool_calls[${index}]`)),
    ...(isSaid(message['function_call'])
      ? [useBlock(olderCall, message['function_call'], `${field}.function_call`)]
      : []),
  ];
}

function calledBlock(item: unknown, field: string): JsonObject {
  const call = requiredObject(item, field);
  if (isSaid(call['type']) && call['type'] !== 'function')
    throw refusal(`${field}.type`, `a call of type ${quoted(call['type'])} cannot be sent to this model.`);
  return useBlock(requiredText(call['id'], `${field}.id`), call['function'], `${field}.function`);
}

function useBlock(id: string, definition: unknown, field: string): JsonObject {
  const called = requiredObject(definition, field);
  const input = findArguments(called['arguments']);
  if (input === null) throw refusal(`${field}.arguments`, 'must be a JSON object, encoded as a string.');
  return { type: 'tool_use', id: toolUseIdOf(id, 'call'), name: requiredText(called['name'], `${field}.name`), input };
}

function resultBlock(id: string, message: JsonObject, field: string): JsonObject {
  const { content } = message;
  const said = typeof content === 'string' ? content : blocksOf(content, field);
  return {
    type: 'tool_result',
    tool_use_id: toolUseIdOf(id, 'call'),
    ...(said.length > 0 ? { content: said } : {}),
  };
}

function textBlocks(content: unknown, field: string): readonly JsonObject[] {
  const blocks = blocksOf(content, field);
  const other = blocks.findIndex((block) => block['type'] !== 'text');
  if (other >= 0) throw refusal(field, 'only text can stand in a message of this role.');
  return blocks;
}

/** Without empty texts, which Anthropic refuses and OpenAI's clients send beside calls of tools. */
function blocksOf(content: unknown, field: string): readonly JsonObject[] {
  if (!isSaid(content)) return [];
  const blocks =
    typeof content === 'string'
      ? [{ type: 'text', text: content }]
      : requiredList(content, field).map((part, index) => blockOf(part, `${field}[${index}]`));
  return blocks.filter((block) => block['text'] !== '');
}

function blockOf(item: unknown, field: string): JsonObject {
  const part = requiredObject(item, field);
  switch (part['type']) {
    case 'text':
      return { type: 'text', text: requiredText(part['text'], `${field}.text`) };
    case 'refusal':
      return { type: 'text', text: requiredText(part['refusal'], `${field}.refusal`) };
    case 'image_url': {
      const image = part['image_url'];
      const url = requiredText(isObject(image) ? image['url'] : image, `${field}.image_url.url`);
      return { type: 'image', source: imageSourceOf(url, `${field}.image_url.url`) };
    }
    default:
      throw refusal(field, `a part of type ${quoted(part['type'])} cannot be sent to this model.`);
  }
}
