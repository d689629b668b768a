import { Type } from 'class-transformer';
import { IsBoolean, IsDefined, IsIn, IsInt, IsObject, IsOptional, IsString, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import {
  LIMIT_TYPES,
  LIMITED_ACTIONS,
  type LimitedAction,
  type LimitInfo,
  type LimitType,
  type LimitVerdict,
  type UpgradeSuggestion,
} from '#application/plans/limit-check';
import type { DomainException } from '#domain/shared/domain-exception';
import type { Limit } from '#domain/shared/limit';
import { IsInstant } from '../shared/shapes.js';

/** Also for a list of formats, which is what limits an export. */
export const LIMIT_OR_FORMATS: Parameters<typeof JSONSchema>[0] = {
  anyOf: [
    { type: 'integer', minimum: 0 },
    { type: 'string', enum: ['unlimited'] },
    { type: 'array', items: { type: 'string' } },
  ],
};

export class LimitInfoResponse {
  @IsIn(LIMIT_TYPES) type!: LimitType;
  @JSONSchema({ description: 'Used so far; null where nothing adds up.' }) @IsOptional() @IsInt() current!:
    number | null;
  @IsOptional() @IsInt() held!: number | null;
  @JSONSchema({ anyOf: [{ type: 'number' }, { type: 'string' }] }) @IsDefined() requested!: number | string;
  @JSONSchema(LIMIT_OR_FORMATS) @IsDefined() limit!: Limit | readonly string[];
  @IsOptional() @IsInstant() resets_at!: string | null;
}

export class UpgradeSuggestionResponse {
  @IsString() plan!: string;
  @IsString() display_name!: string;
  @IsInt() monthly_price_micros!: number;
  @JSONSchema({ description: 'The limit that refuses now, and what it would be.' }) @IsIn(LIMIT_TYPES) type!: LimitType;
  @JSONSchema(LIMIT_OR_FORMATS) @IsDefined() limit!: Limit | readonly string[];
}

export class LimitCheckResponse {
  @IsIn(LIMITED_ACTIONS) action!: LimitedAction['action'];
  @IsBoolean() allowed!: boolean;
  @JSONSchema({ description: 'What the action itself would be refused with: error, message and the numbers compared.' })
  @IsOptional()
  @IsObject()
  refusal!: Readonly<Record<string, unknown>> | null;
  @JSONSchema({ description: 'The limit that refuses, or else the one that the action uses up.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => LimitInfoResponse)
  limit_info!: LimitInfoResponse | null;
  @JSONSchema({ description: 'The smallest larger plan that would allow this very request now.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => UpgradeSuggestionResponse)
  upgrade_suggestion!: UpgradeSuggestionResponse | null;
}

export function limitCheckResponse({ action, refusal, limit, suggestion }: LimitVerdict): LimitCheckResponse {
  return {
    action,
    allowed: refusal === null,
    refusal: refusal && refusalDetail(refusal),
    limit_info: limitInfoResponse(limit),
    upgrade_suggestion: suggestion && suggestionResponse(suggestion),
  };
}

/** As in the answer to the refused action itself. */
function refusalDetail({ code, message, facts }: DomainException): Readonly<Record<string, unknown>> {
  return { error: code, message, ...facts };
}

function limitInfoResponse({ type, current, held, requested, limit, resetsAt }: LimitInfo): LimitInfoResponse {
  return { type, current, held, requested, limit, resets_at: resetsAt?.toISOString() ?? null };
}

function suggestionResponse({ plan, type, limit }: UpgradeSuggestion): UpgradeSuggestionResponse {
  return {
    plan: plan.name,
    display_name: plan.displayName,
    monthly_price_micros: plan.monthlyPrice.toNumber(),
    type,
    limit,
  };
}
