import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  ValidateNested,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { type Verdict, VERDICTS } from '#application/operations/finding';
import type { HealthReport } from '#application/operations/get-health-report';
import {
  VERIFICATION_OUTCOMES,
  type VerificationOutcome,
  type VerificationRun,
} from '#application/operations/verification-runs';
import { IsInstant } from '../shared/shapes.js';

export class HealthFindingResponse {
  @JSONSchema({ description: 'What was looked at.' }) @IsString() check!: string;
  @JSONSchema({
    description:
      '`warning`: works, and will not for ever. `broken`: data must be mended. `unavailable`: something that must run, or be reachable, is not.',
  })
  @IsIn(VERDICTS)
  verdict!: Verdict;
  @IsString() summary!: string;
  @JSONSchema({ description: 'What to do about it; null when nothing is to be done.' })
  @IsOptional()
  @IsString()
  next!: string | null;
}

export class HealthReportResponse {
  @JSONSchema({ description: 'Nothing is broken or unavailable.' }) @IsBoolean() healthy!: boolean;
  @IsInstant() checked_at!: string;
  @JSONSchema({ description: 'The good ones too, in the order in which they are best read.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => HealthFindingResponse)
  findings!: HealthFindingResponse[];
}

export function healthReportResponse({ findings, checkedAt }: HealthReport): HealthReportResponse {
  return {
    healthy: findings.every(({ verdict }) => verdict === 'ok' || verdict === 'warning'),
    checked_at: checkedAt.toISOString(),
    findings: findings.map(({ check, verdict, summary, next }) => ({ check, verdict, summary, next })),
  };
}

const RUN_STATUSES = ['running', ...VERIFICATION_OUTCOMES] as const;

export class VerificationFindingResponse {
  @JSONSchema({ description: 'As "minutebook verify" names it.', examples: ['counter_differs', 'balance_differs'] })
  @IsString()
  kind!: string;
  @JSONSchema({ description: "Null: the global budget's." }) @IsOptional() @IsUUID() user_id!: string | null;
  @JSONSchema({
    description: 'What was compared, as "minutebook verify --json" has it: `stored` and `recomputed`, or ids.',
  })
  @IsObject()
  facts!: Readonly<Record<string, unknown>>;
}

export class VerificationRunResponse {
  @IsUUID() id!: string;
  @JSONSchema({ description: 'A user id, `cli:<name>`, or `system` for the daily one.' })
  @IsString()
  requested_by!: string;
  @JSONSchema({
    description:
      '`running`, also while it waits for a worker. `verified`: came to its end, whatever it found. `failed`: see error. `lost`: its worker died.',
  })
  @IsIn(RUN_STATUSES)
  status!: 'running' | VerificationOutcome;
  @IsInstant() started_at!: string;
  @IsOptional() @IsInstant() finished_at!: string | null;
  @IsOptional() @IsString() error!: string | null;
  @JSONSchema({ description: 'How many differences were found.' }) @IsInt() findings_count!: number;
  @JSONSchema({ description: 'There are more differences than were counted.' }) @IsBoolean() truncated!: boolean;
  @JSONSchema({ description: 'The first thousand differences.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => VerificationFindingResponse)
  findings!: VerificationFindingResponse[];
  @JSONSchema({ description: 'What was recomputed, by what it is.' })
  @IsObject()
  checked!: Readonly<Record<string, number>>;
  @JSONSchema({ description: 'Entries of ledgers and logs, once for each book that they are in.' })
  @IsInt()
  entries_checked!: number;
}

export class VerificationRunListResponse {
  @IsArray() @ValidateNested({ each: true }) @Type(() => VerificationRunResponse) data!: VerificationRunResponse[];
  @IsInt() total!: number;
  @IsBoolean() has_more!: boolean;
}

export class VerificationBegunResponse {
  @JSONSchema({ description: 'Of the run in GET /api/v1/admin/verification.' }) @IsUUID() id!: string;
}

export function verificationRunResponse(run: VerificationRun): VerificationRunResponse {
  return {
    id: run.id,
    requested_by: run.requestedBy,
    status: run.outcome ?? 'running',
    started_at: run.startedAt.toISOString(),
    finished_at: run.finishedAt?.toISOString() ?? null,
    error: run.error,
    findings_count: run.findingsCount,
    truncated: run.truncated,
    findings: run.findings.map(({ kind, user_id, ...facts }) => ({ kind, user_id, facts })),
    checked: run.checked,
    entries_checked: run.entriesChecked,
  };
}
