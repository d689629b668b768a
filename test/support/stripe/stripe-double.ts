import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import qs from 'qs';
import { Stripe } from 'stripe';
import { type Json, StripeBank } from './stripe-bank.js';
import { type Fault, StripeFaults } from './stripe-faults.js';
import { IdempotencyKeys, type KeyedAnswer } from './stripe-idempotency.js';
import { type Answer, StripeRefusal } from './stripe-refusal.js';
import { routed } from './stripe-routes.js';

export type { Fault } from './stripe-faults.js';

export interface AskedRequest {
  readonly method: string;
  readonly path: string;
  readonly params: Json;
  readonly idempotencyKey: string | null;
}

/** A request as it came over the wire; accepted parameters have the types that Stripe reads them as. */
export interface LoggedRequest extends AskedRequest {
  readonly headers: IncomingMessage['headers'];
}

export const STRIPE_TEST_KEY = 'sk_test_double';
/** The version that stripe-node 23.1 pins. */
const VERSION = '2026-10-28.endive';

/** Stripe's API on loopback, as far as a shop of prepaid credit and of subscriptions uses it. */
export class StripeDouble {
  readonly asked: LoggedRequest[] = [];
  readonly faults = new StripeFaults();
  private readonly keys: IdempotencyKeys;

  private constructor(
    private readonly server: Server,
    readonly bank: StripeBank,
  ) {
    this.keys = new IdempotencyKeys(() => bank.now);
  }

  /** @param clock by which everything at Stripe happens; it stands still, if none is given */
  static async start(clock?: { now(): Date }): Promise<StripeDouble> {
    const server = createServer();
    const double = new StripeDouble(server, new StripeBank(clock));
    // A client that hangs up is part of what is tested.
    server.on('request', (request, response) => void double.serve(request, response).catch(() => response.destroy()));
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
    const { pathname: path, search } = new URL(request.url!, 'http://stripe');
    const params = qs.parse(request.method === 'POST' ? await text(request) : search.slice(1), { arrayLimit: 100 });
    const idempotencyKey = (request.headers['idempotency-key'] as string | undefined) ?? null;
    const asked = { method: request.method!, path, params, idempotencyKey, headers: request.headers };
    this.asked.push(asked);

    const fault = this.faults.take(path);
    if (fault && 'cut' in fault && fault.cut === 'before') return void request.socket.destroy();
    let answer = await this.once(asked, request, fault);
    if (fault && 'twice' in fault) answer = await this.once(asked, request, null);
    if (fault && 'cut' in fault) return void request.socket.destroy();
    if (fault && 'silent' in fault) return;
    this.send(response, asked, answer);
  }

  private async once(asked: AskedRequest, request: IncomingMessage, fault: Fault | null): Promise<KeyedAnswer> {
    const fails = fault && 'status' in fault ? fault : null;
    if (fails && !fails.remembered) return { ...onDemand(fails.status, false), replayed: false };
    const work = async (): Promise<Answer> => {
      if (fault && 'until' in fault) await fault.until();
      const answer = await this.answer(asked, request);
      return fails && answer.begun ? onDemand(fails.status, true) : answer;
    };
    const { method, path, params, idempotencyKey } = asked;
    if (idempotencyKey === null || method !== 'POST') return { ...(await work()), replayed: false };
    return this.keys.once(idempotencyKey, path, params, work);
  }

  private send(
    response: ServerResponse,
    { idempotencyKey }: AskedRequest,
    { status, body, begun, replayed }: KeyedAnswer,
  ): void {
    response.writeHead(status, {
      'Content-Type': 'application/json',
      'Request-Id': `req_${this.asked.length}`,
      'Stripe-Version': VERSION,
      ...(idempotencyKey !== null && { 'Idempotency-Key': idempotencyKey }),
      ...(replayed && { 'Idempotent-Replayed': 'true' }),
      // To ask again would bring the same error again.
      ...(status >= 500 && begun && { 'Stripe-Should-Retry': 'false' }),
    });
    response.end(JSON.stringify(body));
  }

  private async answer({ method, path, params }: AskedRequest, request: IncomingMessage): Promise<Answer> {
    try {
      const { authorization, 'stripe-version': version } = request.headers;
      if (authorization !== `Bearer ${STRIPE_TEST_KEY}`) throw new StripeRefusal('Invalid API key.', { status: 401 });
      if (version !== VERSION) {
        throw new StripeRefusal(`Expected the API version ${VERSION}, got ${String(version)}.`, { code: 'version' });
      }
      return { status: 200, begun: true, body: structuredClone(routed(this.bank, method, path, params)) };
    } catch (error) {
      if (error instanceof StripeRefusal) return error.answer;
      // The double itself is at fault, and says so where the test can see it.
      return new StripeRefusal(String(error), { status: 500, type: 'api_error', begun: true }).answer;
    }
  }
}

function onDemand(status: number, begun: boolean): Answer {
  const code = status === 429 ? 'rate_limit' : 'api_error';
  return new StripeRefusal('On demand.', { status, type: 'api_error', code, begun }).answer;
}
