import type { Operator } from '../accounts/user-change.js';
import { AuditLog } from '#domain/accounts/audit-log';
import type { User, UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import type { BillingPeriod } from '#domain/usage/billing-period';
import { HoldRepository } from '#domain/usage/hold-repository';
import {
  PeriodAlreadyReset,
  type PeriodReset,
  PeriodResetRepository,
  ResetOutsidePeriod,
} from '#domain/usage/period-reset';
import type { PeriodUsage } from '#domain/usage/period-usage';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';

/** A user's period, and what counts in it. */
export interface PeriodState {
  readonly period: BillingPeriod;
  readonly anchor: Date | null;
  readonly usage: PeriodUsage;
}

/** What a reset or its undoing changed, or would change. */
export interface PeriodChange {
  readonly user: User;
  readonly before: PeriodState;
  readonly after: PeriodState;
  /** The reset that was made or undone. */
  readonly reset: PeriodReset;
  /** False after a dry run: nothing was changed. */
  readonly done: boolean;
}

export interface PeriodResetRequest {
  readonly userId: UserId;
  /** Start of the new period: after the start of the current one and not in the future. Null: now. */
  readonly at: Date | null;
  readonly operator: Operator;
  readonly dryRun: boolean;
}

export const NO_REASON = 'no reason given';

/**
 * Starts a new billing period. Nothing is zeroed: what was counted stays under the period that ends, and what is held
 * there is settled there. The new start is the anchor of all periods that follow.
 */
@UseCase()
export class BillingPeriodReset {
  constructor(
    private readonly users: UserRepository,
    private readonly holds: HoldRepository,
    private readonly resets: PeriodResetRepository,
    private readonly audit: AuditLog,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
  ) {}

  /** Throws UserNotFound, PeriodAlreadyReset and ResetOutsidePeriod. */
  execute({ userId, at, operator, dryRun }: PeriodResetRequest): Promise<PeriodChange> {
    return this.transaction.run(async () => {
      const user = await this.users.hold(userId);
      const now = this.clock.now();
      const period = user.billingPeriodAt(now);
      const start = at ?? now;
      mustBeginWithin(period, start, now, userId);

      const usage = await this.holds.usageIn(period, userId, now);
      const next = user.beginPeriod(start);
      const before = { period, anchor: user.periodAnchor, usage };
      const after = { period: next.billingPeriodAt(now), anchor: start, usage: usage.carriedOver };
      const reset: PeriodReset = {
        id: this.ids.next(),
        userId,
        previousStart: user.currentMonthStart,
        previousAnchor: user.periodAnchor,
        endedPeriod: period,
        newStart: start,
        actor: operator.actor,
        reason: operator.reason ?? NO_REASON,
        createdAt: now,
      };
      if (!dryRun) {
        await this.resets.add(reset);
        await this.users.save(next);
        await this.audit.append({
          ...operator,
          action: 'period.reset',
          userId,
          before: factsOf(before),
          after: factsOf(after),
        });
      }
      return { user: dryRun ? user : next, before, after, reset, done: !dryRun };
    });
  }
}

function mustBeginWithin(period: BillingPeriod, start: Date, now: Date, userId: UserId): void {
  if (period.start?.getTime() === start.getTime()) throw new PeriodAlreadyReset(userId, start);
  if (start > now || !period.contains(start)) throw new ResetOutsidePeriod(start, period, now);
}

/** A state as the audit log keeps it. */
export function factsOf({ period, anchor, usage }: PeriodState): Readonly<Record<string, unknown>> {
  return {
    period_start: period.start?.toISOString() ?? null,
    period_end: period.end?.toISOString() ?? null,
    anchor: anchor?.toISOString() ?? null,
    sessions: usage.sessions,
    seconds: usage.used.seconds,
    transcriptions: usage.transcriptions,
    held_seconds: usage.held.seconds,
  };
}
