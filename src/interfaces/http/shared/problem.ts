import type { Response } from 'express';
import { DomainException, type Refusal } from '#domain/shared/domain-exception';
import { InvalidRequest } from './parse.js';

/** The one table from a refusal to its status. */
export const STATUS: Readonly<Record<Refusal, number>> = {
  forbidden: 403,
  payment_required: 402,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  too_many: 429,
  invalid: 422,
  unavailable: 503,
};

/** Codes that the contract gives a status of their own, whatever kind of refusal they are. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  unknown_plan: 400,
  page_session_unknown: 401,
  page_session_expired: 401,
  page_session_ended: 401,
  page_session_withdrawn: 401,
  page_link_used: 401,
  subscription_busy: 409,
};

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A mistake of the caller's that HTTP itself has a status for: 401, 404 of a route, 405, 409 while running, 415. */
export class HttpProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly facts: Readonly<Record<string, unknown>> = {},
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

export function notAuthenticated(message: string): HttpProblem {
  return new HttpProblem(401, 'not_authenticated', message, {}, CHALLENGE);
}

/** Every 401 says how to do better (RFC 9110, 11.6.1). */
const CHALLENGE = { 'WWW-Authenticate': 'Bearer' };

/** A refusal by the rules, as it goes over the wire. */
export function refusalAnswer({ code, message, facts, refusal }: DomainException, requestId: string): Answer {
  const status = STATUS_OF_CODE[code] ?? STATUS[refusal];
  return {
    status,
    body: body(requestId, code, message, facts),
    ...(refusal === 'unavailable' && { headers: { 'Retry-After': '1' } }),
    ...(refusal === 'too_many' && { headers: { 'Retry-After': String(facts.retry_after_seconds ?? 1) } }),
    ...(status === 401 && { headers: CHALLENGE }),
  };
}

/** The answer to anything thrown, or null for a fault: what that was is for the log, never for the caller. */
export function problemAnswer(error: unknown, requestId: string): Answer | null {
  if (error instanceof DomainException) return refusalAnswer(error, requestId);
  if (error instanceof InvalidRequest) {
    const { status, code, message, errors } = error;
    return { status, body: body(requestId, code, message, { errors }) };
  }
  if (error instanceof HttpProblem) {
    const { status, code, message, facts, headers } = error;
    return { status, body: body(requestId, code, message, facts), headers };
  }
  if (isUndecodable(error)) {
    return { status: 400, body: body(requestId, 'malformed_address', 'The address is not valid percent-encoding.') };
  }
  if (isExposed(error)) {
    const { status, message, type } = error;
    return { status, body: body(requestId, PARSER_CODES[type ?? ''] ?? 'bad_request', message) };
  }
  return null;
}

export function faultAnswer(requestId: string): Answer {
  return { status: 500, body: body(requestId, 'internal_error', 'Something went wrong on our side.') };
}

/** What every answer that is no success looks like. */
function body(requestId: string, code: string, message: string, facts: Readonly<Record<string, unknown>> = {}): object {
  return { detail: { error: code, message, request_id: requestId, ...facts } };
}

/** Express's own parsers mark the caller's mistakes as safe to show, and name them in `type`. */
const PARSER_CODES: Readonly<Record<string, string>> = {
  'entity.parse.failed': 'malformed_json',
  'entity.too.large': 'body_too_large',
  'encoding.unsupported': 'unsupported_encoding',
  'charset.unsupported': 'unsupported_charset',
};

function isExposed(error: unknown): error is { status: number; message: string; type?: string } {
  return error instanceof Error && 'expose' in error && error.expose === true && 'status' in error;
}

/** Express's router marks a path parameter that it cannot decode by the status alone. */
function isUndecodable(error: unknown): boolean {
  return error instanceof URIError && 'status' in error;
}

export function requestIdOf(response: Response): string {
  return String(response.getHeader('X-Request-Id'));
}

/** Written out at once: Express's own `json` looks into settings that are the same for every answer,. */
export function send(response: Response, { status, body, headers }: Answer): void {
  if (headers) response.set(headers);
  const text = JSON.stringify(body);
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
}
