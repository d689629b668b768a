import { randomUUID } from 'node:crypto';
import cors from 'cors';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import helmet from 'helmet';
import { injectable, multiInject, optional } from 'inversify';
import { UploadReceiver } from '#application/sessions/upload-receiver';
import { Clock } from '#application/ports/clock';
import { Log } from '#application/ports/log';
import { Telemetry } from '#application/ports/telemetry';
import { Outages } from '#application/ports/outages';
import { uploadRoutes } from './sessions/upload.routes.js';
import { Execution } from './shared/execution.js';
import { HttpSettings } from './shared/http-settings.js';
import { Controller, type Operation } from './shared/operation.js';
import { faultAnswer, HttpProblem, problemAnswer, refusalAnswer, requestIdOf, send } from './shared/problem.js';
import { RawRoutes } from './shared/raw-routes.js';
import { documentationRoutes } from './system/documentation.routes.js';
import { type OpenApiDocument, openApiDocument } from './system/openapi.js';

export { HttpSettings };

/** A request id that a caller may bring along, so that its own logs and ours can be joined. */
const REQUEST_ID = /^[\w-]{8,64}$/;

const JSON_BODY_LIMIT = '1mb';

/** The order of middleware, and every operation. */
@injectable()
export class HttpApp {
  readonly operations: readonly Operation[];

  constructor(
    @multiInject(Controller) controllers: readonly Controller[],
    private readonly execution: Execution,
    private readonly uploads: UploadReceiver,
    private readonly outages: Outages,
    private readonly telemetry: Telemetry,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly settings: HttpSettings,
    @multiInject(RawRoutes) @optional() private readonly rawRoutes: readonly RawRoutes[] = [],
  ) {
    this.operations = controllers.flatMap(({ operations }) => operations).sort(literalFirst);
  }

  /** The contract of everything that programs call. */
  get document(): OpenApiDocument {
    return openApiDocument(
      this.operations,
      this.rawRoutes.map(({ contract }) => contract),
    );
  }

  build(): Express {
    const app = express();
    app.disable('x-powered-by');
    app.disable('etag');
    app.set('query parser', 'simple');
    app.use(this.entrance());
    for (const { router } of this.rawRoutes) app.use(router);
    app.use(uploadRoutes(this.uploads, this.clock));
    app.use(documentationRoutes(this.document));
    // Nothing is unpacked: nobody is known yet, and a thousandth of the limit would do to reach it.
    app.use(express.json({ limit: JSON_BODY_LIMIT, strict: true, inflate: false }));
    for (const operation of this.operations) {
      app[operation.method](operation.path, (request, response) => {
        response.locals.route = operation.path;
        return this.execution.run(operation, request, response);
      });
    }
    for (const [path, methods] of methodsByPath(this.operations)) app.all(path, otherMethod(path, methods));
    app.use(this.unknownRoute, this.problem);
    return app;
  }

  /** What every request passes: as layers of their own, that reckon the same headers for each, it took 3 µs more. */
  private entrance(): RequestHandler {
    const crossOrigin = cors(corsOptions(this.settings.allowedOrigins));
    const always = headersSetBy(helmet({ contentSecurityPolicy: NOTHING_TO_SHOW, ...FOR_PAGES_OF_OLD }));
    const alwaysToPrograms = [...always, ...headersSetBy(crossOrigin)];
    return (request, response, next) => {
      identify(request, response);
      this.observe(request, response);
      const isOfPage = request.headers.origin !== undefined || request.method === 'OPTIONS';
      for (const [name, value] of isOfPage ? always : alwaysToPrograms) response.setHeader(name, value);
      if (isOfPage) crossOrigin(request, response, next);
      else next();
    };
  }

  private observe(request: Request, response: Response): void {
    const began = performance.now();
    response.once('close', () => {
      const seconds = (performance.now() - began) / 1000;
      const { method } = request;
      const route = routeOf(response);
      const status = response.writableFinished ? response.statusCode : CLIENT_GONE;
      this.telemetry.httpAnswered(method, route, status, seconds);
      const ms = Math.round(seconds * 1e5) / 100;
      this.log.info({ request_id: requestIdOf(response), method, route, status, ms }, 'request');
    });
  }

  private readonly unknownRoute: RequestHandler = (request) => {
    throw new HttpProblem(404, 'route_not_found', `There is nothing at ${request.method} ${request.path}.`);
  };

  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express knows a handler of errors by its four arguments.
  private readonly problem: ErrorRequestHandler = (error: unknown, request, response, _next) => {
    const requestId = requestIdOf(response);
    const refused = this.outages.recognise(error);
    const answer = refused
      ? refusalAnswer(refused, requestId)
      : (problemAnswer(error, requestId) ?? faultAnswer(requestId));
    if (answer.status >= 500) {
      const fields = { request_id: requestId, method: request.method, route: routeOf(response) };
      this.log.error(error, fields, 'request failed');
    }
    // Half an answer cannot be taken back; cut off, it is at least not taken for a whole one.
    if (response.headersSent) response.destroy();
    else send(response, answer);
  };
}

function identify(request: Request, response: Response): void {
  const given = request.get('X-Request-Id');
  response.setHeader('X-Request-Id', given && REQUEST_ID.test(given) ? given : randomUUID());
  // Answers are one caller's own and true for this moment; what may be kept says so itself.
  response.setHeader('Cache-Control', 'no-store');
}

/** The headers that a middleware sets on the answer to a program's request: always the same. */
function headersSetBy(middleware: RequestHandler): readonly (readonly [string, string])[] {
  const headers: [string, string][] = [];
  const response = {
    getHeader: () => undefined,
    setHeader: (name: string, value: string) => void headers.push([name, value]),
    removeHeader: () => undefined,
  };
  middleware({ method: 'GET', headers: {} } as Request, response as unknown as Response, () => undefined);
  return headers;
}

/** As nginx logs a client that went away before its answer was complete. */
const CLIENT_GONE = 499;

function routeOf(response: Response): string {
  return (response.locals.route as string | undefined) ?? 'none';
}

/** What is answered here is data: a browser that shows it must neither run, load nor frame anything. */
const NOTHING_TO_SHOW = {
  useDefaults: false,
  directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
};

/** Headers that only pages, and browsers long gone, would heed. */
const FOR_PAGES_OF_OLD = {
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
};

/** `/sessions/providers` before `/sessions/:id`, in whatever order the controllers were bound. */
function literalFirst(one: Operation, other: Operation): number {
  const [a, b] = [one, other].map(({ path }) => path.replace(/:\w+/g, '\uffff')) as [string, string];
  return a < b ? -1 : Number(a > b);
}

function otherMethod(path: string, methods: readonly string[]): RequestHandler {
  return (request, response) => {
    response.locals.route = path;
    const message = `${path} does not take ${request.method}.`;
    throw new HttpProblem(405, 'method_not_allowed', message, { allowed: methods }, { Allow: methods.join(', ') });
  };
}

function methodsByPath(operations: readonly Operation[]): ReadonlyMap<string, readonly string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of operations) methods.set(path, [...(methods.get(path) ?? []), method.toUpperCase()]);
  return methods;
}

/** What pages of other origins may read of an answer, beside its body. */
const EXPOSED_HEADERS = [
  'X-Request-Id',
  'Idempotent-Replayed',
  'Retry-After',
  'Content-Disposition',
  'ETag',
  'X-Provider',
  'X-Model',
  'X-Requested-Model',
  'X-Budget-Strategy',
  'X-Held-Micros',
  'X-Cost-Micros',
  'X-Price-Version',
  'X-Sandbox',
  'x-should-retry',
];

function corsOptions(origins: readonly string[]): cors.CorsOptions {
  return {
    origin: [...origins],
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: 600,
  };
}
