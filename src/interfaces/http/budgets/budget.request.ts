import { IsIn, IsInt, IsNumber, IsOptional, IsString, IsUUID, Length, Max, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { LARGEST_BUFFER } from '#application/budgets/get-affordability';
import { USUAL_BUFFER } from '#domain/budgets/affordability';
import { BUDGET_MODES, type BudgetChanges, type BudgetMode, MOST_USD } from '#domain/budgets/budget';
import { CADENCES, type Cadence } from '#domain/budgets/budget-period';
import { MOST_CHARACTERS } from '#domain/budgets/budget-reset';
import { MOST_UNITS } from '#domain/budgets/cost-rates';
import { Money } from '#domain/shared/money';
import { PageQuery } from '../shared/page.js';

export const BUDGET_SCOPES = ['user', 'global'] as const;
export type BudgetScope = (typeof BUDGET_SCOPES)[number];

export const MOST_MICROS = MOST_USD * 1_000_000;

const SCOPE = 'The budget of a user, or the global one of this service, which admins alone see.';
const WHOSE = 'Whose budget, with scope `user`; your own unless given. Others’ are for admins.';

export class BudgetQuery {
  @JSONSchema({ description: SCOPE })
  @IsIn(BUDGET_SCOPES)
  scope: BudgetScope = 'user';

  @JSONSchema({ description: WHOSE })
  @IsOptional()
  @IsUUID()
  user_id?: string;
}

export class BudgetPageQuery extends PageQuery {
  @JSONSchema({ description: SCOPE })
  @IsIn(BUDGET_SCOPES)
  scope: BudgetScope = 'user';

  @JSONSchema({ description: WHOSE })
  @IsOptional()
  @IsUUID()
  user_id?: string;
}

/** Only what is given changes. */
export class BudgetSettingsRequest {
  @JSONSchema({
    description:
      'What may be spent in a period. Null takes a configured limit away: then the plan’s counts, or the setting of this ' +
      'service for the global one, which are monthly.',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST_MICROS)
  limit_micros?: number | null;

  @JSONSchema({ description: 'How often it starts anew. Another one than before begins a period now.' })
  @IsOptional()
  @IsIn(CADENCES)
  budget_period?: Cadence | null;

  @JSONSchema({ description: 'With `budget_period` `custom`, and with no other.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(365)
  custom_period_days?: number | null;

  @JSONSchema({
    description:
      '`alert_only` tells and lets pass; `block` refuses; `fallback` tries the cheapest provider that fits, and refuses when none does.',
  })
  @IsOptional()
  @IsIn(BUDGET_MODES)
  mode?: BudgetMode | null;

  @JSONSchema({
    description: 'In percent of the budget. Always yellow < orange < red, with those that stay as they are.',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  alert_threshold_yellow?: number | null;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  alert_threshold_orange?: number | null;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  alert_threshold_red?: number | null;
}

/** Null where nothing can be taken away leaves things as they are. */
export function settingsChanges(request: BudgetSettingsRequest): BudgetChanges {
  const { limit_micros: limit } = request;
  return stated({
    limit: typeof limit === 'number' ? Money.ofMicros(BigInt(limit)) : limit,
    cadence: request.budget_period ?? undefined,
    customDays: request.custom_period_days ?? undefined,
    mode: request.mode ?? undefined,
    yellow: request.alert_threshold_yellow ?? undefined,
    orange: request.alert_threshold_orange ?? undefined,
    red: request.alert_threshold_red ?? undefined,
  });
}

/** Without the fields that say nothing. */
export function stated<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

export class BudgetResetRequest {
  @JSONSchema({ description: 'Why; kept with the reset.' })
  @IsOptional()
  @IsString()
  @Length(1, MOST_CHARACTERS)
  reason?: string | null;
}

export class CostEstimateRequest {
  @IsString()
  @Length(1, 200)
  provider!: string;

  @IsString()
  @Length(1, 200)
  model!: string;

  @JSONSchema({
    description:
      '`llm`, `stt`, `tts` or `image`; anything else is taken to cost what one operation of an unknown kind does.',
  })
  @IsString()
  @Length(1, 50)
  service_type: string = 'llm';

  @IsInt()
  @Min(0)
  @Max(MOST_UNITS)
  input_tokens: number = 0;

  @IsInt()
  @Min(0)
  @Max(MOST_UNITS)
  output_tokens: number = 0;

  @JSONSchema({ description: 'Of audio, for `stt`.' })
  @IsNumber()
  @Min(0)
  @Max(MOST_UNITS)
  minutes: number = 0;

  @JSONSchema({ description: 'Of text, for `tts`.' })
  @IsInt()
  @Min(0)
  @Max(MOST_UNITS)
  characters: number = 0;

  @JSONSchema({ description: 'What is put on the cost before it is compared with the budget: 1000 is a tenth.' })
  @IsInt()
  @Min(0)
  @Max(LARGEST_BUFFER)
  buffer_basis_points: number = USUAL_BUFFER;
}
