import { createHash } from 'node:crypto';
import { injectable } from 'inversify';
import { type Caller, pageSessionOf } from '#application/accounts/authentication';
import { Clock } from '#application/ports/clock';
import { IdempotentAnswers, type KeptAnswer, StillRunning } from '#application/ports/idempotent-answers';
import { Telemetry } from '#application/ports/telemetry';
import { RefusalRecording } from '#application/usage/refusal-recording';
import { FileTooLarge, LimitExceeded } from '#domain/plans/plan-limits';
import { DomainException } from '#domain/shared/domain-exception';
import { RequestCaller } from '../page/request-caller.js';
import { Attachment, type Call, type Operation, Reply, type Request, type Response } from './operation.js';
import { InvalidRequest, parse, parseQuery } from './parse.js';
import { type Answer, HttpProblem, refusalAnswer, requestIdOf, send } from './problem.js';

/** A request that declares no fields takes none. */
class NoFields {}

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** Carries one request through one operation: who asks, what for, once if it must be, and the answer. */
@injectable()
export class Execution {
  constructor(
    private readonly callers: RequestCaller,
    private readonly answers: IdempotentAnswers,
    private readonly telemetry: Telemetry,
    private readonly clock: Clock,
    private readonly refusals: RefusalRecording,
  ) {}

  async run(operation: Operation, request: Request, response: Response): Promise<void> {
    const caller = await this.callerOf(operation, request);
    mustBeJson(request);
    const call = {
      caller,
      params: request.params as Readonly<Record<string, string>>,
      body: parse(operation.body ?? NoFields, request.body),
      query: parseQuery(operation.query ?? NoFields, request.query),
      request,
    } as Call<object, object, never>;

    const key = request.get('Idempotency-Key');
    if (key !== undefined && operation.method !== 'get' && operation.access !== 'public') {
      return this.once(operation, call, key, response);
    }
    try {
      const prepared = operation.prepare ? await operation.prepare(call) : undefined;
      const result = await operation.handle({ ...call, prepared });
      if (operation.revalidated) revalidate(replyOf(operation, result), request, response);
      else answer(operation, result, response);
    } catch (error) {
      this.count(error);
      await this.keep(error, operation, call, response);
      throw error;
    }
  }

  private async callerOf({ access, page }: Operation, request: Request): Promise<Caller | null> {
    if (access === 'public') return null;
    const caller = await this.callers.of(request);
    if (!page && pageSessionOf(caller)) throw notOfThePage(request);
    if (access === 'admin' && caller.role !== 'admin') {
      throw new HttpProblem(403, 'admin_only', 'This operation needs the role admin.', { role: caller.role });
    }
    return caller;
  }

  private async once(
    operation: Operation,
    call: Call<object, object, never>,
    key: string,
    response: Response,
  ): Promise<void> {
    if (!IDEMPOTENCY_KEY.test(key)) {
      const message = 'Idempotency-Key is 1 to 255 visible ASCII characters';
      throw new InvalidRequest([{ field: 'Idempotency-Key', message }]);
    }
    const { userId } = call.caller;
    const fingerprint = fingerprintOf(call);
    const requestId = requestIdOf(response);
    const known = await this.answers.find(userId, key);
    if (known) return replay(known, fingerprint, response);

    // A refusal of the preparation is a decision like any other, so it is thrown where decisions are kept.
    const preparation = operation.prepare?.(call) ?? Promise.resolve();
    await Promise.allSettled([preparation]);
    let refused: unknown = null;
    const { answer: kept, replayed } = await this.answers
      .once(
        { userId, key, fingerprint, now: this.clock.now() },
        async () => {
          refused = null;
          const result = await operation.handle({ ...call, prepared: await preparation });
          const { status, body } = replyOf(operation, result);
          const shown = { fingerprint, status, body };
          return { shown, kept: { ...shown, body: without(body, operation.shownOnce ?? []) } };
        },
        (error) => {
          this.count(error);
          refused = error;
          return decision(error, fingerprint, requestId);
        },
      )
      .catch((error: unknown) => {
        throw error instanceof StillRunning ? keyInUse() : error;
      });
    if (replayed) return replay(kept, fingerprint, response);
    // Once its answer is kept: it may fail, and must not take the transaction of the answer with it.
    await this.keep(refused, operation, call, response);
    send(response, kept);
  }

  /** Of what a caller is refused for the own account: what an operator is refused for another's is no limit of the operator's. */
  private async keep(
    error: unknown,
    { access, path }: Operation,
    { caller }: Call<object, object, never>,
    response: Response,
  ): Promise<void> {
    if (access !== 'user') return;
    await this.refusals.execute(caller.userId, error, { route: path, requestId: requestIdOf(response) });
  }

  private count(error: unknown): void {
    if (error instanceof LimitExceeded || error instanceof FileTooLarge) this.telemetry.limitRefused(error.code);
  }
}

function notOfThePage({ method, path }: Request): HttpProblem {
  const message = `A session of the billing page is for what its pages do, and ${method} ${path} is none of it. Use an API key instead.`;
  return new HttpProblem(403, 'not_of_the_page', message);
}

/** What the rules decided is kept like any other answer; an outage is not a decision, and neither is that it was too often. */
function decision(error: unknown, fingerprint: string, requestId: string): KeptAnswer | null {
  if (!(error instanceof DomainException) || ['unavailable', 'too_many'].includes(error.refusal)) return null;
  const { status, body } = refusalAnswer(error, requestId);
  return { fingerprint, status, body };
}

function replay(known: KeptAnswer, fingerprint: string, response: Response): void {
  if (known.fingerprint !== fingerprint) {
    throw new HttpProblem(
      422,
      'idempotency_key_reused',
      'This Idempotency-Key was used for another request. Use a new key for a new request.',
    );
  }
  send(response, { ...known, headers: { 'Idempotent-Replayed': 'true' } } satisfies Answer);
}

function keyInUse(): HttpProblem {
  return new HttpProblem(
    409,
    'idempotency_key_in_use',
    'A request with this Idempotency-Key is still running. Ask again in a moment for its answer.',
    {},
    { 'Retry-After': '1' },
  );
}

/** A body that was sent as something else than JSON was not read, and must not pass for no body at all. */
function mustBeJson(request: Request): void {
  if (request.body !== undefined) return;
  if (request.headers['transfer-encoding'] === undefined && !Number(request.headers['content-length'])) return;
  throw new HttpProblem(415, 'unsupported_media_type', 'Send the body as JSON, with Content-Type: application/json.');
}

/** Method, address and meaning of the body: the order of fields and white space make no other request of it. */
function fingerprintOf({ request, body }: Call<unknown, unknown, never>): string {
  const canonical = JSON.stringify([request.method, request.originalUrl, body], (_, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(canonical).digest('base64url');
}

function without(body: unknown, fields: readonly string[]): unknown {
  if (fields.length === 0 || body === null || typeof body !== 'object') return body;
  return { ...body, ...Object.fromEntries(fields.map((field) => [field, null])) };
}

/** Sent with its ETag, or not at all when that is the one the caller has. */
function revalidate(reply: Answer, request: Request, response: Response): void {
  const tag = `"${createHash('sha256').update(JSON.stringify(reply.body)).digest('base64url').slice(0, 27)}"`;
  response.set({ ETag: tag, 'Cache-Control': 'no-cache' });
  const known = (request.get('If-None-Match') ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''));
  if (known.includes(tag) || known.includes('*')) response.status(304).end();
  else send(response, reply);
}

function answer(operation: Operation, result: unknown, response: Response): void {
  if (result instanceof Attachment) {
    if (result.disposition !== null) response.set('Content-Disposition', result.disposition);
    response.set('Content-Type', result.contentType);
    response.status(operation.status ?? 200).send(result.content);
    return;
  }
  send(response, replyOf(operation, result));
}

function replyOf(operation: Operation, result: unknown): Answer {
  return result instanceof Reply ? result : { status: operation.status ?? 200, body: result };
}
