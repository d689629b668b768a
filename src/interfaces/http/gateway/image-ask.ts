import type { JsonObject } from '#application/gateway/ai-provider';
import type { AiDemand } from '#domain/providers/ai-usage';
import { type FieldProblem, InvalidRequest } from '../shared/parse.js';
import { modelOf, wholeNumber } from './chat-ask.js';

const MOST_IMAGES = 10;
const LONGEST_PROMPT = 32_000;
const SIZE = /^[1-9]\d{1,4}x[1-9]\d{1,4}$/;
const QUALITY = /^[a-z]{2,20}$/;

export interface ImageFields {
  readonly model: string;
  readonly demand: AiDemand;
}

/** `POST /v1/images/generations` (https://platform.openai.com/docs/api-reference/images/create). Throws InvalidRequest. */
export function imageFields(body: JsonObject): ImageFields {
  const problems: FieldProblem[] = [];
  const model = modelOf(body, problems);
  const { prompt, response_format: format } = body;
  if (typeof prompt !== 'string' || prompt.trim() === '' || prompt.length > LONGEST_PROMPT) {
    const message = `prompt must say what to draw, in 1 to ${LONGEST_PROMPT} characters`;
    problems.push({ field: 'prompt', message });
  }
  const images = wholeNumber(body, 'n', MOST_IMAGES, problems) ?? 1;
  const size = variantOf(body, 'size', SIZE, 'a size such as 1024x1024, or auto', problems);
  const quality = variantOf(body, 'quality', QUALITY, 'a quality such as low, medium or high, or auto', problems);
  if (format !== undefined && format !== null && format !== 'url' && format !== 'b64_json') {
    problems.push({ field: 'response_format', message: 'response_format must be url or b64_json' });
  }
  const { stream } = body;
  if (stream !== undefined && stream !== null && stream !== false) {
    problems.push({ field: 'stream', message: 'images come whole: stream must be false, or left out' });
  }
  if (problems.length > 0) throw new InvalidRequest(problems);
  return {
    model,
    demand: {
      inputTokens: 0,
      cacheWrites: false,
      outputTokens: null,
      choices: 1,
      audioSeconds: 0,
      images,
      image: { quality, size },
    },
  };
}

/** Null when the provider is to decide. */
function variantOf(
  body: JsonObject,
  field: string,
  pattern: RegExp,
  what: string,
  problems: FieldProblem[],
): string | null {
  const value = body[field];
  if (value === undefined || value === null || value === 'auto') return null;
  if (typeof value === 'string' && pattern.test(value)) return value;
  problems.push({ field, message: `${field} must be ${what}` });
  return null;
}
