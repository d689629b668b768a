import { type Dispatcher, Pool } from 'undici';
import { ProviderFault } from '#application/gateway/ai-provider';
import { Concealment, type UpstreamSecrets } from './concealment.js';
import { codeOf, Exchange, type UpstreamBody } from './upstream-exchange.js';

export interface UpstreamSettings {
  /** As it stands in prices and routes, for messages: `openai`. */
  readonly provider: string;
  /** With the path that all of its addresses begin with: `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  /** On every request: the key, a version. */
  readonly headers: Readonly<Record<string, string>>;
  readonly connectMs: number;
  /** From asking to the first byte of the answer, waiting for a free connection and connecting among it. */
  readonly firstByteMs: number;
  /** The longest silence within an answer. An answer that nobody reads on is not silent. */
  readonly idleMs: number;
  readonly connections: number;
}

export interface UpstreamCall {
  readonly contentType: string;
  readonly body: string | Uint8Array;
  readonly accept: string;
  /** Sent as `x-request-id`. */
  readonly requestId: string;
  /** Ends the exchange at once, connection and all, in whatever state it is. */
  readonly signal: AbortSignal;
}

/** A connection without a request is kept for this long, unless its server says less. */
const KEEP_ALIVE_MS = 30_000;

/** Headers that each call has its own of. */
const OF_ONE_CALL = new Set(['content-type', 'accept', 'x-request-id']);

/** What breaks before an answer when a kept connection was closed at the other end, or a server is just restarting. */
const BROKEN = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'ECONNREFUSED']);

/** One provider's server, over connections that are kept. Its address comes from settings alone, and no redirect leads away from it. */
export class Upstream {
  readonly secrets: UpstreamSecrets;
  private readonly pool: Pool;
  private readonly prefix: string;
  /** Names and values by turns. */
  private readonly headers: readonly string[];
  private concealment: Concealment;

  /** Throws when the base URL or a header cannot be used in a request at all. */
  constructor(private readonly settings: UpstreamSettings) {
    const { provider, baseUrl, headers } = settings;
    const url = new URL(baseUrl);
    if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '' || url.search !== '') {
      throw new Error(`The base URL of ${provider} must be an http(s) address without a user name, password or query.`);
    }
    for (const [name, value] of Object.entries(headers)) {
      if (!/^[\x20-\x7e]+$/.test(value))
        throw new Error(`The header ${name} for ${provider} has characters that none can have.`);
    }
    this.headers = Object.entries(headers)
      .filter(([name]) => !OF_ONE_CALL.has(name.toLowerCase()))
      .flat();
    this.secrets = { keys: keysIn(headers), baseUrl };
    this.concealment = new Concealment([this.secrets]);
    this.prefix = url.pathname.replace(/\/+$/, '');
    this.pool = new Pool(url.origin, {
      connections: settings.connections,
      pipelining: 1,
      connectTimeout: settings.connectMs,
      // The time to the first byte is measured here: undici's begins when the request has been sent.
      headersTimeout: 0,
      bodyTimeout: settings.idleMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
    });
  }

  /**
   * Sends a request, a second time when its connection broke before an answer began. Throws ProviderFault when there was
   * none (`unreachable`, `timeout`) or a redirect (`invalid_answer`), and the signal's reason once that is aborted.
   * The answer must be read to its end, or destroyed.
   */
  async post(path: string, call: UpstreamCall): Promise<UpstreamAnswer> {
    call.signal.throwIfAborted();
    const exchange = new Exchange(this.settings, call.signal);
    try {
      const answer = await this.ask(path, call, exchange);
      if (answer.status < 300 || answer.status >= 400) return answer;
      answer.body.destroy();
      throw this.fault('invalid_answer', 'answered with a redirect, which is not followed', answer.status);
    } catch (error) {
      exchange.close();
      throw exchange.reasonOf(error);
    }
  }

  /** From now on the secrets of other providers are kept, too. */
  conceal(concealment: Concealment): void {
    this.concealment = concealment;
  }

  /** What to throw for an error that may quote the server. */
  readonly concealed = (error: unknown): unknown => this.concealment.in(error);

  /** Ends every exchange that is still going on. */
  async close(): Promise<void> {
    await this.pool.destroy();
  }

  private async ask(path: string, call: UpstreamCall, exchange: Exchange): Promise<UpstreamAnswer> {
    for (let retries = 1; ; retries--) {
      try {
        return await exchange.answer((handler) => this.pool.dispatch(this.options(path, call), handler));
      } catch (error) {
        if (retries === 0 || exchange.ended || !BROKEN.has(codeOf(error))) throw error;
      }
    }
  }

  private options(path: string, call: UpstreamCall): Dispatcher.DispatchOptions {
    return {
      method: 'POST',
      path: this.prefix + path,
      headers: [
        ...this.headers,
        ...['content-type', call.contentType, 'accept', call.accept, 'x-request-id', call.requestId],
      ],
      body: call.body,
    };
  }

  private fault(kind: ProviderFault['kind'], what: string, status: number): ProviderFault {
    return new ProviderFault(kind, `${this.settings.provider} ${what} (${status}).`, status, null);
  }
}

/** A scheme before a key, as in `Bearer`, is no part of it. */
function keysIn(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers)
    .filter(([name]) => /auth|key|token|secret/i.test(name))
    .map(([, value]) => value.replace(/^(?:Basic|Bearer)\s+/i, ''));
}

export type UpstreamHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: UpstreamHeaders;
  readonly body: UpstreamBody;
}

/** A picture in base64 has up to 30 MB or so; nobody reads a text of that size. */
export const LARGEST_ANSWER_BYTES = 32 * 1024 * 1024;

/** The whole body. Throws ProviderFault (`invalid_answer`) when it has more than `limitBytes`, and what reading it throws. */
export async function wholeBody(
  provider: string,
  { status, body }: UpstreamAnswer,
  limitBytes: number = LARGEST_ANSWER_BYTES,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > limitBytes) {
      throw new ProviderFault(
        'invalid_answer',
        `The answer of ${provider} has more than ${limitBytes} bytes.`,
        status,
        null,
      );
    }
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
