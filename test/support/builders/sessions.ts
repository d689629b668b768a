import type { UserId } from '#domain/accounts/user';
import { Session, type SessionId, type SessionStatus } from '#domain/sessions/session';

const CREATED = new Date('2026-03-10T09:00:00.000Z');

let made = 0;

/** A session that waits for its first upload, unless told otherwise. */
export function aSession(userId: UserId, of: Partial<Session> = {}): Session {
  const id = `00000000-0000-4000-b000-${(++made).toString(16).padStart(12, '0')}` as SessionId;
  const opened = {
    id,
    userId,
    periodStart: null,
    title: 'Kick-off with Ana',
    language: 'en-US',
    sttProvider: 'sandbox',
  };
  return Object.assign(Object.create(Session.prototype) as Session, Session.open(opened, CREATED), of);
}

/** A session in the given status with a confirmed recording of so many seconds. */
export function aRecordedSession(
  userId: UserId,
  {
    status = 'pending',
    seconds = 61,
    ...of
  }: { readonly status?: SessionStatus; readonly seconds?: number } & Partial<Session> = {},
): Session {
  const session = aSession(userId, of);
  const recorded = {
    status,
    uploadKey: `${userId}/${session.id}/recording.mp3`,
    filename: 'monday.mp3',
    contentType: 'audio/mpeg',
    bytes: 976_000,
    durationSeconds: seconds,
  };
  return Object.assign(Object.create(Session.prototype) as Session, session, recorded, of);
}
