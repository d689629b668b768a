import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsInt, IsOptional, IsString, IsUUID, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { Profile } from '#application/accounts/get-profile';
import type { Device, DeviceId } from '#domain/accounts/device';
import { type Role, ROLES } from '#domain/accounts/role';
import { IsInstant } from '../shared/shapes.js';

export class ProfileResponse {
  @IsUUID() id!: string;
  @IsString() email!: string;
  @IsString() name!: string;
  @IsIn(ROLES) role!: Role;
  @IsString() plan!: string;
  @IsString() plan_display_name!: string;
  @JSONSchema({ description: 'Start of the current billing period; null for an imported user without one.' })
  @IsOptional()
  @IsInstant()
  period_start!: string | null;
  @IsOptional() @IsInstant() resets_at!: string | null;
  @IsInstant() created_at!: string;
  @JSONSchema({ description: 'The API key that was used; null for an access token.' })
  @IsOptional()
  @IsUUID()
  device_id!: string | null;
}

export function profileResponse({ user, plan, period }: Profile, deviceId: DeviceId | null): ProfileResponse {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    role: user.role,
    plan: plan.name,
    plan_display_name: plan.displayName,
    period_start: period.start?.toISOString() ?? null,
    resets_at: period.end?.toISOString() ?? null,
    created_at: user.createdAt.toISOString(),
    device_id: deviceId,
  };
}

export class DeviceResponse {
  @IsUUID() id!: string;
  @IsString() name!: string;
  @JSONSchema({ description: 'How the key begins.', examples: ['mb_live_'] })
  @IsString()
  prefix!: string;
  @JSONSchema({ description: 'How the key ends.' })
  @IsString()
  last_four!: string;
  @IsInstant() created_at!: string;
  @JSONSchema({ description: 'To the minute.' })
  @IsOptional()
  @IsInstant()
  last_seen_at!: string | null;
  @IsOptional() @IsInstant() revoked_at!: string | null;
}

export function deviceResponse(device: Device): DeviceResponse {
  return {
    id: device.id,
    name: device.name,
    prefix: device.prefix,
    last_four: device.lastFour,
    created_at: device.createdAt.toISOString(),
    last_seen_at: device.lastSeenAt?.toISOString() ?? null,
    revoked_at: device.revokedAt?.toISOString() ?? null,
  };
}

export class NewDeviceResponse extends DeviceResponse {
  @JSONSchema({ description: 'The API key itself, shown in this answer alone: null when the answer is replayed.' })
  @IsOptional()
  @IsString()
  key!: string | null;
}

export class DeviceListResponse {
  @IsArray() @ValidateNested({ each: true }) @Type(() => DeviceResponse) data!: DeviceResponse[];
  @IsInt() total!: number;
  @IsBoolean() has_more!: boolean;
}
