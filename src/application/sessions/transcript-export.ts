import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { type ExportFormat, exportFormat } from '#domain/plans/export-format';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import type { SessionId } from '#domain/sessions/session';
import { SessionRepository } from '#domain/sessions/session-repository';
import type { Transcript } from '#domain/sessions/transcript';
import { contentDisposition, MEDIA_TYPES } from '#domain/sessions/transcript-download';
import { type TranscriptHeading, transcriptText } from '#domain/sessions/transcript-formats';
import { TranscriptRepository } from '#domain/sessions/transcript-repository';
import { UseCase } from '../use-case.js';
import { TranscriptDocuments } from './transcript-documents.js';

export interface ExportedTranscript {
  readonly format: ExportFormat;
  readonly mediaType: string;
  /** The value of a Content-Disposition header. */
  readonly disposition: string;
  readonly content: string | Buffer;
}

/** The transcript of a session as a file, in the formats that the owner's plan exports. */
@UseCase()
export class TranscriptExport {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly users: UserRepository,
    private readonly plans: PlanCatalog,
    private readonly transcripts: TranscriptRepository,
    private readonly documents: TranscriptDocuments,
  ) {}

  /**
   * `format` in any case. Throws SessionNotFound, InvalidValue for a format that does not exist, LimitExceeded for one
   * that the plan does not have, and TranscriptNotFound.
   */
  async execute(sessionId: SessionId, userId: UserId, format: unknown): Promise<ExportedTranscript> {
    const session = await this.sessions.get(sessionId, userId);
    const wanted = exportFormat(format);
    this.plans.get((await this.users.get(userId)).plan).limits.admitExport(wanted);

    const transcript = await this.transcripts.latest(sessionId, userId);
    const { title, durationSeconds, createdAt } = session;
    const { language } = transcript;
    return {
      format: wanted,
      mediaType: MEDIA_TYPES[wanted],
      disposition: contentDisposition(title, wanted),
      content: await this.contentOf(wanted, transcript, { title, durationSeconds, language, createdAt }),
    };
  }

  private async contentOf(
    format: ExportFormat,
    transcript: Transcript,
    heading: TranscriptHeading,
  ): Promise<string | Buffer> {
    switch (format) {
      case 'json':
      case 'txt':
      case 'vtt':
      case 'srt':
        return transcriptText(format, transcript, heading);
      case 'docx':
      case 'xlsx':
      case 'pdf':
        return this.documents.render(format, transcript, heading);
    }
  }
}
