import type { JsonObject } from '#application/gateway/ai-provider';
import { imageUrlOf } from './image-source.js';
import {
  isObject,
  plainWhenAlone,
  quoted,
  refusal,
  requiredList,
  requiredObject,
  requiredText,
  textOf,
} from './fields.js';

/** OpenAI's takes no image in the result of a tool: this stands in its place, and the image in the next message. */
const IMAGE_FOLLOWS = '[image: see the next message]';

/** Instructions, a string or blocks of text, as one text. */
export function systemText(system: unknown, field: string): string {
  if (typeof system === 'string') return system;
  return requiredList(system, field)
    .map((block, index) => {
      const said = requiredObject(block, `${field}[${index}]`);
      return requiredText(said['text'], `${field}[${index}].text`);
    })
    .join('\n\n');
}

/** Anthropic's `messages` as OpenAI's. One of theirs becomes several where it holds results of tools. */
export function chatTurns(messages: unknown): readonly JsonObject[] {
  return requiredList(messages, 'messages').flatMap((item, index) => {
    const field = `messages[${index}]`;
    const message = requiredObject(item, field);
    const { role, content } = message;
    switch (role) {
      case 'user':
        return typeof content === 'string' ? [{ role, content }] : userTurns(content, `${field}.content`);
      case 'assistant':
        return [typeof content === 'string' ? { role, content } : assistantTurn(content, `${field}.content`)];
      case 'system':
        return [{ role, content: systemText(content, `${field}.content`) }];
      default:
        throw refusal(`${field}.role`, `the role ${quoted(role)} is neither user nor assistant.`);
    }
  });
}

/** OpenAI wants the results of tools directly behind the calls: they go first, whatever else the message says. */
function userTurns(content: unknown, field: string): readonly JsonObject[] {
  const results: JsonObject[] = [];
  const pictures: JsonObject[] = [];
  const parts: JsonObject[] = [];
  requiredList(content, field).forEach((item, index) => {
    const place = `${field}[${index}]`;
    const block = requiredObject(item, place);
    if (block['type'] === 'tool_result') {
      const result = resultParts(block, `${place}.content`);
      results.push(resultTurn(block, result, place));
      pictures.push(...result.filter((part) => part['type'] === 'image_url'));
    } else if (!isThinking(block)) parts.push(partOf(block, place));
  });
  const said = [...pictures, ...parts];
  if (said.length === 0 && results.length > 0) return results;
  return [...results, { role: 'user', content: said.length === 0 ? '' : plainWhenAlone(said) }];
}

function resultTurn(block: JsonObject, parts: readonly JsonObject[], field: string): JsonObject {
  const text = parts.map((part) => (part['type'] === 'text' ? textOf(part['text']) : IMAGE_FOLLOWS)).join('\n');
  return {
    role: 'tool',
    tool_call_id: requiredText(block['tool_use_id'], `${field}.tool_use_id`),
    content: block['is_error'] === true ? `Error: ${text}` : text,
  };
}

function resultParts(block: JsonObject, field: string): readonly JsonObject[] {
  const { content } = block;
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return requiredList(content, field).map((item, index) =>
    partOf(requiredObject(item, `${field}[${index}]`), `${field}[${index}]`),
  );
}

/** A part of a user's message for a block that holds text or an image. */
function partOf(block: JsonObject, field: string): JsonObject {
  switch (block['type']) {
    case 'text':
      return { type: 'text', text: requiredText(block['text'], `${field}.text`) };
    case 'image':
      return { type: 'image_url', image_url: { url: imageUrlOf(block['source'], `${field}.source`) } };
    case 'document':
      return { type: 'text', text: documentText(block, field) };
    default:
      throw refusal(field, `a block of type ${quoted(block['type'])} cannot be sent to this model.`);
  }
}

function documentText(block: JsonObject, field: string): string {
  const { source } = block;
  if (!isObject(source) || source['type'] !== 'text')
    throw refusal(`${field}.source`, 'this model takes a document as text only: {"type": "text", "data": ...}.');
  return [block['title'], block['context'], requiredText(source['data'], `${field}.source.data`)]
    .map(textOf)
    .filter((text) => text !== '')
    .join('\n\n');
}

/** An answer can cut one sentence into several blocks, so that nothing may come between them. */
function assistantTurn(content: unknown, field: string): JsonObject {
  let text = '';
  const calls: JsonObject[] = [];
  requiredList(content, field).forEach((item, index) => {
    const place = `${field}[${index}]`;
    const block = requiredObject(item, place);
    if (block['type'] === 'text') text += requiredText(block['text'], `${place}.text`);
    else if (block['type'] === 'tool_use') calls.push(callOf(block, place));
    else if (!isThinking(block))
      throw refusal(place, `a block of type ${quoted(block['type'])} cannot be sent to this model.`);
  });
  if (calls.length === 0) return { role: 'assistant', content: text };
  return { role: 'assistant', content: text === '' ? null : text, tool_calls: calls };
}

function callOf(block: JsonObject, field: string): JsonObject {
  return {
    id: requiredText(block['id'], `${field}.id`),
    type: 'function',
    function: {
      name: requiredText(block['name'], `${field}.name`),
      arguments: JSON.stringify(requiredObject(block['input'], `${field}.input`)),
    },
  };
}

/** Signed by Anthropic for Anthropic's models: nobody else can use it. */
function isThinking(block: JsonObject): boolean {
  return block['type'] === 'thinking' || block['type'] === 'redacted_thinking';
}
