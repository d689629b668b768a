import {
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { ReportedUsage } from '#application/budgets/provider-usage-record';
import { UserNotFound } from '#domain/accounts/user-repository';
import { type BudgetChanges, type BudgetId, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { SERVICE_TYPES, type ServiceType } from '#domain/budgets/budget-ledger';
import { MOST_CHARACTERS } from '#domain/budgets/budget-reset';
import { findId } from '#domain/shared/id';
import { Money } from '#domain/shared/money';
import { type FieldProblem, InvalidRequest } from '../shared/parse.js';
import { IsInstant } from '../shared/shapes.js';
import { budgetOfUser } from './budget-access.js';
import {
  BUDGET_SCOPES,
  type BudgetScope,
  BudgetSettingsRequest,
  MOST_MICROS,
  settingsChanges,
  stated,
} from './budget.request.js';

export class ConfigureBudgetRequest extends BudgetSettingsRequest {
  @IsIn(BUDGET_SCOPES)
  scope: BudgetScope = 'user';

  @JSONSchema({ description: 'Whose budget, with scope `user`.' })
  @IsOptional()
  @IsUUID()
  target_user_id?: string | null;

  @JSONSchema({
    description: 'Whether its user may see it. Like the next two, not of the global one, which no user sees.',
  })
  @IsOptional()
  @IsBoolean()
  visible?: boolean | null;

  @IsOptional()
  @IsBoolean()
  can_modify?: boolean | null;

  @IsOptional()
  @IsBoolean()
  can_reset?: boolean | null;

  @JSONSchema({ description: 'For admins alone. Null takes them away.' })
  @IsOptional()
  @IsString()
  @MaxLength(MOST_CHARACTERS)
  admin_notes?: string | null;

  @JSONSchema({ description: 'Why; kept in the audit log with your name.' })
  @IsOptional()
  @IsString()
  @Length(1, MOST_CHARACTERS)
  reason?: string | null;
}

/** Which budget a configuration is of. Throws InvalidRequest and UserNotFound. */
export function configuredBudget({ scope, target_user_id: target, ...request }: ConfigureBudgetRequest): BudgetId {
  if (scope === 'user') {
    if (typeof target === 'string') return budgetOfUser(target);
    throw new InvalidRequest([{ field: 'target_user_id', message: 'target_user_id is required with scope user' }]);
  }
  const given = { target_user_id: target, ...ofUsersAlone(request) };
  const problems: FieldProblem[] = Object.entries(given).flatMap(([field, value]) =>
    (value ?? null) === null ? [] : [{ field, message: `${field} does not go with scope global` }],
  );
  if (problems.length > 0) throw new InvalidRequest(problems);
  return GLOBAL_BUDGET;
}

function ofUsersAlone({ visible, can_modify, can_reset }: Partial<ConfigureBudgetRequest>): object {
  return { visible, can_modify, can_reset };
}

export function configurationChanges(request: ConfigureBudgetRequest): BudgetChanges {
  return {
    ...settingsChanges(request),
    ...stated({
      visible: request.visible ?? undefined,
      canModify: request.can_modify ?? undefined,
      canReset: request.can_reset ?? undefined,
      notes: request.admin_notes,
    }),
  };
}

export class ReportUsageRequest {
  @JSONSchema({ description: 'Whose use it was. Null when it is nobody’s: then it counts in the global budget alone.' })
  @IsOptional()
  @IsUUID()
  user_id?: string | null;

  @JSONSchema({ description: 'Names the operation. One that is reported again for the same user changes nothing.' })
  @IsString()
  @Length(1, 200)
  request_id!: string;

  @IsIn(SERVICE_TYPES)
  service_type!: ServiceType;

  @IsString()
  @Length(1, 200)
  provider!: string;

  @IsString()
  @Length(1, 200)
  model!: string;

  @JSONSchema({ description: 'What was done.', examples: ['nightly summary'] })
  @IsString()
  @Length(1, 200)
  operation!: string;

  @JSONSchema({ description: 'In and out; zero for what is not counted in tokens.' })
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  tokens: number = 0;

  @JSONSchema({
    description:
      'What it was expected to cost; as much as it did unless given. It counts while the actual cost is not known.',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST_MICROS)
  estimated_cost_micros?: number | null;

  @JSONSchema({ description: 'What it did cost. Null while nobody told.' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST_MICROS)
  actual_cost_micros?: number | null;

  @JSONSchema({ description: 'Whether it did what it should. Spent is spent either way.' })
  @IsBoolean()
  succeeded: boolean = true;

  @IsObject()
  metadata: Record<string, unknown> = {};

  @JSONSchema({ description: 'When it began: it counts in the period that this is in. Now unless given.' })
  @IsOptional()
  @IsInstant()
  at?: string | null;
}

/** Throws InvalidRequest when no cost is given, and UserNotFound. */
export function reportedUsage(request: ReportUsageRequest, now: Date): ReportedUsage {
  const { user_id: user, estimated_cost_micros: estimated, actual_cost_micros: actual, at } = request;
  const cost = estimated ?? actual;
  if (typeof cost !== 'number') {
    const message = 'estimated_cost_micros or actual_cost_micros is required';
    throw new InvalidRequest([{ field: 'actual_cost_micros', message }]);
  }
  const userId = typeof user === 'string' ? findId<'User'>(user) : null;
  if (typeof user === 'string' && userId === null) throw new UserNotFound(user);
  return {
    userId,
    requestId: request.request_id,
    service: request.service_type,
    provider: request.provider,
    model: request.model,
    operation: request.operation,
    tokens: request.tokens,
    estimated: Money.ofMicros(BigInt(cost)),
    actual: typeof actual === 'number' ? Money.ofMicros(BigInt(actual)) : null,
    succeeded: request.succeeded,
    metadata: request.metadata,
    at: at ? new Date(at) : now,
  };
}
