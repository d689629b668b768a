import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import qs from 'qs';
import { Stripe } from 'stripe';
import { type Json, StripeBank } from './stripe-bank.js';
import { refusedParameters } from './stripe-params.js';

export interface AskedRequest {
  readonly method: string;
  readonly path: string;
  readonly params: Json;
  readonly idempotencyKey: string | null;
}

/** Answers once with this instead of what it would have answered, or works and cuts the line instead of answering. */
export type Fault =
  { readonly status: number; readonly path?: RegExp } | { readonly cut: 'before' | 'after'; readonly path?: RegExp };

interface Answer {
  readonly status: number;
  readonly body: Json;
}

class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly type = 'invalid_request_error',
  ) {
    super(message);
  }
}

export const STRIPE_TEST_KEY = 'sk_test_double';
const VERSION = '2026-10-28.endive';

/** Stripe's API on loopback, as far as a shop of prepaid credit uses it. */
export class StripeDouble {
  readonly asked: AskedRequest[] = [];
  readonly faults: Fault[] = [];
  private readonly stored = new Map<string, { params: string; answer: Promise<Answer> }>();

  private constructor(
    private readonly server: Server,
    readonly bank: StripeBank,
  ) {}

  static async start(): Promise<StripeDouble> {
    const server = createServer();
    const double = new StripeDouble(server, new StripeBank());
    server.on('request', (request, response) => void double.serve(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  /** The bytes and the header that Stripe would send for this event. */
  static signed(
    event: Json,
    secret: string,
    timestamp = Math.floor(Date.now() / 1000),
  ): { body: string; header: string } {
    const payload = JSON.stringify(event);
    return { body: payload, header: Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp }) };
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url!, 'http://stripe');
    const given = request.method === 'GET' ? search.slice(1) : await text(request);
    const params = qs.parse(given, { arrayLimit: 100 });
    const idempotencyKey = (request.headers['idempotency-key'] as string | undefined) ?? null;
    const asked = { method: request.method!, path: pathname, params, idempotencyKey };
    this.asked.push(asked);

    const fault = this.faultFor(pathname);
    if (fault && 'cut' in fault && fault.cut === 'before') return void request.socket.destroy();
    const { status, body } =
      fault && 'status' in fault
        ? errorAnswer(
            new Refused(fault.status, fault.status === 429 ? 'rate_limit' : 'api_error', 'On demand.', 'api_error'),
          )
        : await this.once(asked, request, given);
    if (fault && 'cut' in fault) return void request.socket.destroy();
    response.writeHead(status, { 'Content-Type': 'application/json', 'Request-Id': `req_${this.asked.length}` });
    response.end(JSON.stringify(body));
  }

  private faultFor(path: string): Fault | null {
    const index = this.faults.findIndex((fault) => fault.path?.test(path) ?? true);
    return index < 0 ? null : this.faults.splice(index, 1)[0]!;
  }

  /** https://docs.stripe.com/api/idempotent_requests: the first answer is the answer; other parameters are an error. */
  private async once(asked: AskedRequest, request: IncomingMessage, given: string): Promise<Answer> {
    if (asked.idempotencyKey === null || asked.method !== 'POST') return this.answer(asked, request);
    const known = this.stored.get(asked.idempotencyKey);
    const params = `${asked.path} ${given}`;
    if (known && known.params !== params) {
      const message =
        'Keys for idempotent requests can only be used with the same parameters they were first used with.';
      return errorAnswer(new Refused(400, 'idempotency_key_in_use', message, 'idempotency_error'));
    }
    const answer = known?.answer ?? this.answer(asked, request);
    if (!known) this.stored.set(asked.idempotencyKey, { params, answer });
    return answer;
  }

  private async answer(asked: AskedRequest, request: IncomingMessage): Promise<Answer> {
    try {
      if (request.headers.authorization !== `Bearer ${STRIPE_TEST_KEY}`)
        throw new Refused(401, 'unauthorized', 'Invalid API key.');
      if (request.headers['stripe-version'] !== VERSION) {
        throw new Refused(
          400,
          'version',
          `Expected the API version ${VERSION}, got ${request.headers['stripe-version'] as string}.`,
        );
      }
      return { status: 200, body: structuredClone(this.routed(asked)) };
    } catch (error) {
      if (error instanceof Refused) return errorAnswer(error);
      throw error;
    }
  }

  private routed({ method, path, params }: AskedRequest): Json {
    const { bank } = this;
    const [, , ...parts] = path.split('/');
    const route = `${method} ${parts.join('/').replace(/\b(cs_test|pi|ch|re|dp|cus)_\w+/, ':id')}`;
    const id = parts.at(-1)!;
    switch (route) {
      case 'POST customers':
        return bank.createCustomer(checked('CustomerCreate', params));
      case 'POST checkout/sessions':
        return this.createSession(checked('CheckoutCreate', params));
      case 'GET checkout/sessions':
        return listOf(bank.sessions, checked('SessionList', params), path);
      case 'GET checkout/sessions/:id':
        return this.expanded(found(bank.sessions, id), checked('Retrieve', params));
      case 'GET payment_intents/:id':
        return found(bank.intents, id);
      case 'GET charges/:id':
        return found(bank.charges, id);
      case 'GET refunds':
        return listOf(bank.refunds, checked('RefundList', params), path);
      case 'GET disputes':
        return listOf(bank.disputes, checked('DisputeList', params), path);
      default:
        throw new Refused(404, 'unknown_url', `Unrecognized request URL (${method}: ${path}).`);
    }
  }

  private createSession(params: Json): Json {
    if (params.mode === 'payment' && !params.line_items?.length)
      throw new Refused(400, 'parameter_missing', 'line_items');
    if (!params.success_url) throw new Refused(400, 'parameter_missing', 'success_url');
    if (params.customer && !this.bank.customers.has(params.customer as string)) {
      throw new Refused(400, 'resource_missing', `No such customer: '${params.customer as string}'`);
    }
    const lifetime = Number(params.expires_at) - this.bank.now;
    if (lifetime < 30 * 60 || lifetime > 24 * 60 * 60) throw new Refused(400, 'parameter_invalid', 'expires_at');
    return this.bank.createSession(params);
  }

  private expanded(session: Json, { expand = [] }: Json): Json {
    const intent = this.bank.intents.get(session.payment_intent as string);
    return (expand as string[]).includes('payment_intent') && intent ? { ...session, payment_intent: intent } : session;
  }
}

function errorAnswer({ status, code, message, type }: Refused): Answer {
  return { status, body: { error: { type, code, message } } };
}

function checked(type: string, params: Json): Json {
  const refused = refusedParameters(type, params);
  if (refused) throw new Refused(400, refused.code, refused.message);
  return params;
}

function found(objects: ReadonlyMap<string, Json>, id: string): Json {
  const object = objects.get(id);
  if (!object) throw new Refused(404, 'resource_missing', `No such object: '${id}'`);
  return object;
}

/** Newest first, as Stripe lists. */
function listOf(objects: ReadonlyMap<string, Json>, params: Json, url: string): Json {
  const { limit = 10, starting_after: after, created, payment_intent: intent, charge } = params;
  const from = Number((created as Json | undefined)?.gte ?? 0);
  const matching = [...objects.values()]
    .reverse()
    .filter((one) => Number(one.created) >= from)
    .filter((one) => intent === undefined || one.payment_intent === intent)
    .filter((one) => charge === undefined || one.charge === charge);
  const start = after === undefined ? 0 : matching.findIndex(({ id }) => id === after) + 1;
  const data = matching.slice(start, start + Number(limit));
  return { object: 'list', url, data, has_more: start + data.length < matching.length };
}
