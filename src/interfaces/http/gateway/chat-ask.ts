import type { Dialect, JsonObject } from '#application/gateway/ai-provider';
import type { AiDemand } from '#domain/providers/ai-usage';
import { type FieldProblem, InvalidRequest } from '../shared/parse.js';

/**
 * Tokens are at least this many bytes of a request on average: English has four to a token, Chinese three (one character),
 * Cyrillic between. Counted over the whole JSON, names and quotes included, it is high, as a reservation should be.
 */
const BYTES_PER_TOKEN = 3;

/** Of a picture: Anthropic's most is about 1 600 (https://docs.anthropic.com/en/docs/build-with-claude/vision), OpenAI's about 1 500. */
const TOKENS_PER_IMAGE = 2000;

const MOST_TOKENS = 10_000_000;
const MOST_CHOICES = 128;

/** What of a chat request the gateway itself must understand; everything else is between caller and provider. */
export interface ChatFields {
  readonly model: string;
  readonly stream: boolean;
  readonly demand: AiDemand;
}

/** Throws InvalidRequest. `bytes` is the body as it was sent. */
export function chatFields(body: JsonObject, bytes: Buffer, dialect: Dialect): ChatFields {
  const problems: FieldProblem[] = [];
  const model = modelOf(body, problems);
  if (!Array.isArray(body['messages']) || body['messages'].length === 0) {
    problems.push({ field: 'messages', message: 'messages must be a list of at least one message' });
  } else if (!body['messages'].every(isObject)) {
    problems.push({ field: 'messages', message: 'messages must be a list of objects' });
  }
  if (body['stream'] !== undefined && body['stream'] !== null && typeof body['stream'] !== 'boolean') {
    problems.push({ field: 'stream', message: 'stream must be true or false' });
  }
  const limits = dialect === 'openai' ? ['max_completion_tokens', 'max_tokens'] : ['max_tokens'];
  const bounds = limits.map((field) => wholeNumber(body, field, MOST_TOKENS, problems)).filter((one) => one !== null);
  // Which of two counts is the provider's affair: the larger is reserved.
  const bound = bounds.length === 0 ? null : Math.max(...bounds);
  if (dialect === 'anthropic' && bound === null) {
    problems.push({ field: 'max_tokens', message: 'max_tokens is required: how long the answer may be at most' });
  }
  problems.push(...pricedOtherwise(body));
  const choices = dialect === 'openai' ? (wholeNumber(body, 'n', MOST_CHOICES, problems) ?? 1) : 1;
  if (problems.length > 0) throw new InvalidRequest(unique(problems));
  const images = imagesIn(body['messages'] as readonly JsonObject[]);
  return {
    model,
    stream: body['stream'] === true,
    demand: {
      inputTokens: Math.ceil((bytes.length - images.bytes) / BYTES_PER_TOKEN) + images.count * TOKENS_PER_IMAGE,
      cacheWrites: bytes.includes('"cache_control"'),
      outputTokens: bound === null ? null : bound * choices,
      choices,
      audioSeconds: 0,
      images: 0,
      image: null,
    },
  };
}

/** What a provider charges by other prices than those of the catalogue is not passed on to it: it would be given away. */
function pricedOtherwise(body: JsonObject): readonly FieldProblem[] {
  const problem = (field: string, what: string): FieldProblem => ({
    field,
    message: `${field}: ${what} has no price here`,
  });
  const { service_tier: tier, speed, modalities, tools } = body;
  const offered: readonly unknown[] = Array.isArray(tools) ? tools : [];
  const serverTool = offered.find((tool) => isObject(tool) && isServerTool(tool['type']));
  return [
    ...(tier === 'priority' ? [problem('service_tier', 'priority processing')] : []),
    ...(speed !== undefined && speed !== 'standard' ? [problem('speed', 'another speed than standard')] : []),
    ...(isSaid(body['inference_geo']) ? [problem('inference_geo', 'a region of its own')] : []),
    ...(isSaid(body['web_search_options']) ? [problem('web_search_options', 'searching the web')] : []),
    ...(Array.isArray(modalities) && modalities.includes('audio') ? [problem('modalities', 'a spoken answer')] : []),
    ...(serverTool ? [problem('tools', 'a tool that the provider runs itself')] : []),
  ];
}

/** Anthropic's tools that Anthropic itself runs, and charges by the use; those that the caller runs cost nothing. */
function isServerTool(type: unknown): boolean {
  return typeof type === 'string' && /^(web_search|code_execution|web_fetch)/.test(type);
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null;
}

const MODEL = /^[\x21-\x7e]{1,200}$/;

/** Answers an empty name when there is none, with the problem. */
export function modelOf({ model }: JsonObject, problems: FieldProblem[]): string {
  if (typeof model === 'string' && MODEL.test(model)) return model;
  problems.push({ field: 'model', message: 'model must be the name of a model; GET /v1/models lists them' });
  return '';
}

/** A whole number above zero; null when it is not given, or not one, which is a problem then. */
export function wholeNumber(body: JsonObject, field: string, most: number, problems: FieldProblem[]): number | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value;
  problems.push({ field, message: `${field} must be a whole number from 1 to ${most}` });
  return null;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface Images {
  count: number;
  /** Of their data, which is not text. */
  bytes: number;
}

/** Pictures in messages, and in the results of tools, in either dialect. */
function imagesIn(messages: readonly JsonObject[]): Images {
  const found: Images = { count: 0, bytes: 0 };
  for (const { content } of messages) look(content, found);
  return found;
}

function look(content: unknown, found: Images): void {
  if (!Array.isArray(content)) return;
  for (const part of content as readonly unknown[]) {
    if (!isObject(part)) continue;
    if (part['type'] === 'image_url' || part['type'] === 'image') {
      found.count += 1;
      found.bytes += dataOf(part);
    } else if (part['type'] === 'tool_result') {
      // One level deep: results hold parts, and parts hold no results.
      if (Array.isArray(part['content']))
        look(
          part['content'].filter((one) => !isToolResult(one)),
          found,
        );
    }
  }
}

function isToolResult(part: unknown): boolean {
  return isObject(part) && part['type'] === 'tool_result';
}

function dataOf(part: JsonObject): number {
  const address = isObject(part['image_url']) ? part['image_url']['url'] : part['image_url'];
  if (typeof address === 'string' && address.startsWith('data:')) return address.length;
  const source = part['source'];
  return isObject(source) && typeof source['data'] === 'string' ? source['data'].length : 0;
}

function unique(problems: readonly FieldProblem[]): readonly FieldProblem[] {
  return problems.filter(({ field }, index) => problems.findIndex((one) => one.field === field) === index);
}
