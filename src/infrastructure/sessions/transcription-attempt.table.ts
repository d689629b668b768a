import { EntitySchema } from 'typeorm';
import { TranscriptionAttempt } from '#domain/sessions/transcription-attempt';
import { instant, integer, text, uuid } from '../persistence/columns.js';

export const TranscriptionAttemptTable = new EntitySchema<TranscriptionAttempt>({
  name: 'TranscriptionAttempt',
  target: TranscriptionAttempt,
  tableName: 'transcription_attempts',
  columns: {
    sessionId: uuid('session_id', { primary: true }),
    attempt: integer('attempt', { primary: true }),
    userId: uuid('user_id'),
    type: text('type'),
    provider: text('provider'),
    model: text('model'),
    rateCardId: uuid('rate_card_id'),
    uploadKey: text('upload_key'),
    audioSeconds: integer('audio_seconds'),
    externalId: text('external_id', { nullable: true }),
    startedAt: instant('started_at'),
  },
});
