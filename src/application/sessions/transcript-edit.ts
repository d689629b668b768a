import type { UserId } from '#domain/accounts/user';
import type { SessionId } from '#domain/sessions/session';
import { SessionRepository } from '#domain/sessions/session-repository';
import type { Transcript } from '#domain/sessions/transcript';
import { TranscriptRepository } from '#domain/sessions/transcript-repository';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';

/** What people may correct in a transcript, unchecked: by speaker number or segment id, as Transcript says. */
export type TranscriptCorrection =
  | { readonly of: 'speaker_roles'; readonly values: Readonly<Record<string, unknown>> }
  | { readonly of: 'segment_roles'; readonly values: Readonly<Record<string, unknown>> }
  | { readonly of: 'segment_texts'; readonly values: Readonly<Record<string, unknown>> };

/** Corrects who spoke or what was said. Two corrections at the same time are made one after the other, and both kept. */
@UseCase()
export class TranscriptEdit {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly transcripts: TranscriptRepository,
    private readonly transaction: Transaction,
  ) {}

  /** The corrected transcript. Throws SessionNotFound, TranscriptNotFound and InvalidValue. */
  execute(sessionId: SessionId, userId: UserId, correction: TranscriptCorrection): Promise<Transcript> {
    return this.transaction.run(async () => {
      await this.sessions.hold(sessionId, userId);
      const transcript = corrected(await this.transcripts.latest(sessionId, userId), correction);
      await this.transcripts.save(transcript, userId);
      return transcript;
    });
  }
}

function corrected(transcript: Transcript, { of, values }: TranscriptCorrection): Transcript {
  switch (of) {
    case 'speaker_roles':
      return transcript.withSpeakerRoles(values);
    case 'segment_roles':
      return transcript.withSegmentRoles(values);
    case 'segment_texts':
      return transcript.withSegmentTexts(values);
  }
}
