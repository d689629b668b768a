import type { Dialect, JsonObject } from '#application/gateway/ai-provider';
import type { AiDemand } from '#domain/providers/ai-usage';
import { mostTokensOfPicture } from '#domain/providers/picture-tokens';
import { type FieldProblem, InvalidRequest } from '../shared/parse.js';
import { partsOf } from './chat-parts.js';
import { pricedOtherwise } from './priced-otherwise.js';

/**
 * Tokens are at least this many bytes of a request on average: English has four to a token, Chinese three (one character),
 * Cyrillic between. Counted over the whole JSON, names and quotes included, it is high, as a reservation should be.
 */
const BYTES_PER_TOKEN = 3;

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
  const messages: readonly unknown[] = Array.isArray(body['messages']) ? body['messages'] : [];
  const parts = partsOf(messages.filter(isObject));
  problems.push(...parts.problems);
  if (problems.length > 0) throw new InvalidRequest(unique(problems));
  const text = Math.ceil((bytes.length - parts.pictureBytes) / BYTES_PER_TOKEN);
  return {
    model,
    stream: body['stream'] === true,
    demand: {
      inputTokens: text + parts.pictures * mostTokensOfPicture(model),
      cacheWrites: asksForCache(body),
      outputTokens: bound === null ? null : bound * choices,
      choices,
      audioSeconds: 0,
      images: 0,
      image: null,
    },
  };
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

/** Looked for in what was read, not in what was sent: a name can be written with escapes. */
function asksForCache(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(asksForCache);
  return Object.entries(value).some(([name, inner]) => name === 'cache_control' || asksForCache(inner));
}

function unique(problems: readonly FieldProblem[]): readonly FieldProblem[] {
  return problems.filter(({ field }, index) => problems.findIndex((one) => one.field === field) === index);
}
