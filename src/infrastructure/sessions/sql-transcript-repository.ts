import { injectable } from 'inversify';
import type { UserId } from '#domain/accounts/user';
import type { SessionId } from '#domain/sessions/session';
import { type SegmentId, type SpeakerRole, Transcript, type TranscriptSegment } from '#domain/sessions/transcript';
import { TranscriptNotFound, type TranscriptRepository } from '#domain/sessions/transcript-repository';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

/** A transcript is two shapes: an object with its segments here, a row with rows there. All segments travel at once. */
@injectable()
export class SqlTranscriptRepository implements TranscriptRepository {
  constructor(private readonly database: TypeOrmTransaction) {}

  async add(
    { sessionId, attempt, language, speakerRoles, segments }: Transcript,
    userId: UserId,
    now: Date,
  ): Promise<void> {
    await this.database.writer.query(
      `insert into transcripts (session_id, attempt, language, speaker_roles, created_at)
       select id, $3, $4, $5, $6 from sessions where id = $1 and user_id = $2`,
      [sessionId, userId, attempt, language, speakerRoles, now],
    );
    await this.database.writer.query(
      `insert into transcript_segments (session_id, attempt, position, id, speaker, start_ms, end_ms, text, confidence, role)
       select $1, $2, * from unnest($3::integer[], $4::uuid[], $5::integer[], $6::integer[], $7::integer[], $8::text[], $9::real[], $10::text[])`,
      [
        sessionId,
        attempt,
        segments.map(({ position }) => position),
        segments.map(({ id }) => id),
        segments.map(({ speaker }) => speaker),
        segments.map(({ startMs }) => startMs),
        segments.map(({ endMs }) => endMs),
        segments.map(({ text }) => text),
        segments.map(({ confidence }) => confidence),
        segments.map(({ role }) => role),
      ],
    );
  }

  async latest(sessionId: SessionId, userId: UserId): Promise<Transcript> {
    const rows = await this.database.reader.query<TranscriptRow[]>(
      `select t.attempt, t.language, t.speaker_roles, g.*
         from (select t.* from transcripts t join sessions s on s.id = t.session_id
                where t.session_id = $1 and s.user_id = $2 and s.deleted_at is null
                order by t.attempt desc limit 1) t
         left join lateral (
           select id, position, speaker, start_ms, end_ms, text, confidence, role
             from transcript_segments where session_id = $1 and attempt = t.attempt) g on true
        order by g.position`,
      [sessionId, userId],
    );
    const head = rows[0];
    if (!head) throw new TranscriptNotFound(sessionId);
    return new Transcript(
      sessionId,
      head.attempt,
      head.language,
      rows.filter(isSegment).map(segmentOf),
      head.speaker_roles,
    );
  }

  async save({ sessionId, attempt, speakerRoles, segments }: Transcript, userId: UserId): Promise<void> {
    await this.database.writer.query(
      `update transcripts set speaker_roles = $4
        where session_id = (select id from sessions where id = $1 and user_id = $2) and attempt = $3`,
      [sessionId, userId, attempt, speakerRoles],
    );
    await this.database.writer.query(
      `update transcript_segments s set text = changed.text, role = changed.role
         from unnest($4::integer[], $5::text[], $6::text[]) as changed (position, text, role)
        where s.session_id = (select id from sessions where id = $1 and user_id = $2)
          and s.attempt = $3 and s.position = changed.position
          and (s.text, s.role) is distinct from (changed.text, changed.role)`,
      [
        sessionId,
        userId,
        attempt,
        segments.map(({ position }) => position),
        segments.map(({ text }) => text),
        segments.map(({ role }) => role),
      ],
    );
  }

  async removeAll(sessionId: SessionId, userId: UserId): Promise<void> {
    await this.database.writer.query(
      `delete from transcripts where session_id = (select id from sessions where id = $1 and user_id = $2)`,
      [sessionId, userId],
    );
  }
}

interface SegmentRow {
  readonly id: SegmentId;
  readonly position: number;
  readonly speaker: number;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly text: string;
  readonly confidence: number | null;
  readonly role: SpeakerRole | null;
}

/** Without a segment (a silent recording) the columns of the segment are null. */
type TranscriptRow = {
  readonly attempt: number;
  readonly language: string;
  readonly speaker_roles: Readonly<Record<string, SpeakerRole>>;
} & (SegmentRow | { readonly id: null });

function isSegment(row: TranscriptRow): row is TranscriptRow & SegmentRow {
  return row.id !== null;
}

function segmentOf(row: SegmentRow): TranscriptSegment {
  const { id, position, speaker, text, confidence, role } = row;
  return { id, position, speaker, startMs: row.start_ms, endMs: row.end_ms, text, confidence, role };
}
