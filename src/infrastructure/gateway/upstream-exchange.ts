import type { Readable } from 'node:stream';
import { errors } from 'undici';
import { ProviderFault } from '#application/gateway/ai-provider';

export interface ExchangeSettings {
  readonly provider: string;
  readonly firstByteMs: number;
  readonly idleMs: number;
}

const LATE = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);

/** The bytes of an answer, as they come. Leaving the loop over them ends the exchange. */
export class UpstreamBody implements AsyncIterable<Buffer> {
  constructor(
    private readonly readable: Readable,
    private readonly exchange: Exchange,
  ) {}

  /** Throws ProviderFault when the answer breaks off (`server_error`), cannot be read (`invalid_answer`) or falls silent (`timeout`), and the signal's reason. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    try {
      for await (const chunk of this.readable) yield chunk as Buffer;
    } catch (error) {
      throw this.exchange.reasonOf(error);
    }
  }

  /** Closes the connection at once; whoever reads on gets `reason`. */
  destroy(reason?: Error): void {
    this.readable.destroy(reason);
  }

  /**
   * Resolves as `first` does, which reads the first thing that counts as an answer. What is left of the time to the first
   * byte holds for it: afterwards the connection is closed, and reading throws ProviderFault (`timeout`).
   */
  async beforeFirstByteIsLate<T>(first: Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.destroy(this.exchange.lateFault()), this.exchange.leftMs());
    try {
      return await first;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** One request with what can end it: the caller's signal, and the time to the first byte. */
export class Exchange {
  private readonly ending = new AbortController();
  private readonly respondBy: number;
  private answering = false;

  constructor(
    private readonly settings: ExchangeSettings,
    private readonly caller: AbortSignal,
  ) {
    this.respondBy = performance.now() + settings.firstByteMs;
    caller.addEventListener('abort', this.leave);
  }

  get signal(): AbortSignal {
    return this.ending.signal;
  }

  get ended(): boolean {
    return this.ending.signal.aborted;
  }

  leftMs(): number {
    return Math.max(this.respondBy - performance.now(), 0);
  }

  lateFault(): ProviderFault {
    const { provider, firstByteMs } = this.settings;
    return new ProviderFault('timeout', `${provider} did not begin to answer within ${firstByteMs} ms.`, null, null);
  }

  /** Rejects at once when the exchange is ended: undici waits for a connection first, if there is none. */
  async withinTime<T>(answer: Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.ending.abort(this.lateFault()), this.leftMs());
    try {
      return await new Promise<T>((resolve, reject) => {
        this.signal.addEventListener('abort', () => reject(this.signal.reason as Error), { once: true });
        answer.then(resolve, reject);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  bodyOf(readable: Readable): UpstreamBody {
    this.answering = true;
    // Told to whoever reads it; a body that nobody reads may break unheard.
    readable.on('error', () => undefined);
    readable.on('close', () => this.close());
    return new UpstreamBody(readable, this);
  }

  close(): void {
    this.caller.removeEventListener('abort', this.leave);
  }

  /** What to throw for what undici threw. */
  reasonOf(error: unknown): unknown {
    if (this.caller.aborted) return this.caller.reason;
    if (error instanceof ProviderFault) return error;
    const code = codeOf(error);
    const { provider, idleMs } = this.settings;
    if (code === 'UND_ERR_BODY_TIMEOUT') {
      return new ProviderFault('timeout', `${provider} fell silent for ${idleMs} ms.`, null, null, { cause: error });
    }
    if (LATE.has(code)) {
      return new ProviderFault('timeout', `${provider} could not be reached in time (${code}).`, null, null, {
        cause: error,
      });
    }
    if (code === '' || code.startsWith('UND_ERR_INVALID')) return error;
    if (code.startsWith('HPE') || code === 'UND_ERR_HEADERS_OVERFLOW') {
      const message = `The answer of ${provider} cannot be read (${code}).`;
      return new ProviderFault('invalid_answer', message, null, null, { cause: error });
    }
    if (this.answering) {
      const message = `The answer of ${provider} broke off (${code}).`;
      return new ProviderFault('server_error', message, null, null, { cause: error });
    }
    return new ProviderFault('unreachable', `${provider} could not be reached (${code}).`, null, null, {
      cause: error,
    });
  }

  private readonly leave = () => this.ending.abort(this.caller.reason);
}

/** What undici or the system names an error; empty for what is none of the network's. */
export function codeOf(error: unknown): string {
  // Without a code, when it is not an answer of HTTP at all.
  if (error instanceof errors.HTTPParserError) return error.code ?? 'HPE';
  const code = typeof error === 'object' && error !== null ? (error as { readonly code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}

/** How long the end of an answer is waited for after its last event, so that its connection can be used again. */
export const LINGER_MS = 500;

/** Leaving the loop over it ends the exchange, after the first piece as well. `concealed` says what is thrown for an error. */
export async function* beginningWith<T>(
  first: T,
  rest: AsyncGenerator<T, void, void>,
  concealed: (error: unknown) => unknown,
): AsyncGenerator<T, void, void> {
  try {
    yield first;
    yield* rest;
  } catch (error) {
    throw concealed(error);
  } finally {
    await rest.return();
  }
}
