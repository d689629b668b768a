import type { JsonObject } from '#application/gateway/ai-provider';
import { isObject, listOf, objectOf, textOf } from './translation/fields.js';

/** A made-up answer, before it has a shape: pieces of one token each, or one call of a tool. */
export interface SandboxReply {
  readonly pieces: readonly string[];
  readonly toolCall: { readonly name: string; readonly arguments: string } | null;
  readonly finishReason: 'stop' | 'length' | 'tool_calls';
  readonly inputTokens: number;
}

const TOKENS_UNLESS_SAID = 4096;
const LONGEST_QUOTE = 400;

/**
 * Answers an OpenAI chat request from what it says, the same every time. It says what it is. Input counts four bytes a token
 * and four tokens a message; every piece of the answer is one token.
 */
export function sandboxReply(body: JsonObject): SandboxReply {
  const messages = listOf(body['messages']).filter(isObject);
  const last = messages.at(-1);
  const asked = textIn(last?.['content']);
  const inputTokens = messages.reduce(
    (sum, { content }) => sum + 4 + Math.ceil(Buffer.byteLength(textIn(content)) / 4),
    0,
  );
  const tool = last?.['role'] === 'tool' ? null : chosenTool(body, asked);
  const most = mostTokens(body);
  if (tool !== null) {
    const toolCall = { name: textOf(tool['name']), arguments: JSON.stringify(example(tool['parameters'])) };
    return { pieces: [], toolCall, finishReason: 'tool_calls', inputTokens };
  }
  const pieces = wordsOf(replyText(body, last?.['role'] === 'tool', asked));
  const isCut = pieces.length > most;
  return { pieces: pieces.slice(0, most), toolCall: null, finishReason: isCut ? 'length' : 'stop', inputTokens };
}

/** One token for the name and one for every four bytes of the arguments. */
export function outputTokensOf({ pieces, toolCall }: SandboxReply): number {
  return toolCall ? 1 + Math.ceil(Buffer.byteLength(toolCall.arguments) / 4) : pieces.length;
}

function replyText(body: JsonObject, isToolResult: boolean, asked: string): string {
  const format = objectOf(body['response_format']);
  if (format['type'] === 'json_object') return JSON.stringify({ sandbox: true, message: asked.slice(-LONGEST_QUOTE) });
  if (format['type'] === 'json_schema') return JSON.stringify(example(objectOf(format['json_schema'])['schema']));
  const quote = asked.trim().slice(-LONGEST_QUOTE);
  if (isToolResult) return `This answer is made up by the Minutebook sandbox. The tool said: ${quote}`;
  return `This answer is made up by the Minutebook sandbox; no model was asked. You said: ${quote}`;
}

/** Words with the space before them: joined, they are the text again. */
function wordsOf(text: string): readonly string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

function mostTokens(body: JsonObject): number {
  const said = body['max_completion_tokens'] ?? body['max_tokens'];
  return typeof said === 'number' && Number.isInteger(said) && said > 0 ? said : TOKENS_UNLESS_SAID;
}

/** The tool that the request forces, or the first one when it is asked about tools or the weather. */
function chosenTool(body: JsonObject, asked: string): JsonObject | null {
  const tools = listOf(body['tools']).map((tool) => objectOf(objectOf(tool)['function']));
  const choice = body['tool_choice'];
  if (tools.length === 0 || choice === 'none') return null;
  const forced = objectOf(objectOf(choice)['function'])['name'];
  if (typeof forced === 'string') return tools.find(({ name }) => name === forced) ?? null;
  return choice === 'required' || /\b(tool|weather)\b/i.test(asked) ? tools[0]! : null;
}

/** The smallest value that a JSON schema of the usual kind lets pass. */
function example(schema: unknown, depth = 0): unknown {
  const { type, properties, items, enum: choices } = objectOf(schema);
  if (Array.isArray(choices)) return choices[0] as unknown;
  if (depth > 5) return null;
  if (type === 'array') return [example(items, depth + 1)];
  if (type === 'string') return 'example';
  if (type === 'integer' || type === 'number') return 1;
  if (type === 'boolean') return true;
  if (type === 'null') return null;
  const fields = Object.entries(objectOf(properties)).map(([name, inner]) => [name, example(inner, depth + 1)]);
  return Object.fromEntries(fields) as JsonObject;
}

function textIn(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((part) => textOf(objectOf(part)['text']))
    .join(' ');
}
