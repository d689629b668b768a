import type { UserId } from '../accounts/user.js';
import { DomainException } from '../shared/domain-exception.js';
import { Duration } from '../shared/duration.js';
import type { Id } from '../shared/id.js';
import type { Recording } from './recording.js';

export type SessionId = Id<'Session'>;

export const SESSION_STATUSES = ['uploading', 'pending', 'processing', 'completed', 'failed', 'cancelled'] as const;
export type SessionStatus = (typeof SESSION_STATUSES)[number];

/** BCP 47 tags that a recording may be said to be in; `auto` leaves it to the provider. */
export const LANGUAGES = [
  ...['auto', 'cmn-Hant-TW', 'cmn-Hans-CN', 'zh-TW', 'zh-CN', 'en-US', 'en-GB', 'en-AU', 'de-DE', 'es-ES', 'fr-FR'],
  ...['id-ID', 'it-IT', 'ja-JP', 'ko-KR', 'ms-MY', 'nl-NL', 'pt-BR', 'th-TH', 'vi-VN'],
] as const;

const MOVES: Readonly<Record<SessionStatus, readonly SessionStatus[]>> = {
  uploading: ['pending', 'failed', 'cancelled'],
  pending: ['processing', 'failed', 'cancelled'],
  processing: ['completed', 'failed'],
  completed: ['processing'],
  failed: ['processing', 'uploading'],
  cancelled: ['uploading'],
};

/**
 * One recording's life. Its row is the evidence that a session was created in a period: it is never removed,
 * and a deleted session keeps it without title, recording and transcript.
 */
export class Session {
  constructor(
    readonly id: SessionId,
    readonly userId: UserId,
    /** The billing period that the creation was counted in; null is the open period. */
    readonly periodStart: Date | null,
    readonly title: string,
    readonly language: string,
    /** A transcriber's name; `auto` was resolved at creation. */
    readonly sttProvider: string,
    readonly status: SessionStatus,
    /** Where the recording lies, or will lie. A new upload has a new key: the key identifies the recording. */
    readonly uploadKey: string | null,
    readonly filename: string | null,
    readonly contentType: string | null,
    readonly bytes: number | null,
    readonly durationSeconds: number | null,
    /** How many transcriptions were started; also the number of the latest. */
    readonly attempts: number,
    readonly error: string | null,
    readonly createdAt: Date,
    readonly updatedAt: Date,
    readonly deletedAt: Date | null,
  ) {}

  static open(
    of: Pick<Session, 'id' | 'userId' | 'periodStart' | 'title' | 'language' | 'sttProvider'>,
    now: Date,
  ): Session {
    return new Session(
      of.id,
      of.userId,
      of.periodStart,
      of.title,
      of.language,
      of.sttProvider,
      'uploading',
      ...([null, null, null, null, null, 0, null, now, now, null] as const),
    );
  }

  /** Zero until a recording is confirmed. */
  get duration(): Duration {
    return Duration.ofSeconds(this.durationSeconds ?? 0);
  }

  /** Expects a file under `uploadKey`: a new session, or one whose recording failed or was cancelled. */
  awaitUpload(uploadKey: string, filename: string, now: Date): Session {
    const fresh = { uploadKey, filename, contentType: null, bytes: null, durationSeconds: null, error: null };
    if (this.status === 'uploading') return this.with(fresh, now);
    return this.move('uploading', fresh, now);
  }

  uploaded(recording: Recording, now: Date): Session {
    const { contentType, bytes, duration } = recording;
    return this.move('pending', { contentType, bytes, durationSeconds: duration.seconds }, now);
  }

  processing(now: Date): Session {
    return this.move('processing', { attempts: this.attempts + 1, error: null }, now);
  }

  completed(now: Date): Session {
    return this.move('completed', { error: null }, now);
  }

  failed(reason: string, now: Date): Session {
    return this.move('failed', { error: reason }, now);
  }

  cancelled(now: Date): Session {
    return this.move('cancelled', {}, now);
  }

  renamed(title: string, now: Date): Session {
    return this.with({ title }, now);
  }

  /** Erases what it says and keeps that it was: usage survives deletion. */
  deleted(now: Date): Session {
    return this.with({ title: '', uploadKey: null, filename: null, error: null, deletedAt: now }, now);
  }

  /** The recording was removed because the plan keeps it no longer; what was counted stays. */
  withoutRecording(now: Date): Session {
    return this.with({ uploadKey: null }, now);
  }

  /** Throws InvalidStatusTransition unless `to` is a legal next status. */
  mustMoveTo(to: SessionStatus): void {
    if (!MOVES[this.status].includes(to)) throw new InvalidStatusTransition(this.status, to);
  }

  private move(to: SessionStatus, changes: Partial<Session>, now: Date): Session {
    this.mustMoveTo(to);
    return this.with({ ...changes, status: to }, now);
  }

  private with(changes: Partial<Session>, now: Date): Session {
    return Object.assign(Object.create(Session.prototype) as Session, this, changes, { updatedAt: now });
  }
}

export class InvalidStatusTransition extends DomainException {
  constructor(from: SessionStatus, to: SessionStatus) {
    const open = MOVES[from].join(', ') || 'nothing';
    super('invalid_status_transition', `A ${from} session can become ${open}, not ${to}.`, { from, to }, 'conflict');
  }
}
