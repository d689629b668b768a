import { type JsonObject, ProviderRefusal } from '#application/gateway/ai-provider';
import { findCount, isObject, listOf, objectOf, textOf } from './translation/fields.js';

export interface SandboxTool {
  readonly name: string;
  /** JSON Schema of its arguments. */
  readonly schema: JsonObject;
}

/** What the sandbox understands of a chat request, in either dialect. */
export interface SandboxQuestion {
  /** The bytes of all texts in UTF-8 by four, rounded up, and four a message. */
  readonly inputTokens: number;
  /** The last message of the user. */
  readonly said: string;
  /** Null unless the last message says what a tool answered. */
  readonly toolResult: string | null;
  readonly tools: readonly SandboxTool[];
  /** `auto`: when the user speaks of tools or the weather. */
  readonly calls: 'never' | 'auto' | SandboxTool;
  /** `any` is a JSON object of any shape, an object the schema of it; null is plain text. */
  readonly json: 'any' | JsonObject | null;
  /** Tokens of one answer at most; null when the caller set no bound. */
  readonly most: number | null;
  readonly choices: number;
}

const TOKENS_OF_A_MESSAGE = 4;
const BYTES_PER_TOKEN = 4;

/** https://platform.openai.com/docs/api-reference/chat/create. Throws ProviderRefusal when it forces a tool that it does not offer. */
export function questionOfChat(body: JsonObject): SandboxQuestion {
  const messages = listOf(body['messages']).map(objectOf);
  const tools = listOf(body['tools']).flatMap((tool) => {
    const { name, parameters } = objectOf(objectOf(tool)['function']);
    return typeof name === 'string' ? [{ name, schema: objectOf(parameters) }] : [];
  });
  const choice = body['tool_choice'];
  const forced = objectOf(objectOf(choice)['function'])['name'];
  const last = messages.at(-1);
  return {
    inputTokens: tokensOf(messages.map(({ content }) => content)),
    said: lastWords(messages),
    toolResult: last?.['role'] === 'tool' ? textIn(last['content']) : null,
    tools,
    calls: callsFor(tools, choice === 'none', choice === 'required', forced),
    json: jsonAskedFor(body['response_format']),
    most: findCount(body['max_completion_tokens']) ?? findCount(body['max_tokens']),
    choices: findCount(body['n']) ?? 1,
  };
}

function jsonAskedFor(format: unknown): 'any' | JsonObject | null {
  const { type, json_schema: wanted } = objectOf(format);
  if (type === 'json_object') return 'any';
  return type === 'json_schema' ? objectOf(objectOf(wanted)['schema']) : null;
}

/** https://docs.claude.com/en/api/messages. Throws ProviderRefusal when it forces a tool that it does not offer. */
export function questionOfMessages(body: JsonObject): SandboxQuestion {
  const messages = listOf(body['messages']).map(objectOf);
  const tools = listOf(body['tools'])
    .map(objectOf)
    // Anthropic's own tools have no schema, and are run by Anthropic.
    .filter(({ name, input_schema: schema }) => typeof name === 'string' && isObject(schema))
    .map(({ name, input_schema: schema }) => ({ name: textOf(name), schema: objectOf(schema) }));
  const { type, name } = objectOf(body['tool_choice']);
  const format = objectOf(objectOf(body['output_config'])['format']);
  const results = listOf(messages.at(-1)?.['content']).map(objectOf).filter(isToolResult);
  return {
    inputTokens: tokensOf(
      messages.map(({ content }) => content),
      body['system'],
    ),
    said: lastWords(messages),
    toolResult: results.length > 0 ? results.map(({ content }) => textIn(content)).join(' ') : null,
    tools,
    calls: callsFor(tools, type === 'none', type === 'any', type === 'tool' ? name : undefined),
    json: format['type'] === 'json_schema' ? objectOf(format['schema']) : null,
    most: findCount(body['max_tokens']),
    choices: 1,
  };
}

function callsFor(
  tools: readonly SandboxTool[],
  never: boolean,
  any: boolean,
  forced: unknown,
): SandboxQuestion['calls'] {
  if (typeof forced === 'string') {
    const tool = tools.find(({ name }) => name === forced);
    if (tool) return tool;
    const message = 'tool_choice: must name one of the tools of the request.';
    throw new ProviderRefusal(400, message, null, 'tool_choice');
  }
  if (never || tools.length === 0) return 'never';
  return any ? tools[0]! : 'auto';
}

function tokensOf(contents: readonly unknown[], system?: unknown): number {
  const bytes = [system, ...contents].flatMap(textsIn).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return Math.ceil(bytes / BYTES_PER_TOKEN) + contents.length * TOKENS_OF_A_MESSAGE;
}

function lastWords(messages: readonly JsonObject[]): string {
  const content = messages.findLast(({ role }) => role === 'user')?.['content'];
  return textIn(Array.isArray(content) ? content.filter((part) => !isToolResult(objectOf(part))) : content);
}

function textIn(content: unknown): string {
  return textsIn(content).join(' ');
}

/** Of a string, or of parts or blocks; results of tools hold blocks of their own. */
function textsIn(content: unknown): readonly string[] {
  if (typeof content === 'string') return [content];
  return listOf(content)
    .map(objectOf)
    .flatMap((part) => (isToolResult(part) ? plainTextsIn(part['content']) : plainTextsIn([part])));
}

function plainTextsIn(content: unknown): readonly string[] {
  if (typeof content === 'string') return [content];
  return listOf(content)
    .map(objectOf)
    .flatMap(({ text }) => (typeof text === 'string' ? [text] : []));
}

function isToolResult({ type }: JsonObject): boolean {
  return type === 'tool_result';
}
