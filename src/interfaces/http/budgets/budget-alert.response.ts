import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsInt, IsNumber, IsString, IsUUID, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import {
  ALERT_KINDS,
  type AlertKind,
  type AlertSeverity,
  type BudgetAlert,
  percent,
} from '#domain/budgets/budget-alert';
import { CADENCES, type Cadence } from '#domain/budgets/budget-period';
import { IsInstant } from '../shared/shapes.js';

const SEVERITIES = ['info', 'warning', 'critical'] as const satisfies readonly AlertSeverity[];

export class BudgetAlertResponse {
  @IsUUID() id!: string;
  @JSONSchema({
    description: 'The level that was reached, or `forecast`: the pace will not last to the end of the period.',
  })
  @IsIn(ALERT_KINDS)
  kind!: AlertKind;
  @IsIn(SEVERITIES) severity!: AlertSeverity;
  @IsString() title!: string;
  @IsString() message!: string;
  @IsBoolean() action_required!: boolean;
  @JSONSchema({ description: 'Like the next three, as it was when the alert was set off.' })
  @IsInt()
  total_budget_micros!: number;
  @IsInt() used_budget_micros!: number;
  @IsInt() projected_cost_micros!: number;
  @JSONSchema({ description: 'To one decimal.' }) @IsNumber() percentage_used!: number;
  @IsIn(CADENCES) budget_period!: Cadence;
  @IsInstant() period_start!: string;
  @IsInstant() period_end!: string;
  @IsInstant() created_at!: string;
}

export function budgetAlertResponse(alert: BudgetAlert): BudgetAlertResponse {
  const { id, kind, severity, title, message, actionRequired, limit, used, projected, cadence, period, at } = alert;
  return {
    id,
    kind,
    severity,
    title,
    message,
    action_required: actionRequired,
    total_budget_micros: limit.toNumber(),
    used_budget_micros: used.toNumber(),
    projected_cost_micros: projected.toNumber(),
    percentage_used: Number(percent(used, limit)),
    budget_period: cadence,
    period_start: period.start.toISOString(),
    period_end: period.end.toISOString(),
    created_at: at.toISOString(),
  };
}

export class BudgetAlertListResponse {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => BudgetAlertResponse)
  data!: BudgetAlertResponse[];
  @IsInt() total!: number;
  @IsBoolean() has_more!: boolean;
}
