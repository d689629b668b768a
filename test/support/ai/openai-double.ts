import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Signal } from '#test/support/signal';

export interface AskedOfOpenAi {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: Buffer;
  /** Of a JSON request; otherwise empty. */
  readonly body: Record<string, any>;
}

/** What the double does with one request. */
export type Script = (response: ServerResponse, asked: AskedOfOpenAi) => Promise<void> | void;

/** A server on loopback that answers as OpenAI documents it, or misbehaves: one script for each request, the last one again. */
export class OpenAiDouble {
  scripts: Script[] = [answers(COMPLETION)];
  readonly requests: AskedOfOpenAi[] = [];
  connections = 0;
  /** Given when a request was read. */
  asked = new Signal();
  /** Given when a caller hung up before its answer was whole. */
  hungUp = new Signal();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<OpenAiDouble> {
    const server = createServer();
    const double = new OpenAiDouble(server);
    server.on('connection', () => double.connections++);
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

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get baseUrl(): string {
    return `${this.origin}/v1`;
  }

  get lastRequest(): AskedOfOpenAi {
    const last = this.requests.at(-1);
    if (!last) throw new Error('Nothing was received.');
    return last;
  }

  does(...scripts: Script[]): void {
    this.scripts = scripts;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const isJson = request.headers['content-type'] === 'application/json';
    const body = isJson ? (JSON.parse(bytes.toString('utf8')) as AskedOfOpenAi['body']) : {};
    const asked = { path: request.url ?? '', headers: request.headers, bytes, body };
    this.requests.push(asked);
    this.asked.give();
    const script = this.scripts.length > 1 ? this.scripts.shift()! : this.scripts[0]!;
    await script(response, asked);
  }
}

const JSON_TYPE = { 'content-type': 'application/json' };
const STREAM_TYPE = { 'content-type': 'text/event-stream; charset=utf-8' };

export const COMPLETION = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_770_000_000,
  model: 'gpt-5-mini-2026',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Grüezi!', refusal: null }, finish_reason: 'stop' }],
  usage: {
    prompt_tokens: 100,
    completion_tokens: 30,
    total_tokens: 130,
    prompt_tokens_details: { cached_tokens: 40, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 10 },
  },
};

export function chunk(delta: unknown, finishReason: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finishReason }];
  return sse({ id: 'chatcmpl-1', object: 'chat.completion.chunk', model: 'gpt-5-mini-2026', choices, usage: null });
}

export function usageChunk(usage: unknown = COMPLETION.usage): string {
  return sse({ id: 'chatcmpl-1', object: 'chat.completion.chunk', model: 'gpt-5-mini-2026', choices: [], usage });
}

export function sse(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

export const DONE = 'data: [DONE]\n\n';
export const CONTENT = [
  chunk({ role: 'assistant', content: '' }),
  chunk({ content: 'Grüezi' }),
  chunk({ content: ' mitenand' }),
  chunk({}, 'stop'),
];

export function answers(body: unknown, headers: Record<string, string> = JSON_TYPE): Script {
  return (response) =>
    void response.writeHead(200, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
}

export function refuses(status: number, error: unknown, headers: Record<string, string> = {}): Script {
  const body = typeof error === 'string' ? error : JSON.stringify({ error });
  return (response) => void response.writeHead(status, { ...JSON_TYPE, ...headers }).end(body);
}

/** Each event in a write of its own, and then `end`: as it should, a broken connection, or nothing. */
export function streams(events: readonly string[], end: 'ends' | 'breaks' | 'falls silent' = 'ends'): Script {
  return async (response) => {
    response.writeHead(200, STREAM_TYPE);
    response.flushHeaders();
    for (const event of events) await written(response, event);
    if (end === 'ends') response.end();
    else if (end === 'breaks') response.destroy();
  };
}

/** The same, byte for byte. */
export function drips(text: string): Script {
  return async (response) => {
    response.writeHead(200, STREAM_TYPE);
    for (const byte of Buffer.from(text)) await written(response, Buffer.of(byte));
    response.end();
  };
}

/** Events without end, as fast as they are taken. */
export function floods(event: string): Script {
  return async (response) => {
    response.writeHead(200, STREAM_TYPE);
    const many = event.repeat(1000);
    while (!response.destroyed) await written(response, many);
  };
}

/** The beginning of a body that says it is longer. */
export function truncated(text: string): Script {
  return async (response) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': text.length + 100 });
    await written(response, text);
    response.destroy();
  };
}

export const isSilent: Script = () => undefined;

/** Breaks the connection before the first byte of an answer. */
export const resets: Script = (response) => void response.socket!.resetAndDestroy();

export const redirects: Script = (response) => void response.writeHead(307, { location: '/v1/elsewhere' }).end();

function written(response: ServerResponse, piece: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) => response.write(piece, (error) => (error ? reject(error) : resolve())));
}
