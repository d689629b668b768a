import { EntitySchema } from 'typeorm';
import { Session } from '#domain/sessions/session';
import { count, instant, integer, period, text, uuid } from '../persistence/columns.js';

export const SessionTable = new EntitySchema<Session>({
  name: 'Session',
  target: Session,
  tableName: 'sessions',
  columns: {
    id: uuid('id', { primary: true }),
    userId: uuid('user_id'),
    periodStart: period('period_start'),
    title: text('title'),
    language: text('language'),
    sttProvider: text('stt_provider'),
    status: text('status'),
    uploadKey: text('upload_key', { nullable: true }),
    filename: text('filename', { nullable: true }),
    contentType: text('content_type', { nullable: true }),
    bytes: { name: 'bytes', type: 'bigint', nullable: true, transformer: count },
    durationSeconds: integer('duration_seconds', { nullable: true }),
    attempts: integer('attempts'),
    error: text('error', { nullable: true }),
    createdAt: instant('created_at'),
    updatedAt: instant('updated_at'),
    deletedAt: instant('deleted_at', { nullable: true }),
  },
});
