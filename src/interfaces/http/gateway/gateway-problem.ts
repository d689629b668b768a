import { type Dialect, type FaultKind, ProviderFault, ProviderRefusal } from '#application/gateway/ai-provider';
import { TookTooLong } from '#application/gateway/ai-ask';
import { KeyTriedTooOften, RequestRunning } from '#application/gateway/metered-request';
import { AllProvidersFailed, CircuitBreakerOpen } from '#application/gateway/provider-failover';
import { RateLimited } from '#application/gateway/request-rates';
import { InsufficientCredits } from '#domain/credits/credit-account';
import { CreditRequestReused } from '#domain/credits/credit-account-repository';
import { CreditHoldClosed } from '#domain/credits/credit-hold';
import { DomainException } from '#domain/shared/domain-exception';
import { type Answer, HttpProblem, STATUS } from '../shared/problem.js';
import { InvalidRequest } from '../shared/parse.js';

/** What was wrong, before it is put into words of a dialect. */
interface Problem {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly param?: string | null;
  /** The numbers and names that were compared. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** Whether the same request can succeed later; absent where the status says enough. */
  readonly retry?: boolean;
  readonly retryAfterMs?: number | null;
}

/** The official clients try 408, 409, 429 and 5xx again by themselves, up to twice, unless `x-should-retry` says otherwise. */
const AGAIN_SOON_MS = 1000;

/**
 * The answer to anything thrown under `/v1`, in the shape that the official clients of the dialect read
 * (https://platform.openai.com/docs/guides/error-codes, https://docs.anthropic.com/en/api/errors). What is no refusal of
 * ours or of the caller's request is for the log: `isFault`.
 */
export function gatewayProblem(
  error: unknown,
  dialect: Dialect,
  requestId: string,
): { readonly answer: Answer; readonly isFault: boolean } {
  const known = problemOf(error, dialect);
  const problem = known ?? { status: 500, code: 'internal_error', message: 'Something went wrong on our side.' };
  const { retry, retryAfterMs } = problem;
  const headers = {
    ...(error instanceof HttpProblem && error.headers),
    ...(retry !== undefined && { 'x-should-retry': String(retry) }),
    ...(retryAfterMs != null && { 'Retry-After': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }),
    ...(problem.status === 401 && { 'WWW-Authenticate': 'Bearer' }),
    // Anthropic's clients look for it under this name.
    ...(dialect === 'anthropic' && { 'request-id': requestId }),
  };
  return {
    answer: { status: problem.status, body: bodyOf(problem, dialect, requestId), headers },
    isFault: known === null,
  };
}

/** An answer that broke off: never a clean end, which the clients would take for a whole one. */
export function streamErrorEvent({ kind }: ProviderFault, dialect: Dialect): string {
  const { status, code } = statusOfFault(kind, dialect);
  const message = 'The provider stopped in mid-answer. What was delivered is charged; ask again for the rest.';
  if (dialect === 'anthropic') {
    const data = { type: 'error', error: { type: anthropicType(status), message } };
    return `event: error\ndata: ${JSON.stringify(data)}\n\n`;
  }
  return `data: ${JSON.stringify({ error: { message, type: 'server_error', param: null, code } })}\n\n`;
}

function problemOf(error: unknown, dialect: Dialect): Problem | null {
  if (error instanceof InvalidRequest) {
    const { status, message, errors } = error;
    return { status, code: 'validation_error', message, param: errors[0]?.field ?? null, facts: { errors } };
  }
  if (error instanceof HttpProblem) {
    const { status, code, message, facts } = error;
    return { status, code, message, facts };
  }
  if (error instanceof ProviderRefusal) {
    const { status, code, message, param } = error;
    return { status, code: code ?? 'invalid_request', message, param };
  }
  if (error instanceof TookTooLong) {
    return {
      status: 504,
      code: 'timeout',
      message: 'The answer took longer than requests may take. Nothing was charged.',
    };
  }
  if (error instanceof DomainException) return refusalOf(error, dialect);
  return isExposed(error)
    ? { status: error.status, code: PARSER_CODES[error.status] ?? 'bad_request', message: error.message }
    : null;
}

function refusalOf(error: DomainException, dialect: Dialect): Problem {
  const { code, message, facts, refusal } = error;
  if (error instanceof InsufficientCredits) return creditProblem(error);
  if (error instanceof RateLimited)
    return { status: 429, code, message, facts, retry: true, retryAfterMs: error.retryAfterMs };
  if (error instanceof RequestRunning)
    return { status: 409, code, message, facts, retry: true, retryAfterMs: AGAIN_SOON_MS };
  if (error instanceof CreditRequestReused) {
    const used = 'This Idempotency-Key was used for another request. Use a new key for a new request.';
    return { status: 422, code: 'idempotency_key_reused', message: used };
  }
  if (error instanceof CreditHoldClosed) {
    const used =
      'The request with this Idempotency-Key was answered in pieces, and charged; such an answer is not kept. Use a new key.';
    return { status: 409, code: 'idempotency_key_used', message: used, retry: false };
  }
  if (error instanceof KeyTriedTooOften) return { status: 409, code, message, facts, retry: false };
  if (error instanceof CircuitBreakerOpen) {
    return { status: 503, code, message, facts, retry: false, retryAfterMs: error.retryAfterMs };
  }
  if (error instanceof AllProvidersFailed) {
    const { status, retryAfterMs } = failureOf(error, dialect);
    return { status, code, message, facts, retryAfterMs };
  }
  if (code === 'provider_not_configured') return { status: 503, code, message, facts, retry: false };
  if (code === 'model_not_priced')
    return { status: facts['unit'] === 'image' ? 422 : 400, code, message, facts, param: 'model' };
  const status = STATUS[refusal];
  return { status, code, message, facts, ...(status === 503 && { retryAfterMs: AGAIN_SOON_MS }) };
}

/** Two different pieces of advice: wait for what is running, or top up. Only the first can succeed by itself. */
function creditProblem({ code, message, facts }: InsufficientCredits): Problem {
  const [balance, held, required, debt] = ['balance_micros', 'held_micros', 'required_micros', 'debt_micros'].map(
    (name) => Number(facts[name]),
  ) as [number, number, number, number];
  const isHeld = held > 0 && debt === 0 && balance >= required;
  const reason = isHeld ? 'held_by_running_requests' : balance <= 0 ? 'balance_empty' : 'balance_too_low';
  const advice = isHeld
    ? 'Your credit is reserved by requests that are still running: wait for one of them to end, and ask again.'
    : 'Top up, or ask for less: a smaller max_tokens needs less to be reserved.';
  return {
    status: 402,
    code,
    message: `${message.replace(/ Buy credits, or wait for running work to end\.$/, '')} ${advice}`,
    facts: { reason, retryable: isHeld, ...facts },
    retry: isHeld,
    retryAfterMs: isHeld ? AGAIN_SOON_MS : null,
  };
}

/** One cause for all of them says more than that all failed. */
function failureOf(
  { faults, retryAfterMs }: AllProvidersFailed,
  dialect: Dialect,
): Pick<Problem, 'status' | 'retryAfterMs'> {
  const all = (kind: FaultKind) => faults.every((fault) => fault === kind);
  if (all('rate_limited')) return { status: 429, retryAfterMs: retryAfterMs ?? AGAIN_SOON_MS };
  if (all('overloaded'))
    return { status: statusOfFault('overloaded', dialect).status, retryAfterMs: retryAfterMs ?? AGAIN_SOON_MS };
  if (all('timeout')) return { status: 504 };
  return { status: 502 };
}

function statusOfFault(kind: FaultKind, dialect: Dialect): { readonly status: number; readonly code: string } {
  if (kind === 'overloaded') return { status: dialect === 'anthropic' ? 529 : 503, code: 'overloaded' };
  if (kind === 'timeout') return { status: 504, code: 'timeout' };
  return { status: 502, code: 'upstream_error' };
}

function bodyOf({ status, code, message, param = null, facts }: Problem, dialect: Dialect, requestId: string): object {
  const metadata = facts && Object.keys(facts).length > 0 ? { metadata: facts } : {};
  if (dialect === 'anthropic') {
    return { type: 'error', error: { type: anthropicType(status), message, code, ...metadata }, request_id: requestId };
  }
  return { error: { message, type: openAiType(status), param, code: OPENAI_CODES[status] ?? code, ...metadata } };
}

/** Codes that OpenAI's own clients know by name. */
const OPENAI_CODES: Readonly<Record<number, string>> = { 401: 'invalid_api_key' };

function openAiType(status: number): string {
  const types: Readonly<Record<number, string>> = {
    402: 'insufficient_quota',
    408: 'timeout',
    409: 'conflict',
    413: 'request_too_large',
    429: 'rate_limit_exceeded',
  };
  return types[status] ?? (status >= 500 ? 'server_error' : 'invalid_request_error');
}

function anthropicType(status: number): string {
  const types: Readonly<Record<number, string>> = {
    401: 'authentication_error',
    402: 'billing_error',
    403: 'permission_error',
    404: 'not_found_error',
    408: 'timeout_error',
    413: 'request_too_large',
    429: 'rate_limit_error',
    503: 'overloaded_error',
    504: 'timeout_error',
    529: 'overloaded_error',
  };
  return types[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
}

const PARSER_CODES: Readonly<Record<number, string>> = { 413: 'request_too_large', 415: 'unsupported_encoding' };

/** Express's own parsers mark the caller's mistakes as safe to show. */
function isExposed(error: unknown): error is { status: number; message: string } {
  return error instanceof Error && 'expose' in error && error.expose === true && 'status' in error;
}
