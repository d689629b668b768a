import { Type } from 'class-transformer';
import { IsIn, IsNumber, IsOptional, IsPositive, IsString, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { LIMITED_ACTIONS, type LimitedAction } from '#application/plans/limit-check';
import { exportFormat } from '#domain/plans/export-format';
import { BYTES_PER_MB } from '#domain/plans/plan-limits';
import { Duration } from '#domain/shared/duration';
import { type FieldProblem, InvalidRequest } from '../shared/parse.js';

export class LimitCheckParams {
  @JSONSchema({ description: 'For `upload_file`.' })
  @IsOptional()
  @IsNumber()
  @IsPositive()
  file_size_mb?: number;

  @JSONSchema({ description: 'For `transcribe` and `check_minutes`: this, or `duration_minutes`.' })
  @IsOptional()
  @IsNumber()
  @IsPositive()
  duration_seconds?: number;

  @IsOptional()
  @IsNumber()
  @IsPositive()
  duration_minutes?: number;

  @JSONSchema({ description: 'For `export_transcript`.' })
  @IsOptional()
  @IsString()
  format?: string;
}

export class LimitCheckRequest {
  @IsIn(LIMITED_ACTIONS)
  action!: LimitedAction['action'];

  @IsOptional()
  @ValidateNested()
  @Type(() => LimitCheckParams)
  params?: LimitCheckParams;
}

type Param = keyof LimitCheckParams;

const TAKES: Readonly<Record<LimitedAction['action'], readonly Param[]>> = {
  create_session: [],
  transcribe: ['duration_seconds', 'duration_minutes'],
  check_minutes: ['duration_seconds', 'duration_minutes'],
  upload_file: ['file_size_mb'],
  export_transcript: ['format'],
};

/**
 * The action that a request asks about. Exactly one of the parameters that the action takes must be given, and no other:
 * a check of nothing must not say yes. Throws InvalidRequest, and InvalidValue for a format that there is not.
 */
export function limitedAction({ action, params }: LimitCheckRequest): LimitedAction {
  const takes = TAKES[action];
  const given = Object.entries(params ?? {}).flatMap(([name, value]) =>
    (value ?? null) === null ? [] : [name as Param],
  );
  const problems: FieldProblem[] = given
    .filter((name) => !takes.includes(name))
    .map((name) => ({ field: `params.${name}`, message: `${action} takes no ${name}` }));
  const taken = given.filter((name) => takes.includes(name));
  if (takes.length > 0 && taken.length !== 1) {
    problems.push({ field: `params.${takes[0]}`, message: `${action} needs ${takes.join(' or ')}` });
  }
  if (problems.length > 0) throw new InvalidRequest(problems);

  switch (action) {
    case 'create_session':
      return { action };
    case 'transcribe':
    case 'check_minutes':
      return { action, duration: durationOf(params!) };
    case 'upload_file':
      return { action, bytes: Math.round(params!.file_size_mb! * BYTES_PER_MB) };
    case 'export_transcript':
      return { action, format: exportFormat(params!.format) };
  }
}

/** Started seconds; a tenth of a minute is six of them, although a float times sixty is a little more. */
function durationOf({ duration_seconds: seconds, duration_minutes: minutes }: LimitCheckParams): Duration {
  const milliseconds = Math.round((seconds ?? minutes! * 60) * 1000);
  return Duration.ofStartedSeconds(milliseconds / 1000);
}
