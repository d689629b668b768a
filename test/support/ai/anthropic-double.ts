import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Signal } from '#test/support/signal';
import { eventsOf, messageFor, type JsonRecord, sse } from './anthropic-messages.js';

export type AnthropicMode =
  /** The documented answer, or `answer` or `events` when they are set. */
  | 'answers'
  /** `status`, `errorType` and `message`. */
  | 'refuses'
  /** 200 and something that is not JSON. */
  | 'garbage'
  /** The connection breaks in the middle of the answer. */
  | 'truncated'
  /** The answer ends as if it were whole, with its last events missing. */
  | 'ends-early'
  /** The answer byte for byte, each in a write of its own. */
  | 'drips'
  /** Nothing at all. */
  | 'silent'
  /** The beginning of the answer, and then nothing. */
  | 'falls-silent'
  /** The beginning of the answer, and the rest of it after `goOn`. */
  | 'pauses'
  | 'redirects';

export interface ReceivedMessage {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly body: JsonRecord;
}

/**
 * Answers `POST /v1/messages` on loopback as Anthropic documents it (https://docs.claude.com/en/api/messages, and
 * https://docs.claude.com/en/api/errors), or misbehaves as `mode` says.
 */
export class AnthropicDouble {
  mode: AnthropicMode = 'answers';
  key = 'sk-ant-double-0123456789';
  /** Instead of the documented message. */
  answer: unknown = null;
  /** Instead of the documented events. */
  events: readonly string[] | null = null;
  /** How many of the events are sent by `truncated`, `ends-early`, `falls-silent` and `pauses`. */
  eventsSent = 4;
  status = 500;
  errorType = 'api_error';
  message = 'Internal server error';
  retryAfter: string | null = null;
  readonly requests: ReceivedMessage[] = [];
  readonly goOn = new Signal();
  /** Given when a request was read. */
  readonly asked = new Signal();
  /** Given when a caller hung up before its answer was whole. */
  readonly hungUp = new Signal();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<AnthropicDouble> {
    const server = createServer();
    const double = new AnthropicDouble(server);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      response.on('close', () => {
        if (!response.writableFinished) double.hungUp.give();
      });
      double.handle(request, response).catch(() => response.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return double;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get lastRequest(): ReceivedMessage {
    const last = this.requests.at(-1);
    if (!last) throw new Error('Nothing was received.');
    return last;
  }

  /** Makes every request be refused. */
  refuses(status: number, errorType: string, message: string, retryAfter: string | null = null): void {
    Object.assign(this, { mode: 'refuses', status, errorType, message, retryAfter });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const body = JSON.parse(text) as JsonRecord;
    this.requests.push({ path: request.url ?? '', headers: request.headers, text, body });
    this.asked.give();
    response.setHeader('request-id', 'req_double_1');

    if (this.mode === 'silent') return;
    if (this.mode === 'redirects') return void response.writeHead(307, { location: '/elsewhere' }).end();
    if (this.mode === 'refuses') return this.refuse(response, this.status, this.errorType, this.message);
    if (this.mode === 'garbage') return void response.writeHead(200, JSON_TYPE).end('{"type":"message","content":[{');
    if (this.refused(request, body, response)) return;
    await (body['stream'] === true ? this.stream(body, response) : this.plain(body, response));
  }

  private refused(request: IncomingMessage, body: JsonRecord, response: ServerResponse): boolean {
    const refuse = (status: number, type: string, message: string): true => {
      this.refuse(response, status, type, message);
      return true;
    };
    if (request.headers['x-api-key'] !== this.key) return refuse(401, 'authentication_error', 'invalid x-api-key');
    if (request.method !== 'POST' || request.url !== '/v1/messages') return refuse(404, 'not_found_error', 'Not Found');
    if (request.headers['anthropic-version'] !== '2023-06-01') {
      return refuse(400, 'invalid_request_error', 'anthropic-version: header is required');
    }
    for (const field of ['model', 'max_tokens', 'messages']) {
      if (!(field in body)) return refuse(400, 'invalid_request_error', `${field}: Field required`);
    }
    return false;
  }

  private async plain(body: JsonRecord, response: ServerResponse): Promise<void> {
    const text = JSON.stringify(this.answer ?? messageFor(body));
    if (this.mode === 'truncated' || this.mode === 'falls-silent') {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': text.length });
      await written(response, text.slice(0, 20));
      return void (this.mode === 'truncated' && response.destroy());
    }
    response.writeHead(200, JSON_TYPE);
    if (this.mode === 'drips') await dripped(response, text);
    response.end(this.mode === 'drips' ? '' : text);
  }

  private async stream(body: JsonRecord, response: ServerResponse): Promise<void> {
    const events = this.events ?? eventsOf(messageFor(body)).map(sse);
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
    response.flushHeaders();
    if (this.mode === 'drips') await dripped(response, events.join(''));
    else if (this.mode === 'answers') for (const event of events) await written(response, event);
    else await written(response, events.slice(0, this.eventsSent).join(''));
    if (this.mode === 'pauses') {
      await this.goOn.given;
      await written(response, events.slice(this.eventsSent).join(''));
    }
    if (this.mode === 'truncated') response.destroy();
    else if (this.mode !== 'falls-silent') response.end();
  }

  private refuse(response: ServerResponse, status: number, type: string, message: string): void {
    if (this.retryAfter !== null) response.setHeader('retry-after', this.retryAfter);
    const refusal = { type: 'error', error: { type, message }, request_id: 'req_double_1' };
    response.writeHead(status, JSON_TYPE).end(JSON.stringify(refusal));
  }
}

const JSON_TYPE = { 'content-type': 'application/json' };

async function dripped(response: ServerResponse, text: string): Promise<void> {
  for (const byte of Buffer.from(text)) await written(response, Buffer.of(byte));
}

/** Resolves when it has left; never when the other side is gone. */
function written(response: ServerResponse, piece: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) => response.write(piece, (error) => (error ? reject(error) : resolve())));
}
