import { ApiProblem, PATIENCE_MS, problemOf } from './api';
import type { Host } from './host';

/**
 * Turns the token in the address' fragment into the right to ask, and takes it out of the address and the history.
 * A page of its own gets a cookie that no script can read; an embedded page, to which browsers send no cookie, keeps the
 * token in memory and is given a new one by its host. Answers the bearer to use, or null for the cookie.
 * Throws ApiProblem when the token is not good, or, unless it may `replace` it, when the browser is signed in as somebody else.
 */
export async function openSession(
  host: Host,
  location: Location,
  history: History,
  replace = false,
): Promise<string | null> {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return null;
  const forget = (): void => history.replaceState(history.state, '', location.pathname + location.search);
  if (host === 'embedded') {
    forget();
    return token;
  }
  try {
    await exchange('/billing/session', { token, replace });
    forget();
  } catch (fault) {
    // It is not used up where the server could not answer, or asks whether it is meant.
    const isLeft = fault instanceof ApiProblem && (fault.isOutage || fault.code === OF_ANOTHER);
    if (!isLeft) forget();
    throw fault;
  }
  return null;
}

/** The browser is signed in as somebody else, and the link was perhaps sent by a stranger: its reader decides. */
export const OF_ANOTHER = 'page_session_of_another';

/** Throws ApiProblem. */
export async function exchange<T>(path: string, body: object): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify(body),
      credentials: 'same-origin',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    throw new ApiProblem(0, 'unreachable', 'The server did not answer.');
  }
  const answer: unknown = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw problemOf(response.status, answer);
  return answer as T;
}
