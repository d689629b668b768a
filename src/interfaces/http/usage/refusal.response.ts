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
import type { ExplainedRefusal } from '#application/usage/list-refusals';
import { PLAN_NAMES, type PlanName } from '#domain/plans/plan-name';
import type { Facts } from '#domain/shared/domain-exception';
import { type Remedy, REMEDY_KINDS, type RemedyKind } from '#domain/usage/remedy';
import { IsInstant } from '../shared/shapes.js';

export class RemedyResponse {
  @IsIn(REMEDY_KINDS) kind!: RemedyKind;
  @JSONSchema({
    description: 'With `upgrade_plan` the smallest plan that is enough; with `fix_payment` the one that is paid for.',
  })
  @IsOptional()
  @IsIn(PLAN_NAMES)
  plan_id!: PlanName | null;
  @JSONSchema({ description: 'With `buy_credit` the smallest package that is enough; null when none is.' })
  @IsOptional()
  @IsString()
  package_id!: string | null;
  @JSONSchema({ description: 'With `wait_for_reset`.' })
  @IsOptional()
  @IsInstant()
  at!: string | null;
}

export class RefusalResponse {
  @IsUUID() id!: string;
  @IsInstant() at!: string;
  @JSONSchema({ description: 'The `detail.error` of the answer.' }) @IsString() code!: string;
  @IsString() message!: string;
  @JSONSchema({ description: 'The numbers that were compared then.' }) @IsObject() facts!: Facts;
  @JSONSchema({ description: 'Whether the same would be refused now; null where that cannot be told.' })
  @IsOptional()
  @IsBoolean()
  still_refused!: boolean | null;
  @JSONSchema({ description: 'What can be done about it, the best first; nothing when it is not refused any more.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => RemedyResponse)
  remedies!: RemedyResponse[];
}

export class RefusalListResponse {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => RefusalResponse)
  data!: RefusalResponse[];
  @IsInt() total!: number;
  @IsBoolean() has_more!: boolean;
}

export function refusalResponse({ refusal, stillRefused, remedies }: ExplainedRefusal): RefusalResponse {
  const { id, at, code, message, facts } = refusal;
  return {
    id,
    at: at.toISOString(),
    code,
    message,
    facts,
    still_refused: stillRefused,
    remedies: remedies.map(remedyResponse),
  };
}

function remedyResponse({ kind, planId, packageId, at }: Remedy): RemedyResponse {
  return { kind, plan_id: planId, package_id: packageId, at: at?.toISOString() ?? null };
}
