import type { Operator } from '../accounts/user-change.js';
import { AuditLog } from '#domain/accounts/audit-log';
import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { HoldRepository } from '#domain/usage/hold-repository';
import { PeriodResetRepository, ResetTooOldToUndo } from '#domain/usage/period-reset';
import { Clock } from '../ports/clock.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { factsOf, NO_REASON, type PeriodChange } from './billing-period-reset.js';

/** Takes back the latest reset: start and anchor are what they were, and what was used since counts there. */
@UseCase()
export class BillingPeriodResetUndo {
  constructor(
    private readonly users: UserRepository,
    private readonly holds: HoldRepository,
    private readonly resets: PeriodResetRepository,
    private readonly audit: AuditLog,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  /** Throws UserNotFound, NothingToUndo and ResetTooOldToUndo. */
  execute(userId: UserId, operator: Operator, { dryRun }: { readonly dryRun: boolean }): Promise<PeriodChange> {
    return this.transaction.run(async () => {
      const user = await this.users.hold(userId);
      const now = this.clock.now();
      const reset = await this.resets.latest(userId);
      if (!reset.endedPeriod.contains(now)) throw new ResetTooOldToUndo(userId, reset);

      const period = user.billingPeriodAt(now);
      const usage = await this.holds.usageIn(period, userId, now);
      const ended = await this.holds.usageIn(reset.endedPeriod, userId, now);
      const restored = user.placedIn(reset.previousStart, reset.previousAnchor);
      const before = { period, anchor: user.periodAnchor, usage };
      const after = { period: reset.endedPeriod, anchor: restored.periodAnchor, usage: ended.merging(usage) };
      if (!dryRun) {
        await this.resets.undo(reset, { actor: operator.actor, reason: operator.reason ?? NO_REASON, at: now });
        await this.users.save(restored);
        await this.audit.append({
          ...operator,
          action: 'period.undo',
          userId,
          before: factsOf(before),
          after: factsOf(after),
        });
      }
      return { user: dryRun ? user : restored, before, after, reset, done: !dryRun };
    });
  }
}
