import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsInt, IsOptional, IsString, IsUUID, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { UserBudget } from '#domain/budgets/budget-repository';
import { BudgetStatusResponse, budgetStatusResponse } from './budget.response.js';

export class UserBudgetResponse extends BudgetStatusResponse {
  @IsString() email!: string;
  @IsString() name!: string;
  @IsString() plan!: string;
  @JSONSchema({ description: 'As it was configured. Null: the plan’s.' })
  @IsOptional()
  @IsInt()
  limit_micros!: number | null;
  @IsOptional() @IsString() admin_notes!: string | null;
  @JSONSchema({ description: 'A user id, or `cli:<name>`. Null when nobody did.' })
  @IsOptional()
  @IsString()
  configured_by!: string | null;
}

export function userBudgetResponse({ user, status }: UserBudget): UserBudgetResponse {
  const { limit, notes, configuredBy } = status.budget;
  return {
    ...budgetStatusResponse(status),
    email: user.email,
    name: user.name,
    plan: user.plan,
    limit_micros: limit?.toNumber() ?? null,
    admin_notes: notes,
    configured_by: configuredBy,
  };
}

export class UserBudgetListResponse {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => UserBudgetResponse)
  data!: UserBudgetResponse[];
  @IsInt() total!: number;
  @IsBoolean() has_more!: boolean;
}

export class ReportedUsageResponse {
  @JSONSchema({ description: '`duplicate`: it was reported before, and stays as it was then.' })
  @IsIn(['recorded', 'duplicate'])
  result!: 'recorded' | 'duplicate';
  @IsOptional() @IsUUID() user_id!: string | null;
  @IsString() request_id!: string;
}
