import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type DoubleMode =
  | 'transcribes'
  | 'refuses-key'
  | 'rate-limits'
  | 'fails'
  | 'never-answers'
  | 'never-reads'
  | 'refuses-before-reading'
  | 'malformed'
  | 'truncated'
  | 'endless'
  | 'redirects';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly fields: Readonly<Record<string, string>>;
  readonly file: {
    readonly name: string;
    readonly contentType: string;
    readonly bytes: number;
    readonly sha256: string;
  } | null;
}

/**
 * Answers `POST /v1/audio/transcriptions` on loopback as OpenAI documents it
 * (https://platform.openai.com/docs/api-reference/audio/createTranscription), or misbehaves as `mode` says.
 */
export class OpenAiTranscriptionDouble {
  mode: DoubleMode = 'transcribes';
  /** The one key it accepts; null accepts anybody. */
  key: string | null = 'sk-double-0123456789';
  /** Replaces the documented answer of `transcribes`, or the body of `fails`. */
  answer: unknown = null;
  /** For `rate-limits` and `fails`. */
  retryAfter: string | null = null;
  /** For `fails`. */
  status = 500;
  readonly requests: ReceivedRequest[] = [];
  /** Every connection that reached it, whether its request was complete or not. */
  connections = 0;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<OpenAiTranscriptionDouble> {
    const server = createServer();
    const double = new OpenAiTranscriptionDouble(server);
    server.on('connection', () => double.connections++);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      // A client that hangs up in the middle of its upload is part of what is tested.
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

  get lastRequest(): ReceivedRequest {
    const last = this.requests.at(-1);
    if (!last) throw new Error('Nothing was received.');
    return last;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.mode === 'never-reads') return;
    if (this.mode === 'refuses-before-reading')
      return this.refuse(response, 413, 'Maximum content size limit exceeded');

    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const received = receivedFrom(request, Buffer.concat(chunks));
    this.requests.push(received);
    response.setHeader('x-request-id', 'req_double_1');

    switch (this.mode) {
      case 'transcribes':
        return this.transcribe(received, response);
      case 'refuses-key':
        return this.refuse(response, 401, WRONG_KEY);
      case 'rate-limits':
        return this.refuse(response, 429, 'Rate limit reached for requests');
      case 'fails':
        return this.refuse(response, this.status, 'The server had an error while processing your request.');
      case 'never-answers':
        return;
      case 'malformed':
        return void response.writeHead(200, JSON_TYPE).end('{"text": "cut of');
      case 'truncated':
        response.writeHead(200, { ...JSON_TYPE, 'content-length': 1000 });
        return void response.write('{"text": "', () => response.destroy());
      case 'endless':
        return flood(response);
      case 'redirects':
        return void response.writeHead(307, { location: `${this.origin}/elsewhere` }).end();
    }
  }

  private transcribe(received: ReceivedRequest, response: ServerResponse): void {
    if (this.key !== null && received.headers.authorization !== `Bearer ${this.key}`) {
      return this.refuse(response, 401, WRONG_KEY);
    }
    if (received.method !== 'POST' || received.path !== '/v1/audio/transcriptions') {
      return this.refuse(response, 404, `Invalid URL (${received.method} ${received.path})`);
    }
    if (!received.file) return this.refuse(response, 400, 'file is required');
    const { model = '', response_format: format = 'json', chunking_strategy: chunking } = received.fields;
    const diarizes = model === 'gpt-4o-transcribe-diarize';
    if (!diarizes && model !== 'whisper-1') return this.refuse(response, 404, `The model '${model}' does not exist`);
    if (format !== (diarizes ? 'diarized_json' : 'verbose_json')) {
      return this.refuse(response, 400, `response_format '${format}' is not compatible with model '${model}'`);
    }
    if (diarizes && chunking !== 'auto') {
      return this.refuse(response, 400, 'chunking_strategy is required for diarization models');
    }
    this.send(response, 200, this.answer ?? (diarizes ? DIARIZED : VERBOSE));
  }

  private refuse(response: ServerResponse, status: number, message: string): void {
    if (this.retryAfter !== null) response.setHeader('retry-after', this.retryAfter);
    const refusal = { error: { message, type: 'invalid_request_error', param: null, code: null } };
    this.send(response, status, this.mode === 'fails' && this.answer !== null ? this.answer : refusal);
  }

  private send(response: ServerResponse, status: number, body: unknown): void {
    response.writeHead(status, JSON_TYPE).end(typeof body === 'string' ? body : JSON.stringify(body));
  }
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** OpenAI quotes the first and last characters of the key it refuses. */
const WRONG_KEY =
  'Incorrect API key provided: sk-doubl******6789. You can find your API key at https://platform.openai.com/account/api-keys.';

/** TranscriptionVerbose, as whisper-1 answers. */
export const VERBOSE = {
  task: 'transcribe',
  language: 'english',
  duration: 8.47,
  text: 'What would you like to look at today? My new team.',
  segments: [
    {
      id: 0,
      seek: 0,
      start: 0.0,
      end: 3.32,
      text: ' What would you like to look at today?',
      tokens: [50364, 440],
      temperature: 0.0,
      avg_logprob: -0.2860786,
      compression_ratio: 1.2363636,
      no_speech_prob: 0.00985979,
    },
    {
      id: 1,
      seek: 0,
      start: 3.32,
      end: 8.44,
      text: ' My new team.',
      tokens: [50530],
      temperature: 0.0,
      avg_logprob: 0.1,
      compression_ratio: 1.2363636,
      no_speech_prob: 0.00985979,
    },
  ],
  usage: { type: 'duration', seconds: 9 },
};

/** TranscriptionDiarized, as gpt-4o-transcribe-diarize answers. */
export const DIARIZED = {
  task: 'transcribe',
  duration: 27.4,
  text: 'Coach: How was it? Client: Better than I thought.',
  segments: [
    { type: 'transcript.text.segment', id: 'seg_001', start: 0.0, end: 4.7, text: 'How was it?', speaker: 'A' },
    {
      type: 'transcript.text.segment',
      id: 'seg_002',
      start: 4.7,
      end: 11.8,
      text: 'Better than I thought.',
      speaker: 'B',
    },
  ],
  usage: { type: 'tokens', input_tokens: 274, output_tokens: 30, total_tokens: 304 },
};

function flood(response: ServerResponse): void {
  const block = Buffer.alloc(1024 * 1024, ' ');
  const more = (): void => {
    while (!response.destroyed && response.write(block));
    if (!response.destroyed) response.once('drain', more);
  };
  response.writeHead(200, JSON_TYPE);
  more();
}

function receivedFrom(request: IncomingMessage, body: Buffer): ReceivedRequest {
  const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(request.headers['content-type'] ?? '')?.[1];
  const parts = boundary === undefined ? [] : partsOf(body, boundary);
  const file = parts.find((part) => part.name === 'file');
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    fields: Object.fromEntries(
      parts.filter((part) => part !== file).map(({ name, content }) => [name, content.toString('utf8')]),
    ),
    file: file
      ? {
          name: file.filename,
          contentType: file.contentType,
          bytes: file.content.length,
          sha256: createHash('sha256').update(file.content).digest('hex'),
        }
      : null,
  };
}

interface Part {
  readonly name: string;
  readonly filename: string;
  readonly contentType: string;
  readonly content: Buffer;
}

/** RFC 2046, section 5.1.1; anything that departs from it is an error of the sender. */
function partsOf(body: Buffer, boundary: string): readonly Part[] {
  const parts: Part[] = [];
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const whole = Buffer.concat([Buffer.from('\r\n'), body]);
  let at = whole.indexOf(delimiter);
  for (;;) {
    const start = at + delimiter.length;
    if (at < 0) throw new Error('The multipart body is not closed.');
    if (whole.subarray(start).equals(Buffer.from('--\r\n'))) return parts;
    at = whole.indexOf(delimiter, start);
    const part = whole.subarray(start + 2, at);
    const split = part.indexOf('\r\n\r\n');
    const head = part.subarray(0, split).toString('utf8');
    parts.push({
      name: /[; ]name="([^"]*)"/.exec(head)?.[1] ?? '',
      filename: /filename="([^"]*)"/.exec(head)?.[1] ?? '',
      contentType: /^Content-Type: (.*)$/m.exec(head)?.[1]?.trim() ?? '',
      content: part.subarray(split + 4),
    });
  }
}
