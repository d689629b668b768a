import { EntitySchema } from 'typeorm';
import { Hold } from '#domain/usage/hold';
import { instant, integer, period, text, uuid } from '../persistence/columns.js';

export const HoldTable = new EntitySchema<Hold>({
  name: 'Hold',
  target: Hold,
  tableName: 'holds',
  columns: {
    id: uuid('id', { primary: true }),
    userId: uuid('user_id'),
    sessionId: uuid('session_id'),
    attempt: integer('attempt'),
    periodStart: period('period_start'),
    seconds: integer('seconds'),
    transcriptions: integer('transcriptions'),
    placedAt: instant('placed_at'),
    expiresAt: instant('expires_at'),
    state: text('state'),
    closedAt: instant('closed_at', { nullable: true }),
  },
});
