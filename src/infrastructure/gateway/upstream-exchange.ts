import type { IncomingHttpHeaders } from 'node:http';
import { type Dispatcher, errors } from 'undici';
import { ProviderFault } from '#application/gateway/ai-provider';

export interface ExchangeSettings {
  readonly provider: string;
  readonly firstByteMs: number;
  readonly idleMs: number;
}

const LATE = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);

/** What of an answer waits to be read before its server is made to wait. */
const MOST_UNREAD_BYTES = 64 * 1024;

const END: IteratorReturnResult<void> = { done: true, value: undefined };

/**
 * The bytes of an answer, as they come. Leaving the loop over them ends the exchange. Straight from undici's parser: with its
 * own stream and two generators between, an answer in pieces took 25 µs more.
 */
export class UpstreamBody implements AsyncIterableIterator<Buffer, void, void> {
  private unread: Buffer[] = [];
  private unreadBytes = 0;
  private isWhole = false;
  private failure: { readonly error: unknown } | null = null;
  private wake: (() => void) | null = null;

  constructor(private readonly exchange: Exchange) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * All that has come by now. Throws ProviderFault when the answer breaks off (`server_error`), cannot be read
   * (`invalid_answer`) or falls silent (`timeout`), and the signal's reason.
   */
  async next(): Promise<IteratorResult<Buffer, void>> {
    if (this.unread.length === 0 && !this.isWhole && this.failure === null) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    if (this.failure !== null) throw this.exchange.reasonOf(this.failure.error);
    if (this.unread.length === 0) return END;
    const value = this.unread.length === 1 ? this.unread[0]! : Buffer.concat(this.unread);
    this.unread = [];
    this.unreadBytes = 0;
    this.exchange.goOn();
    return { done: false, value };
  }

  async return(): Promise<IteratorReturnResult<void>> {
    this.destroy();
    return END;
  }

  /** Closes the connection at once; whoever reads on gets `reason`. */
  destroy(reason: Error = new errors.RequestAbortedError()): void {
    if (this.isWhole && this.unread.length === 0) return;
    this.fail(reason);
    this.exchange.end(reason);
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

  /** Whether more can be taken at once. */
  take(piece: Buffer): boolean {
    if (this.failure !== null) return true;
    this.unread.push(piece);
    this.unreadBytes += piece.length;
    this.wake?.();
    return this.unreadBytes < MOST_UNREAD_BYTES;
  }

  end(): void {
    this.isWhole = true;
    this.wake?.();
  }

  /** What nobody has read yet is lost with it. */
  fail(error: unknown): void {
    this.failure ??= { error };
    this.unread = [];
    this.wake?.();
  }
}

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: UpstreamBody;
}

/** One request with what can end it: the caller's signal, and the time to the first byte. */
export class Exchange implements Dispatcher.DispatchHandler {
  private readonly respondBy: number;
  private asking: { resolve(answered: Answered): void; reject(error: unknown): void } | null = null;
  private connection: Dispatcher.DispatchController | null = null;
  private body: UpstreamBody | null = null;
  private endedBy: Error | null = null;

  constructor(
    private readonly settings: ExchangeSettings,
    private readonly caller: AbortSignal,
  ) {
    this.respondBy = performance.now() + settings.firstByteMs;
    caller.addEventListener('abort', this.leave);
  }

  get ended(): boolean {
    return this.endedBy !== null;
  }

  leftMs(): number {
    return Math.max(this.respondBy - performance.now(), 0);
  }

  lateFault(): ProviderFault {
    const { provider, firstByteMs } = this.settings;
    return new ProviderFault('timeout', `${provider} did not begin to answer within ${firstByteMs} ms.`, null, null);
  }

  /** The answer to what is dispatched. Rejects at once when the exchange is ended: undici waits for a connection first, if there is none. */
  async answer(dispatch: (handler: Dispatcher.DispatchHandler) => void): Promise<Answered> {
    const late = setTimeout(() => this.end(this.lateFault()), this.leftMs());
    try {
      return await new Promise<Answered>((resolve, reject) => {
        this.asking = { resolve, reject };
        dispatch(this);
      });
    } finally {
      clearTimeout(late);
    }
  }

  /** Closes the connection at once, if there is one. */
  end(reason: Error): void {
    if (this.endedBy !== null) return;
    this.endedBy = reason;
    this.asking?.reject(reason);
    this.body?.fail(reason);
    this.connection?.abort(reason);
    this.close();
  }

  /** What was read made room. */
  goOn(): void {
    this.connection?.resume();
  }

  onRequestStart(connection: Dispatcher.DispatchController): void {
    this.connection = connection;
    if (this.endedBy !== null) connection.abort(this.endedBy);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // What announces an answer is none.
    if (status < 200) return;
    this.body = new UpstreamBody(this);
    this.asking?.resolve({ status, headers, body: this.body });
  }

  onResponseData(connection: Dispatcher.DispatchController, piece: Buffer): void {
    if (this.body?.take(piece) === false) connection.pause();
  }

  onResponseEnd(): void {
    this.body?.end();
    this.close();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.body === null) return this.asking?.reject(error);
    this.body.fail(error);
    this.close();
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
    if (this.body !== null) {
      const message = `The answer of ${provider} broke off (${code}).`;
      return new ProviderFault('server_error', message, null, null, { cause: error });
    }
    return new ProviderFault('unreachable', `${provider} could not be reached (${code}).`, null, null, {
      cause: error,
    });
  }

  private readonly leave = () => this.end(this.caller.reason as Error);
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
export function beginningWith<T>(
  first: T,
  rest: AsyncGenerator<T, void, void>,
  concealed: (error: unknown) => unknown,
): AsyncIterable<T> {
  let isFirst = true;
  const iterator: AsyncIterator<T, void, void> = {
    async next() {
      if (!isFirst) return rest.next().catch((error: unknown) => Promise.reject(concealed(error) as Error));
      isFirst = false;
      return { done: false, value: first };
    },
    return: () => rest.return(),
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
