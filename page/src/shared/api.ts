/** A refusal, or a fault, of the server's: its code, its words and the numbers that it compared. */
export class ApiProblem extends Error {
  constructor(
    /** 0 when nobody answered. */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly facts: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }

  /** Nobody answered, or the server says of itself that it cannot: trying again may help. */
  get isOutage(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A request that takes longer has failed for whoever waits for it. */
export const PATIENCE_MS = 20_000;

/** The server's API, asked as the user whose page this is. */
export class Api {
  constructor(
    /** For an embedded page, to which browsers give no cookies; null where the cookie speaks. */
    private readonly bearer: string | null,
    /** The session is over: told once for every request that finds it so. */
    private readonly onSessionOver: () => void,
  ) {}

  /** Throws ApiProblem. */
  get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this.ask<T>('GET', path, null, null, signal);
  }

  /** `key`: one for each deed that the user means, so that a second try is not a second deed. Throws ApiProblem. */
  send<T>(
    method: Exclude<Method, 'GET'>,
    path: string,
    body: object | null,
    key: string = crypto.randomUUID(),
  ): Promise<T> {
    return this.ask<T>(method, path, body, key);
  }

  /** A file, which a link could not fetch where no cookie speaks. Throws ApiProblem. */
  file(path: string): Promise<Blob> {
    return this.ask<Blob>('GET', path, null, null, undefined, (response) => response.blob());
  }

  private async ask<T>(
    method: Method,
    path: string,
    body: object | null,
    key: string | null,
    signal?: AbortSignal,
    read: (response: Response) => Promise<unknown> = (response) => response.json(),
  ): Promise<T> {
    const headers: Record<string, string> = { Accept: 'application/json, */*;q=0.1' };
    if (this.bearer !== null) headers.Authorization = `Bearer ${this.bearer}`;
    if (body !== null) headers['Content-Type'] = 'application/json';
    if (key !== null) headers['Idempotency-Key'] = key;
    const patience = AbortSignal.timeout(PATIENCE_MS);
    let response: Response;
    let answer: unknown;
    try {
      response = await fetch(path, {
        method,
        headers,
        body: body === null ? null : JSON.stringify(body),
        credentials: 'same-origin',
        signal: signal ? AbortSignal.any([signal, patience]) : patience,
      });
      answer = response.status === 204 ? null : await (response.ok ? read(response) : response.json());
    } catch (fault) {
      if (signal?.aborted) throw fault;
      throw new ApiProblem(0, 'unreachable', 'The server did not answer.');
    }
    if (response.ok) return answer as T;
    if (response.status === 401) this.onSessionOver();
    throw problemOf(response.status, answer);
  }
}

/** From `{detail: {error, message, request_id, …facts}}`. */
export function problemOf(status: number, answer: unknown): ApiProblem {
  const detail = (answer as { detail?: Record<string, unknown> } | null)?.detail ?? {};
  const { error, message, ...facts } = detail;
  return new ApiProblem(
    status,
    typeof error === 'string' ? error : 'unknown',
    typeof message === 'string' ? message : `The server answered ${status}.`,
    facts,
  );
}
