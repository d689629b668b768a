import { type FaultKind, ProviderFault, ProviderRefusal } from '#application/gateway/ai-provider';
import { oneLine } from '#domain/sessions/plain-text';
import { retryAfterSeconds } from '../providers/retry-after.js';
import type { UpstreamAnswer, UpstreamHeaders } from './upstream.js';

const MOST_BYTES = 64 * 1024;
const LONGEST_MS = 2_000;
const LONGEST_MESSAGE = 1_000;

/**
 * What an answer that is no success means: the provider's fault, or its refusal of the request. Reads at most 64 kB of its
 * body, for at most two seconds. Rejects with the signal's reason once that is aborted.
 */
export async function failureOf(provider: string, answer: UpstreamAnswer): Promise<ProviderFault | ProviderRefusal> {
  const said = saidBy(await beginningOf(answer));
  const { status } = answer;
  if ((status === 400 || status === 404) && namesUnknownModel(said))
    return faultOf(provider, answer, said, 'model_not_found');
  if (status === 400 || status === 413 || status === 422) {
    return new ProviderRefusal(status, said.message ?? `The request was refused (${status}).`, said.code, said.param);
  }
  return faultOf(provider, answer, said, kindOf(status, said));
}

function faultOf(provider: string, { status, headers }: UpstreamAnswer, said: Said, kind: FaultKind): ProviderFault {
  const words = said.message === null ? '.' : `: ${said.message}`;
  return new ProviderFault(kind, `${provider} answered ${status}${words}`, status, retryAfterMs(headers));
}

/**
 * What an error within an answer means: `{"error": {…}}` in a stream, or with the status 200. Of Anthropic's errors `type`
 * says which, of OpenAI's `code`.
 */
export function faultWithin(provider: string, answer: unknown): ProviderFault {
  const said = saidByObject(answer);
  const words = said.message === null ? '.' : `: ${said.message}`;
  return new ProviderFault(kindOfWords(said), `${provider} reported an error in its answer${words}`, null, null);
}

/**
 * What an error in place of an answer (`unanswered`) or within one (`begun`) means: then it is too late to refuse the request.
 */
export function failureWithin(
  provider: string,
  answer: unknown,
  state: 'unanswered' | 'begun',
): ProviderFault | ProviderRefusal {
  const said = saidByObject(answer);
  const refuses = REFUSAL_TYPES.has(said.type ?? '') || REFUSAL_TYPES.has(said.code ?? '');
  if (state === 'begun' || !refuses || namesUnknownModel(said)) return faultWithin(provider, answer);
  return new ProviderRefusal(400, said.message ?? 'The request was refused.', said.code, said.param);
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
    case 404:
      return 'model_not_found';
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

function kindOfWords(said: Said): FaultKind {
  const names = [said.code, said.type];
  const says = (...known: readonly string[]) => known.some((name) => names.includes(name));
  if (says('overloaded_error', 'overloaded', '503', '529')) return 'overloaded';
  if (says('insufficient_quota', 'billing_error', '402')) return 'payment_required';
  if (says('rate_limit_exceeded', 'rate_limit_error', '429')) return 'rate_limited';
  if (namesUnknownModel(said) || says('404')) return 'model_not_found';
  if (says('timeout_error', 'timeout', '408', '504')) return 'timeout';
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
}

const SILENCE: Said = { message: null, type: null, code: null, param: null };

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

/** OpenAI `model_not_found`, OpenRouter and others in words: `The model gpt-9 does not exist`, `gpt-9 is not a valid model ID`. */
function namesUnknownModel({ code, message }: Said): boolean {
  if (code === 'model_not_found') return true;
  return message !== null && (UNKNOWN_MODEL.test(message) || NOT_A_MODEL.test(message));
}
const UNKNOWN_MODEL = /\bmodels?\b[^.!?]{0,120}\b(?:does not exist|not found|not exist|is not available)\b/i;
const NOT_A_MODEL = /\b(?:not a valid model|unknown model|invalid model|no such model)\b/i;
