import { IsBoolean, IsEmail, IsIn, IsOptional, IsString, IsUUID, Length, Matches } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { type Role, ROLES } from '#domain/accounts/role';
import { PLAN_NAMES, type PlanName } from '#domain/plans/plan-name';
import { PageQuery } from '../shared/page.js';
import { IsInstant } from '../shared/shapes.js';

export class ListUsersQuery extends PageQuery {
  @IsOptional()
  @IsString()
  @Length(1, 255)
  @JSONSchema({ description: 'A part of the e-mail address or the name, in whatever case.' })
  search?: string;
}

export class AuditLogQuery extends PageQuery {
  @IsOptional()
  @IsUUID()
  @JSONSchema({ description: 'Only what was done to this user.' })
  user_id?: string;

  @IsOptional()
  @IsString()
  @Length(1, 255)
  @JSONSchema({ description: 'Only what this one did: a user id, or `cli:<name>`.' })
  actor?: string;

  @IsOptional()
  @IsString()
  @Length(1, 100)
  @JSONSchema({ description: 'Only this deed.', examples: ['user.change', 'period.reset'] })
  action?: string;
}

/** A change by an operator: the reason goes to the audit log. The query of a removal, which has no body. */
export class ReasonedRequest {
  @IsString()
  @Length(1, 500)
  @Matches(/\S/, { message: 'reason must not be blank' })
  @JSONSchema({ description: 'Why; kept in the audit log with your name.' })
  reason!: string;
}

export class CancelUserSubscriptionBody extends ReasonedRequest {
  @JSONSchema({ description: '`period_end`: the plan is kept until what is paid for is over. `now`: it ends at once.' })
  @IsIn(['period_end', 'now'])
  when!: 'period_end' | 'now';
}

export class CreateUserRequest {
  @IsEmail()
  @Length(3, 255)
  email!: string;

  @IsString()
  @Length(1, 255)
  @Matches(/\S/, { message: 'name must not be blank' })
  name!: string;

  @IsIn(PLAN_NAMES)
  plan: PlanName = 'free';

  @IsIn(ROLES)
  role: Role = 'user';

  @IsOptional()
  @IsString()
  @Length(1, 500)
  reason?: string | null;
}

export class ChangePlanRequest extends ReasonedRequest {
  @IsIn(PLAN_NAMES)
  plan!: PlanName;
}

export class ChangeRoleRequest extends ReasonedRequest {
  @IsIn(ROLES)
  role!: Role;
}

export class CreateUserDeviceRequest extends ReasonedRequest {
  @IsString()
  @Length(1, 255)
  @Matches(/\S/, { message: 'name must not be blank' })
  name!: string;
}

export class UndoResetRequest extends ReasonedRequest {
  @IsBoolean()
  @JSONSchema({ description: 'Show what would change, and change nothing.' })
  dry_run: boolean = false;
}

export class ResetPeriodRequest extends UndoResetRequest {
  @IsOptional()
  @IsInstant()
  @JSONSchema({
    description: 'Start of the new period, within the current one and not in the future; now unless given.',
  })
  at?: string | null;
}
