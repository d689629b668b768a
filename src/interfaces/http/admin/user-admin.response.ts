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
import type { Account } from '#application/accounts/get-account';
import type { PeriodChange, PeriodState } from '#application/usage/billing-period-reset';
import type { AuditRecord } from '#domain/accounts/audit-log';
import { type Role, ROLES } from '#domain/accounts/role';
import type { User } from '#domain/accounts/user';
import type { PlanLimits } from '#domain/plans/plan-limits';
import type { Limit } from '#domain/shared/limit';
import type { BillingPeriod } from '#domain/usage/billing-period';
import type { PeriodUsage } from '#domain/usage/period-usage';
import { DeviceResponse, deviceResponse } from '../accounts/account.response.js';
import { IsInstant, IsLimit } from '../shared/shapes.js';

export class AdminUserResponse {
  @IsUUID() id!: string;
  @IsString() email!: string;
  @IsString() name!: string;
  @IsIn(ROLES) role!: Role;
  @IsString() plan!: string;
  @IsOptional() @IsInstant() current_month_start!: string | null;
  @IsOptional() @IsInstant() suspended_at!: string | null;
  @IsInstant() created_at!: string;
}

/** A user after a change by an operator. */
export class ChangedUserResponse extends AdminUserResponse {
  @JSONSchema({
    description:
      'What a subscription that runs means for the change: that it is still charged, or gives another plan. Null when nothing.',
  })
  @IsOptional()
  @IsString()
  subscription_remark!: string | null;
}

export function adminUserResponse(user: User): AdminUserResponse {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    role: user.role,
    plan: user.plan,
    current_month_start: user.currentMonthStart?.toISOString() ?? null,
    suspended_at: user.suspendedAt?.toISOString() ?? null,
    created_at: user.createdAt.toISOString(),
  };
}

export class AdminUserListResponse {
  @IsArray() @ValidateNested({ each: true }) @Type(() => AdminUserResponse) data!: AdminUserResponse[];
  @IsInt() total!: number;
  @IsBoolean() has_more!: boolean;
}

/** A billing period and what counts in it. */
export class AdminPeriodResponse {
  @JSONSchema({ description: 'Null in the open period of an imported user.' })
  @IsOptional()
  @IsInstant()
  period_start!: string | null;
  @IsOptional() @IsInstant() resets_at!: string | null;
  @IsInt() sessions!: number;
  @JSONSchema({ description: 'Started minutes of the sum of all seconds.' })
  @IsInt()
  minutes!: number;
  @IsInt() seconds!: number;
  @IsInt() transcriptions!: number;
  @JSONSchema({ description: 'Reserved by transcriptions under way.' })
  @IsInt()
  held_seconds!: number;
  @IsInt() running!: number;
}

function periodResponse(period: BillingPeriod, usage: PeriodUsage): AdminPeriodResponse {
  return {
    period_start: period.start?.toISOString() ?? null,
    resets_at: period.end?.toISOString() ?? null,
    sessions: usage.sessions,
    minutes: usage.used.minutes,
    seconds: usage.used.seconds,
    transcriptions: usage.transcriptions,
    held_seconds: usage.held.seconds,
    running: usage.running,
  };
}

export class AdminLimitsResponse {
  @IsLimit() sessions!: Limit;
  @IsLimit() minutes!: Limit;
  @IsLimit() transcriptions!: Limit;
  @IsInt() file_size_mb!: number;
  @IsArray() @IsString({ each: true }) export_formats!: string[];
  @IsInt() concurrent_transcriptions!: number;
  @IsLimit() retention_days!: Limit;
  @IsInt() devices!: number;
}

function limitsResponse(limits: PlanLimits): AdminLimitsResponse {
  return {
    sessions: limits.sessions,
    minutes: limits.minutes,
    transcriptions: limits.transcriptions,
    file_size_mb: limits.fileSizeMb,
    export_formats: [...limits.exportFormats],
    concurrent_transcriptions: limits.concurrentTranscriptions,
    retention_days: limits.retentionDays,
    devices: limits.devices,
  };
}

export class AdminAccountResponse extends AdminUserResponse {
  @ValidateNested() @Type(() => AdminPeriodResponse) usage!: AdminPeriodResponse;
  @ValidateNested() @Type(() => AdminLimitsResponse) limits!: AdminLimitsResponse;
  @JSONSchema({ description: 'All of them, newest first, revoked ones included.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => DeviceResponse)
  devices!: DeviceResponse[];
}

export function adminAccountResponse({ user, plan, period, usage, devices }: Account): AdminAccountResponse {
  return {
    ...adminUserResponse(user),
    usage: periodResponse(period, usage),
    limits: limitsResponse(plan.limits),
    devices: devices.map(deviceResponse),
  };
}

export class PeriodChangeResponse {
  @IsUUID() user_id!: string;
  @JSONSchema({ description: 'False after a dry run: nothing was changed.' })
  @IsBoolean()
  done!: boolean;
  @ValidateNested() @Type(() => AdminPeriodResponse) before!: AdminPeriodResponse;
  @ValidateNested() @Type(() => AdminPeriodResponse) after!: AdminPeriodResponse;
}

export function periodChangeResponse({ user, before, after, done }: PeriodChange): PeriodChangeResponse {
  const state = ({ period, usage }: PeriodState): AdminPeriodResponse => periodResponse(period, usage);
  return { user_id: user.id, done, before: state(before), after: state(after) };
}

export class AuditRecordResponse {
  @IsUUID() id!: string;
  @IsInstant() at!: string;
  @JSONSchema({ description: 'A user id, or `cli:<name>`.' })
  @IsString()
  actor!: string;
  @IsString() action!: string;
  @IsOptional() @IsUUID() user_id!: string | null;
  @IsOptional() @IsString() reason!: string | null;
  @IsOptional()
  @IsObject()
  before!: Readonly<Record<string, unknown>> | null;
  @IsOptional()
  @IsObject()
  after!: Readonly<Record<string, unknown>> | null;
}

export function auditRecordResponse(record: AuditRecord): AuditRecordResponse {
  const { id, at, actor, action, userId, reason, before, after } = record;
  return { id, at: at.toISOString(), actor, action, user_id: userId, reason, before, after };
}

export class AuditLogResponse {
  @IsArray() @ValidateNested({ each: true }) @Type(() => AuditRecordResponse) data!: AuditRecordResponse[];
  @IsInt() total!: number;
  @IsBoolean() has_more!: boolean;
}
