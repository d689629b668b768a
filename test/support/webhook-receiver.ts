import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { Signal } from './signal.js';

export interface ReceivedWebhook {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** As it came: signatures are of bytes. */
  readonly text: string;
  /** On the clock of performance.now(). */
  readonly at: number;
}

/** What the receiver does with one request. */
export type Reception = (response: ServerResponse) => void;

/** A server on loopback that webhooks are posted to: one reception for each, the last one again. */
export class WebhookReceiver {
  readonly received: ReceivedWebhook[] = [];
  receptions: Reception[] = [answering(200)];
  /** Given when a request was read. */
  readonly heard = new Signal();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server);
    server.on('request', (request, response) => void receiver.receive(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hooks?token=of-the-operator`;
  }

  does(...receptions: Reception[]): void {
    this.receptions = receptions;
    this.received.length = 0;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method = '', url: path = '', headers } = request;
    const text = Buffer.concat(chunks).toString('utf8');
    this.received.push({ method, path, headers, text, at: performance.now() });
    const reception = this.receptions.length > 1 ? this.receptions.shift()! : this.receptions[0]!;
    reception(response);
    this.heard.give();
  }
}

export function answering(status: number, headers: Readonly<Record<string, string>> = {}, body = ''): Reception {
  return (response) => void response.writeHead(status, headers).end(body);
}
