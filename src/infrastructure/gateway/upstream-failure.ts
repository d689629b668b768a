import { type FaultKind, ProviderFault, ProviderRefusal } from '#application/gateway/ai-provider';
import { oneLine } from '#domain/sessions/plain-text';
import { retryAfterSeconds } from '../providers/retry-after.js';
import type { UpstreamAnswer, UpstreamHeaders } from './upstream.js';

const MOST_BYTES = 64 * 1024;
const LONGEST_MS = 2_000;
const LONGEST_MESSAGE = 1_000;

/** Who was asked, and for which model, by its provider's name of it. */
export interface AskedModel {
  readonly provider: string;
  readonly model: string;
}

/**
 * What an answer that is no success means: the provider's fault, or its refusal of the request. A model is unknown only where
 * the answer names it, and content is flagged whoever asks: neither says anything about the provider. Reads at most 64 kB of its
 * body, for at most two seconds. Rejects with the signal's reason once that is aborted.
 */
export async function failureOf(
  { provider, model }: AskedModel,
  answer: UpstreamAnswer,
): Promise<ProviderFault | ProviderRefusal> {
  const said = saidBy(await beginningOf(answer));
  const { status } = answer;
  if ((status === 400 || status === 404) && namesUnknownModel(said, model, status))
    return faultOf(provider, answer, said, 'model_not_found');
  if (status === 400 || status === 413 || status === 422) return refusalOf(status, said);
  // Other things of the request can be missing, too. What says nothing is no API at all, and its address is wrong.
  if (status === 404 && said.message !== null && !SAYS_NOTHING.test(said.message)) return refusalOf(400, said);
  if (status === 403 && isFlagged(said)) return refusalOf(400, said);
  return faultOf(provider, answer, said, kindOf(status, said));
}

/** What web servers say of an address that does not exist. */
const SAYS_NOTHING = /^(?:404 )?(?:page )?not found\.?$|^invalid url\b|^cannot post\b/i;

function refusalOf(status: ProviderRefusal['status'], { message, code, param }: Said): ProviderRefusal {
  return new ProviderRefusal(status, message ?? `The request was refused (${status}).`, code, param);
}

function faultOf(provider: string, { status, headers }: UpstreamAnswer, said: Said, kind: FaultKind): ProviderFault {
  const words = said.message === null ? '.' : `: ${said.message}`;
  return new ProviderFault(kind, `${provider} answered ${status}${words}`, status, retryAfterMs(headers));
}

/**
 * What an error within an answer means: `{"error": {…}}` in a stream, or with the status 200. Of Anthropic's errors `type`
 * says which, of OpenAI's `code`.
 */
export function faultWithin(asked: AskedModel, answer: unknown): ProviderFault {
  const said = saidByObject(answer);
  const words = said.message === null ? '.' : `: ${said.message}`;
  const message = `${asked.provider} reported an error in its answer${words}`;
  return new ProviderFault(kindOfWords(said, asked.model), message, null, null);
}

/**
 * What an error in place of an answer (`unanswered`) or within one (`begun`) means: then it is too late to refuse the request.
 */
export function failureWithin(
  asked: AskedModel,
  answer: unknown,
  state: 'unanswered' | 'begun',
): ProviderFault | ProviderRefusal {
  const said = saidByObject(answer);
  const refuses = REFUSAL_TYPES.has(said.type ?? '') || REFUSAL_TYPES.has(said.code ?? '') || isFlagged(said);
  if (state === 'begun' || !refuses || namesUnknownModel(said, asked.model, 400)) return faultWithin(asked, answer);
  return refusalOf(400, said);
}

/** A refusal that came with the status 200. */
export function refusalWithin(answer: unknown, status: ProviderRefusal['status']): ProviderRefusal {
  return refusalOf(status, saidByObject(answer));
}

const REFUSAL_TYPES = new Set(['invalid_request_error', 'context_length_exceeded', '400', '413', '422']);

function kindOf(status: number, { code, type }: Said): FaultKind {
  switch (status) {
    case 401:
      return 'unauthorized';
    case 402:
      return 'payment_required';
    case 403:
      return 'forbidden';
    case 408:
    case 504:
      return 'timeout';
    case 429:
      return code === 'insufficient_quota' || type === 'insufficient_quota' ? 'payment_required' : 'rate_limited';
    case 503:
    case 529:
      return 'overloaded';
    default:
      return status >= 500 ? 'server_error' : 'invalid_answer';
  }
}

function kindOfWords(said: Said, model: string): FaultKind {
  const names = [said.code, said.type];
  const says = (...known: readonly string[]) => known.some((name) => names.includes(name));
  if (says('overloaded_error', 'overloaded', '503', '529')) return 'overloaded';
  if (says('insufficient_quota', 'billing_error', '402')) return 'payment_required';
  if (says('rate_limit_exceeded', 'rate_limit_error', '429')) return 'rate_limited';
  if (namesUnknownModel(said, model, says('404', 'not_found_error') ? 404 : 400)) return 'model_not_found';
  if (says('timeout_error', 'timeout', '408', '504')) return 'timeout';
  // What the caller brought about counts for nobody.
  if (isFlagged(said)) return 'invalid_answer';
  return 'server_error';
}

/** `retry-after-ms` (OpenAI's) or `retry-after`, whose dates count from the answer's own. */
export function retryAfterMs(headers: UpstreamHeaders): number | null {
  const exact = textOf(headers['retry-after-ms']);
  if (exact !== undefined && /^\d{1,8}$/.test(exact)) return Number(exact);
  const date = Date.parse(textOf(headers['date']) ?? '');
  const seconds = retryAfterSeconds(textOf(headers['retry-after']), new Date(Number.isNaN(date) ? Date.now() : date));
  return seconds === null ? null : seconds * 1000;
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

async function beginningOf({ body }: UpstreamAnswer): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const enough = new Error('enough was read');
  const timer = setTimeout(() => body.destroy(enough), LONGEST_MS);
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MOST_BYTES) break;
    }
  } catch (error) {
    // The status says enough: a body that breaks off or stalls takes nothing from it.
    if (error !== enough && !(error instanceof ProviderFault)) throw error;
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks).toString('utf8', 0, MOST_BYTES);
}

interface Said {
  /** Null when it says nothing that can be read. */
  readonly message: string | null;
  readonly type: string | null;
  readonly code: string | null;
  readonly param: string | null;
  /** OpenRouter's `metadata` of what a moderation found: https://openrouter.ai/docs/api/reference/errors-and-debugging. */
  readonly hasFlags: boolean;
}

const SILENCE: Said = { message: null, type: null, code: null, param: null, hasFlags: false };

/**
 * OpenAI's `error.{message,type,code,param}`, Anthropic's `error.{type,message}`, FastAPI's `detail`, a bare `error` or
 * `message`. A page of HTML says nothing.
 */
function saidBy(body: string): Said {
  try {
    return saidByObject(JSON.parse(body));
  } catch (error) {
    if (error instanceof SyntaxError) return SILENCE;
    throw error;
  }
}

function saidByObject(answer: unknown): Said {
  const error = at(answer, 'error');
  const words = [
    at(error, 'message'),
    error,
    at(answer, 'message'),
    at(answer, 'detail'),
    at(answer, 'detail', '0', 'msg'),
  ];
  const message = words.find((text) => typeof text === 'string');
  return {
    message: message === undefined ? null : withoutSecrets(message),
    type: name(at(error, 'type')),
    code: name(at(error, 'code')),
    param: name(at(error, 'param')),
    hasFlags: at(error, 'metadata', 'flagged_input') !== undefined || at(error, 'metadata', 'reasons') !== undefined,
  };
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
    value,
  );
}

/** OpenRouter's codes are numbers. */
function name(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? withoutSecrets(value)!.slice(0, 100) : null;
}

/** Keys as all providers spell them, and addresses with a user or a key in them. */
function withoutSecrets(text: string): string | null {
  const safe = text
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s/@]*:[^\s/@]*@[^\s"']*/gi, '[address]')
    .replace(/([?&](?:api[-_]?)?key=)[^\s&"']+/gi, '$1[key]')
    .replace(/\bBearer\s+[\w.~+/=*-]{4,}/gi, '[key]')
    .replace(/\b(?:(?:sk|pk|rk|fw|gsk|xai)[-_][\w*.-]{4,}|(?:key|org)[-_]\w{16,}|AIza[\w-]{20,})/gi, '[key]');
  const line = oneLine(safe);
  return line === '' ? null : [...line].slice(0, LONGEST_MESSAGE).join('');
}

/**
 * OpenAI `model_not_found`, OpenRouter and others in words: `The model gpt-9 does not exist`, `gpt-9 is not a valid model ID`. A
 * 404 that names the model is about it; a 400 must say so. An answer can quote the request, so that one about another field of
 * it says nothing about the model.
 */
function namesUnknownModel({ code, param, message }: Said, model: string, status: 400 | 404): boolean {
  if (code === 'model_not_found') return true;
  const isAboutModel = (param ?? 'model') === 'model' && (code === null || /^\d+$|model/i.test(code));
  if (!isAboutModel || !message?.toLowerCase().includes(model.toLowerCase())) return false;
  return status === 404 || UNKNOWN_MODEL.test(message) || NOT_A_MODEL.test(message);
}
const UNKNOWN_MODEL = /\bmodels?\b[^!?]{0,160}\b(?:does not exist|not found|not exist|is not available)\b/i;
const NOT_A_MODEL = /\b(?:not a valid model|unknown model|invalid model|no such model)\b/i;

/** What a moderation found in the request: the same everywhere, and the caller's affair. */
function isFlagged({ hasFlags, code, type, message }: Said): boolean {
  return hasFlags || FLAGS.test(code ?? '') || FLAGS.test(type ?? '') || FLAGGED.test(message ?? '');
}
const FLAGS = /moderation|content_(?:policy|filter)|flagged|^refusal$/i;
const FLAGGED = /\binput was flagged\b|\bflagged by (?:a |our |the )?(?:content|moderation)/i;
