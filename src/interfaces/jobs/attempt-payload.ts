import type { SessionId } from '#domain/sessions/session';
import { findId } from '#domain/shared/id';

/** Which attempt a job is about. Throws when it does not say: such a job can never be done. */
export function attemptOf(payload: unknown): { readonly sessionId: SessionId; readonly attempt: number } {
  const { sessionId: session, attempt } = (payload ?? {}) as Readonly<Record<string, unknown>>;
  const sessionId = findId<'Session'>(session);
  if (!sessionId || typeof attempt !== 'number' || !Number.isInteger(attempt)) {
    throw new Error(`A job names no attempt of a session: ${JSON.stringify({ session, attempt })}.`);
  }
  return { sessionId, attempt };
}
