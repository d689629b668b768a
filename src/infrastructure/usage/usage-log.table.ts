import { EntitySchema } from 'typeorm';
import { UsageLog } from '#domain/usage/usage-log';
import { count, instant, integer, micros, period, text, uuid } from '../persistence/columns.js';

export const UsageLogTable = new EntitySchema<UsageLog>({
  name: 'UsageLog',
  target: UsageLog,
  tableName: 'usage_logs',
  columns: {
    id: uuid('id', { primary: true }),
    userId: uuid('user_id'),
    sessionId: uuid('session_id'),
    attempt: integer('attempt'),
    periodStart: period('period_start'),
    transcriptionType: text('transcription_type'),
    outcome: text('outcome'),
    parentLogId: uuid('parent_log_id', { nullable: true }),
    uploadKey: text('upload_key'),
    audioSeconds: integer('audio_seconds'),
    countedSeconds: integer('counted_seconds'),
    countedTranscriptions: integer('counted_transcriptions'),
    billable: { name: 'billable', type: 'boolean' },
    billingReason: text('billing_reason'),
    costMicros: { name: 'cost_micros', type: 'bigint', transformer: micros },
    providerCostMicros: { name: 'provider_cost_micros', type: 'bigint', transformer: micros },
    provider: text('provider'),
    model: text('model'),
    rateCardId: uuid('rate_card_id'),
    plan: text('plan'),
    planVersion: text('plan_version'),
    planLimits: { name: 'plan_limits', type: 'jsonb' },
    language: text('language'),
    filename: text('filename', { nullable: true }),
    fileBytes: { name: 'file_bytes', type: 'bigint', nullable: true, transformer: count },
    providerMetadata: { name: 'provider_metadata', type: 'jsonb' },
    startedAt: instant('started_at'),
    completedAt: instant('completed_at'),
  },
});
