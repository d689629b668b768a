import { AuditLog } from '#domain/accounts/audit-log';
import type { Role } from '#domain/accounts/role';
import { User, type UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import type { PlanName } from '#domain/plans/plan-name';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';

export interface NewUser {
  readonly email: string;
  readonly name: string;
  readonly plan: PlanName;
  readonly role: Role;
  readonly actor: string;
  readonly reason: string | null;
}

/** Registers a user, whose first billing period begins now. */
@UseCase()
export class UserRegistration {
  constructor(
    private readonly users: UserRepository,
    private readonly plans: PlanCatalog,
    private readonly audit: AuditLog,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
  ) {}

  /** Throws EmailTaken and PlanUnknown. */
  async execute({ email, name, plan, role, actor, reason }: NewUser): Promise<User> {
    const id: UserId = this.ids.next();
    const user = User.register(
      { id, email: email.trim().toLowerCase(), name: name.trim(), role, plan: this.plans.get(plan).name },
      this.clock.now(),
    );
    return this.transaction.run(async () => {
      await this.users.add(user);
      const after = { email: user.email, name: user.name, plan, role };
      await this.audit.append({ actor, action: 'user.create', userId: user.id, reason, before: null, after });
      return user;
    });
  }
}
