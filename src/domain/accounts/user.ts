import { DomainException } from '../shared/domain-exception.js';
import type { Id } from '../shared/id.js';
import type { PlanName } from '../plans/plan-name.js';
import { BillingPeriod } from '../usage/billing-period.js';
import type { Role } from './role.js';

export type UserId = Id<'User'>;

/** A coach or an operator: a plan, a role and a billing period. */
export class User {
  constructor(
    readonly id: UserId,
    readonly email: string,
    readonly name: string,
    readonly role: Role,
    readonly plan: PlanName,
    /** Start of the period the user was last put into; null for imported users, whose period is open. */
    readonly currentMonthStart: Date | null,
    /** The original start, from which every boundary is computed. Null exactly when `currentMonthStart` is. */
    readonly periodAnchor: Date | null,
    readonly suspendedAt: Date | null,
    /** Grows with every change of this row. A claim names the version it was decided by. */
    readonly version: number,
    readonly createdAt: Date,
  ) {}

  /** A new user, whose first period begins at registration. */
  static register(user: Pick<User, 'id' | 'email' | 'name' | 'role' | 'plan'>, now: Date): User {
    return new User(user.id, user.email, user.name, user.role, user.plan, now, now, null, 1, now);
  }

  /**
   * The period that contains `now`. None begins before the anchor: a process whose clock is a moment behind the one
   * that set the anchor is in the first period already, not in one that never was.
   */
  billingPeriodAt(now: Date): BillingPeriod {
    if (this.periodAnchor === null) return BillingPeriod.open;
    return BillingPeriod.containing(now < this.periodAnchor ? this.periodAnchor : now, this.periodAnchor);
  }

  /** Starts a new period at `at`, which becomes the anchor of all that follow. */
  beginPeriod(at: Date): User {
    return this.with({ currentMonthStart: at, periodAnchor: at });
  }

  /** In the period of this start, of an anchor that may lie before it: as after the undoing of a reset, or as a subscription has it. */
  placedIn(start: Date | null, anchor: Date | null): User {
    return this.with({ currentMonthStart: start, periodAnchor: anchor });
  }

  withPlan(plan: PlanName): User {
    return this.with({ plan });
  }

  withRole(role: Role): User {
    return this.with({ role });
  }

  suspended(at: Date): User {
    return this.with({ suspendedAt: at });
  }

  reinstated(): User {
    return this.with({ suspendedAt: null });
  }

  /** Throws UserSuspended. */
  mustBeActive(): void {
    if (this.suspendedAt !== null) throw new UserSuspended(this.suspendedAt);
  }

  private with(changes: Partial<User>): User {
    return Object.assign(Object.create(User.prototype) as User, this, changes, { version: this.version + 1 });
  }
}

export class UserSuspended extends DomainException {
  constructor(since: Date) {
    super('user_suspended', 'This account is suspended. Ask the operator to reinstate it.', {
      suspended_at: since.toISOString(),
    });
  }
}
