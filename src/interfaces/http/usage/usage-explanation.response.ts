import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsInt, IsOptional, IsString, IsUUID, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { UsageExplanation } from '#application/usage/get-usage-explanation';
import {
  type CreationLine,
  EXPLAINED_METRICS,
  type ExplainedMetric,
  type LogLine,
  type LogMetric,
} from '#application/usage/usage-evidence';
import type { Page } from '#domain/shared/page';
import { OUTCOMES, type Outcome, TRANSCRIPTION_TYPES, type TranscriptionType } from '#domain/usage/transcription-type';
import { IsInstant } from '../shared/shapes.js';

const KINDS = ['session_created', 'transcription'] as const;
const UNITS = ['sessions', 'seconds', 'transcriptions', 'micro_usd'] as const;

export class UsageEntryResponse {
  @IsIn(KINDS) kind!: (typeof KINDS)[number];
  @JSONSchema({
    description: 'The entry of the usage log; null for the creation of a session, which is its own evidence.',
  })
  @IsOptional()
  @IsUUID()
  log_id!: string | null;
  @IsUUID() session_id!: string;
  @IsInstant() at!: string;
  @JSONSchema({ description: 'What this entry adds, in the unit of the whole.' }) @IsInt() amount!: number;
  @JSONSchema({
    description: 'The period it was logged under. Another than the one asked for when a reset was undone.',
  })
  @IsOptional()
  @IsInstant()
  logged_in_period!: string | null;
  @JSONSchema({ description: 'Of a session that still exists.' }) @IsOptional() @IsString() title!: string | null;
  @IsOptional() @IsInstant() deleted_at!: string | null;
  @IsOptional() @IsInt() attempt!: number | null;
  @IsOptional() @IsIn(TRANSCRIPTION_TYPES) transcription_type!: TranscriptionType | null;
  @IsOptional() @IsIn(OUTCOMES) outcome!: Outcome | null;
  @IsOptional() @IsString() billing_reason!: string | null;
  @IsOptional() @IsString() provider!: string | null;
  @IsOptional() @IsString() model!: string | null;
  @IsOptional() @IsString() plan!: string | null;
}

export class UsageExplanationResponse {
  @IsIn(EXPLAINED_METRICS) metric!: ExplainedMetric;
  @IsIn(UNITS) unit!: (typeof UNITS)[number];
  @IsOptional() @IsInstant() period_start!: string | null;
  @IsOptional() @IsInstant() period_end!: string | null;
  @JSONSchema({ description: 'The number as it is shown: minutes are the seconds, rounded up once.' })
  @IsInt()
  shown!: number;
  @JSONSchema({ description: 'What the counter says; null for cost, which is always read from the log.' })
  @IsOptional()
  @IsInt()
  counter!: number | null;
  @JSONSchema({ description: 'The sum of all entries, computed for this answer.' }) @IsInt() recomputed!: number;
  @JSONSchema({ description: 'Whether counter and sum are equal. They are, always.' }) @IsBoolean() agrees!: boolean;
  @IsArray() @ValidateNested({ each: true }) @Type(() => UsageEntryResponse) data!: UsageEntryResponse[];
  @IsInt() total!: number;
  @IsBoolean() has_more!: boolean;
}

export function usageExplanationResponse(
  { metric, period, sum, evidence }: UsageExplanation,
  { offset }: Page,
): UsageExplanationResponse {
  const [recomputed, counter] = [exactly(sum.recomputed), sum.counter === null ? null : exactly(sum.counter)];
  const counted = counter ?? recomputed;
  return {
    metric,
    unit: UNIT[metric],
    period_start: period.start?.toISOString() ?? null,
    period_end: period.end?.toISOString() ?? null,
    shown: metric === 'minutes' ? Math.ceil(counted / 60) : counted,
    counter,
    recomputed,
    agrees: counted === recomputed,
    data:
      evidence.kind === 'creations'
        ? evidence.lines.map(creationEntry)
        : evidence.lines.map((line) => logEntry(line, metric as LogMetric)),
    total: sum.entries,
    has_more: offset + evidence.lines.length < sum.entries,
  };
}

const UNIT: Readonly<Record<ExplainedMetric, (typeof UNITS)[number]>> = {
  sessions: 'sessions',
  minutes: 'seconds',
  transcriptions: 'transcriptions',
  cost: 'micro_usd',
};

const AMOUNT: Readonly<Record<LogMetric, (line: LogLine) => number>> = {
  minutes: ({ countedSeconds }) => countedSeconds,
  transcriptions: ({ countedTranscriptions }) => countedTranscriptions,
  cost: ({ costMicros }) => exactly(costMicros),
};

function creationEntry({ sessionId, title, createdAt, deletedAt, periodStart }: CreationLine): UsageEntryResponse {
  return {
    kind: 'session_created',
    log_id: null,
    session_id: sessionId,
    at: createdAt.toISOString(),
    amount: 1,
    logged_in_period: periodStart?.toISOString() ?? null,
    title,
    deleted_at: deletedAt?.toISOString() ?? null,
    attempt: null,
    transcription_type: null,
    outcome: null,
    billing_reason: null,
    provider: null,
    model: null,
    plan: null,
  };
}

function logEntry(line: LogLine, metric: LogMetric): UsageEntryResponse {
  return {
    kind: 'transcription',
    log_id: line.id,
    session_id: line.sessionId,
    at: line.completedAt.toISOString(),
    amount: AMOUNT[metric](line),
    logged_in_period: line.periodStart?.toISOString() ?? null,
    title: null,
    deleted_at: null,
    attempt: line.attempt,
    transcription_type: line.transcriptionType,
    outcome: line.outcome,
    billing_reason: line.billingReason,
    provider: line.provider,
    model: line.model,
    plan: line.plan,
  };
}

/** A sum that a JSON number does not hold exactly would prove nothing. */
function exactly(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} does not fit a JSON number.`);
  return number;
}
