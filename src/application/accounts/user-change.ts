import { AuditLog } from '#domain/accounts/audit-log';
import type { Role } from '#domain/accounts/role';
import type { User, UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import type { PlanName } from '#domain/plans/plan-name';
import { DomainException } from '#domain/shared/domain-exception';
import { Clock } from '../ports/clock.js';
import { JobQueue } from '../ports/job-queue.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { CallerCache } from './caller-cache.js';

/** What an operator may change of a user; what is null stays as it is. */
export interface UserChanges {
  readonly plan: PlanName | null;
  readonly role: Role | null;
  readonly suspended: boolean | null;
}

export interface Operator {
  readonly actor: string;
  readonly reason: string | null;
}

/**
 * Changes plan, role or suspension. New limits apply at once, and what was used stays used. Who is suspended cannot pay an open checkout;
 * a subscription that runs is left to the operator.
 */
@UseCase()
export class UserChange {
  constructor(
    private readonly users: UserRepository,
    private readonly plans: PlanCatalog,
    private readonly audit: AuditLog,
    private readonly callers: CallerCache,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly jobs: JobQueue,
  ) {}

  /** Throws UserNotFound, PlanUnknown and LastAdmin. A change that changes nothing is not recorded. */
  async execute(id: UserId, changes: UserChanges, { actor, reason }: Operator): Promise<User> {
    const changed = await this.transaction.run(async () => {
      if (changes.role === 'user' || changes.suspended === true) await this.mustLeaveAnAdmin(id);
      const user = await this.users.hold(id);
      const next = this.changed(user, changes);
      if (next === user) return user;
      await this.users.save(next);
      const [before, after] = [facts(user), facts(next)];
      await this.audit.append({ actor, action: 'user.change', userId: id, reason, before, after });
      if (user.suspendedAt === null && next.suspendedAt !== null)
        await this.jobs.add('close_checkouts', { userId: id });
      return next;
    });
    this.callers.clear();
    return changed;
  }

  private changed(user: User, { plan, role, suspended }: UserChanges): User {
    let next = user;
    if (plan !== null && plan !== user.plan) next = next.withPlan(this.plans.get(plan).name);
    if (role !== null && role !== user.role) next = next.withRole(role);
    if (suspended !== null && suspended !== (user.suspendedAt !== null)) {
      next = suspended ? next.suspended(this.clock.now()) : next.reinstated();
    }
    return next;
  }

  private async mustLeaveAnAdmin(id: UserId): Promise<void> {
    const admins = await this.users.holdActiveAdmins();
    if (admins.length === 1 && admins[0]?.id === id) throw new LastAdmin(id);
  }
}

function facts({ plan, role, suspendedAt }: User): Readonly<Record<string, unknown>> {
  return { plan, role, suspended_at: suspendedAt?.toISOString() ?? null };
}

/** Without any admin nobody could undo it. */
export class LastAdmin extends DomainException {
  constructor(userId: UserId) {
    super(
      'last_admin',
      'This is the last active admin. Give another user the role before you take it away here.',
      { user_id: userId },
      'conflict',
    );
  }
}
