import { createHash } from 'node:crypto';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { injectable } from 'inversify';
import { Authentication, type Caller, pageSessionOf } from '#application/accounts/authentication';
import { type AiAsk, ClientGone } from '#application/gateway/ai-ask';
import type { AudioFile, Dialect } from '#application/gateway/ai-provider';
import { ListModels } from '#application/gateway/list-models';
import { MeteredRequest } from '#application/gateway/metered-request';
import { RequestRates } from '#application/gateway/request-rates';
import type { WholeAnswer } from '#application/gateway/whole-answer';
import { IdempotentAnswers } from '#application/ports/idempotent-answers';
import { Log } from '#application/ports/log';
import { Outages } from '#application/ports/outages';
import { Telemetry } from '#application/ports/telemetry';
import { RecordingProbe } from '#application/sessions/recording-probe';
import { RefusalRecording } from '#application/usage/refusal-recording';
import { CreditHoldClosed } from '#domain/credits/credit-hold';
import { ModelNotFound } from '#domain/providers/model-catalog';
import { DomainException } from '#domain/shared/domain-exception';
import { InvalidRequest } from '../shared/parse.js';
import { HttpProblem, notAuthenticated, requestIdOf, send } from '../shared/problem.js';
import { RawRoutes } from '../shared/raw-routes.js';
import { AnswerResponse } from './answer-response.js';
import { BodyRoom, type BodyShare } from './body-room.js';
import { CallerDeparture } from './caller-departure.js';
import { chatFields } from './chat-ask.js';
import { GATEWAY_CONTRACT } from './gateway.contract.js';
import { gatewayProblem } from './gateway-problem.js';
import { imageFields } from './image-ask.js';
import { bodyOf, jsonOf } from './json-body.js';
import { modelObject } from './model-object.js';
import { transcriptionForm } from './transcription-ask.js';

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,240}$/;

type Asked = Omit<AiAsk, 'traceId' | 'endpoint' | 'idempotencyKey' | 'fingerprint' | 'traceparent'>;

/** What reads one kind of request. `fingerprint` tells two requests with one Idempotency-Key apart. */
interface Endpoint {
  readonly path: string;
  readonly dialect: Dialect;
  readonly read: (request: Request, share: BodyShare) => Promise<Read>;
}

interface Read {
  readonly asked: Asked;
  readonly fingerprint: () => string;
}

/**
 * `/v1`: the AI gateway, as OpenAI's and Anthropic's own clients speak it. Whoever asks is known before a byte of the body is
 * read; everything that can be refused is, before anything is held.
 */
@injectable()
export class GatewayRoutes implements RawRoutes {
  readonly contract = GATEWAY_CONTRACT;

  constructor(
    private readonly authentication: Authentication,
    private readonly rates: RequestRates,
    private readonly requests: MeteredRequest,
    private readonly models: ListModels,
    private readonly probe: RecordingProbe,
    private readonly answers: IdempotentAnswers,
    private readonly outages: Outages,
    private readonly telemetry: Telemetry,
    private readonly log: Log,
    private readonly refusals: RefusalRecording,
  ) {}

  get router(): Router {
    const router = Router();
    for (const endpoint of this.endpoints) {
      router.all(
        endpoint.path,
        this.answering(
          endpoint.path,
          () => endpoint.dialect,
          'POST',
          (...both) => this.handle(endpoint, ...both),
        ),
      );
    }
    const dialect = (request: Request) => (request.get('anthropic-version') ? 'anthropic' : 'openai');
    router.all(
      '/v1/models',
      this.answering('/v1/models', dialect, 'GET', (...both) => this.listModels(...both)),
    );
    // Names of models may have slashes in them.
    router.all(
      '/v1/models/*name',
      this.answering('/v1/models/:model', dialect, 'GET', (...both) => this.showModel(...both)),
    );
    router.all('/v1/*rest', this.answering('none', dialect, 'any', nothingThere));
    return router;
  }

  private readonly endpoints: readonly Endpoint[] = [
    { path: '/v1/chat/completions', dialect: 'openai', read: readJson('chat', 'openai') },
    { path: '/v1/messages', dialect: 'anthropic', read: readJson('chat', 'anthropic') },
    { path: '/v1/images/generations', dialect: 'openai', read: readJson('image', 'openai') },
    { path: '/v1/audio/transcriptions', dialect: 'openai', read: (...both) => this.readForm(...both) },
  ];

  private readonly room = new BodyRoom();

  private answering(
    path: string,
    dialectOf: (request: Request) => Dialect,
    method: 'GET' | 'POST' | 'any',
    handle: (request: Request, response: Response) => Promise<void>,
  ): RequestHandler {
    return async (request, response) => {
      response.locals.route = path;
      try {
        if (method !== 'any') mustBe(method, path, request, response);
        await handle(request, response);
      } catch (thrown) {
        const error = this.outages.recognise(thrown) ?? thrown;
        if (error instanceof DomainException) this.telemetry.aiRequestRefused(path, error.code);
        const requestId = requestIdOf(response);
        const { answer, isFault } = gatewayProblem(error, dialectOf(request), requestId);
        if (isFault && !(error instanceof ClientGone)) {
          this.log.error(error, { request_id: requestId, route: path }, 'request failed');
        }
        // Half an answer cannot be taken back; cut off, it is at least not taken for a whole one.
        if (response.headersSent) response.destroy();
        else send(response, answer);
      }
    };
  }

  /** In both shapes at once: each client reads the fields that it knows. */
  private async listModels(request: Request, response: Response): Promise<void> {
    await this.callerOf(request);
    const data = (await this.models.served()).map(modelObject);
    const ends = { first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
    send(response, { status: 200, body: { object: 'list', data, has_more: false, ...ends } });
  }

  private async showModel(request: Request, response: Response): Promise<void> {
    await this.callerOf(request);
    const { name } = request.params as unknown as { readonly name: readonly string[] };
    const model = (await this.models.served()).find((one) => one.model === name.join('/'));
    if (!model) throw new ModelNotFound(name.join('/'));
    send(response, { status: 200, body: modelObject(model) });
  }

  /** Admitted before its body is read: to read and understand it is most of what a request costs us. */
  private async handle(endpoint: Endpoint, request: Request, response: Response): Promise<void> {
    const caller = await this.callerOf(request);
    const leave = await this.rates.admit(caller.userId);
    const share = this.room.enter(caller.userId);
    try {
      await this.carry(endpoint, caller, request, response, share);
    } catch (error) {
      const refused = { route: endpoint.path, requestId: requestIdOf(response) };
      await this.refusals.execute(caller.userId, error, refused);
      throw error;
    } finally {
      share.leave();
      leave();
    }
  }

  private async carry(
    { path, dialect, read }: Endpoint,
    caller: Caller,
    request: Request,
    response: Response,
    share: BodyShare,
  ): Promise<void> {
    const gone = new CallerDeparture(response);
    const { asked, fingerprint: fingerprintOf } = await read(request, share);
    const key = idempotencyKeyOf(request);
    const fingerprint = key === null ? '' : fingerprintOf();
    if (key !== null && (await this.replayed(caller, key, fingerprint, response))) return;
    const traceId = requestIdOf(response);
    const traceparent = request.get('traceparent') ?? null;
    if (dialect === 'anthropic') response.setHeader('request-id', traceId);
    const sink = new AnswerResponse(response, dialect);
    const { task, model, body, audio, stream, demand } = asked;
    const ask: AiAsk = {
      traceId,
      endpoint: path,
      task,
      dialect,
      model,
      body,
      audio,
      stream,
      demand,
      idempotencyKey: key,
      fingerprint,
      traceparent,
    };
    try {
      await this.requests.execute(caller, ask, sink, gone);
    } catch (error) {
      // Carried out by another, after it was looked for here.
      const isDone = key !== null && error instanceof CreditHoldClosed;
      if (!isDone || !(await this.replayed(caller, key, fingerprint, response))) throw error;
    }
  }

  /** Bearer and x-api-key are two ways to say the same thing, and are checked alike. */
  private async callerOf(request: Request): Promise<Caller> {
    const [scheme, token] = (request.get('Authorization') ?? '').split(' ');
    const credential = scheme?.toLowerCase() === 'bearer' && token ? token : request.get('x-api-key');
    const caller = credential ? await this.authentication.execute(credential) : null;
    // Who looks at a bill in a browser does not spend by it: a page's token in a frame is no key to models.
    if (!caller || pageSessionOf(caller)) {
      throw notAuthenticated('Send a valid API key, as "Authorization: Bearer <key>" or as "x-api-key: <key>".');
    }
    return caller;
  }

  private async readForm(request: Request, share: BodyShare): Promise<Read> {
    const { model, fields, file } = await transcriptionForm(request, share);
    const { duration, contentType } = await this.probe.measureBytes(file.bytes);
    const audio: AudioFile = { filename: file.filename, contentType, bytes: file.bytes, seconds: duration.seconds };
    return {
      asked: {
        task: 'transcription',
        dialect: 'openai',
        model,
        body: fields,
        audio,
        stream: false,
        demand: {
          inputTokens: 0,
          cacheWrites: false,
          outputTokens: null,
          choices: 1,
          audioSeconds: duration.seconds,
          images: 0,
          image: null,
        },
      },
      fingerprint: () => digest(request, JSON.stringify(fields), file.bytes),
    };
  }

  private async replayed({ userId }: Caller, key: string, fingerprint: string, response: Response): Promise<boolean> {
    const known = await this.answers.find(userId, key);
    if (!known) return false;
    if (known.fingerprint !== fingerprint) {
      const message = 'This Idempotency-Key was used for another request. Use a new key for a new request.';
      throw new HttpProblem(422, 'idempotency_key_reused', message);
    }
    const { contentType, text } = known.body as WholeAnswer;
    response.statusCode = known.status;
    // Not by Express's own method, which would add a charset that the first answer did not have.
    response.setHeader('Content-Type', contentType);
    response.setHeader('Content-Length', Buffer.byteLength(text));
    response.setHeader('Idempotent-Replayed', 'true');
    response.end(text);
    return true;
  }
}

async function nothingThere({ method, path }: Request): Promise<void> {
  throw new HttpProblem(404, 'route_not_found', `There is nothing at ${method} ${path}. /docs lists what there is.`);
}

function mustBe(method: 'GET' | 'POST', path: string, request: Request, response: Response): void {
  if (request.method === method) return;
  response.setHeader('Allow', method);
  throw new HttpProblem(405, 'method_not_allowed', `${path} does not take ${request.method}.`, { allowed: [method] });
}

/** JSON of one dialect. */
function readJson(task: 'chat' | 'image', dialect: Dialect): Endpoint['read'] {
  return async (request, share) => {
    const sent = await bodyOf(request, share);
    const body = jsonOf(sent);
    const fields = task === 'chat' ? chatFields(body, sent, dialect) : { ...imageFields(body), stream: false };
    return {
      asked: { task, dialect, body, audio: null, ...fields },
      fingerprint: () => digest(request, sent),
    };
  };
}

function idempotencyKeyOf(request: Request): string | null {
  const key = request.get('Idempotency-Key');
  if (key === undefined) return null;
  if (IDEMPOTENCY_KEY.test(key)) return key;
  const message = 'Idempotency-Key is 1 to 240 visible ASCII characters';
  throw new InvalidRequest([{ field: 'Idempotency-Key', message }]);
}

function digest(request: Request, ...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256').update(`${request.method} ${request.originalUrl}\n`);
  for (const part of parts) hash.update(part);
  return hash.digest('base64url');
}
