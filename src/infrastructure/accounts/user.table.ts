import { EntitySchema } from 'typeorm';
import type { Role } from '#domain/accounts/role';
import { User, type UserId } from '#domain/accounts/user';
import type { PlanName } from '#domain/plans/plan-name';
import { instant, integer, text, uuid } from '../persistence/columns.js';

export const UserTable = new EntitySchema<User>({
  name: 'User',
  target: User,
  tableName: 'users',
  columns: {
    id: uuid('id', { primary: true }),
    email: text('email'),
    name: text('name'),
    role: text('role'),
    plan: text('plan'),
    currentMonthStart: instant('current_month_start', { nullable: true }),
    periodAnchor: instant('period_anchor', { nullable: true }),
    suspendedAt: instant('suspended_at', { nullable: true }),
    version: integer('version'),
    createdAt: instant('created_at'),
  },
});

export interface UserRow {
  readonly id: UserId;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly plan: PlanName;
  readonly current_month_start: Date | null;
  readonly period_anchor: Date | null;
  readonly suspended_at: Date | null;
  readonly version: number;
  readonly created_at: Date;
}

/** The same for rows of statements written by hand. */
export function userOf(row: UserRow): User {
  return new User(
    row.id,
    row.email,
    row.name,
    row.role,
    row.plan,
    row.current_month_start,
    row.period_anchor,
    row.suspended_at,
    row.version,
    row.created_at,
  );
}
