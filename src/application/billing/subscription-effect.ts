import { AuditLog } from '#domain/accounts/audit-log';
import type { User } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import type { Subscription } from '#domain/billing/subscription';
import { PeriodResetRepository } from '#domain/usage/period-reset';
import { BillingPeriod } from '#domain/usage/billing-period';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { UseCase } from '../use-case.js';

const ACTOR = 'subscription';

/** What subscriptions do to their user: the plan that one gives, and usage periods that begin with its own. */
@UseCase()
export class SubscriptionEffect {
  constructor(
    private readonly users: UserRepository,
    private readonly resets: PeriodResetRepository,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
  ) {}

  /**
   * In the running transaction, which holds the user. A plan that an operator gave stays until a subscription gives or takes one.
   * New limits apply at once, and what was used in the period stays used; the first subscription of a user begins a period.
   */
  async execute(user: User, before: readonly Subscription[], after: readonly Subscription[]): Promise<User> {
    const [gave, gives] = [giving(before), giving(after)];
    let next = user;
    if (gave?.plan !== gives?.plan && user.plan !== (gives?.plan ?? 'free'))
      next = next.withPlan(gives?.plan ?? 'free');
    if (gives && gave?.usageAnchor.getTime() !== gives.usageAnchor.getTime()) {
      next = await this.aligned(next, gives.usageAnchor);
    }
    if (next === user) return user;
    await this.users.save(next);
    await this.audit.append({
      actor: ACTOR,
      action: 'user.subscription',
      userId: user.id,
      reason: gives ? `Subscription ${gives.externalId} is ${gives.status}.` : 'No subscription gives a plan any more.',
      before: factsOf(user),
      after: factsOf(next),
    });
    return next;
  }

  /** What was counted stays under the period that ends, as after any reset. */
  private async aligned(user: User, anchor: Date): Promise<User> {
    if (user.periodAnchor?.getTime() === anchor.getTime()) return user;
    const now = this.clock.now();
    const [old, own] = [user.billingPeriodAt(now), BillingPeriod.containing(now, anchor)];
    const start = own.start!;
    // What an operator began since is not undone by a payment; the first period of all gives way.
    const isResetSince = old.start !== null && old.start > start && user.currentMonthStart! > user.createdAt;
    if (isResetSince) return user;
    if (old.start === null || old.start < start) {
      await this.resets.add({
        id: this.ids.next(),
        userId: user.id,
        previousStart: user.currentMonthStart,
        previousAnchor: user.periodAnchor,
        endedPeriod: old,
        newStart: start,
        actor: ACTOR,
        reason: 'The usage periods begin with those of the subscription.',
        createdAt: now,
      });
    }
    return user.placedIn(start, anchor);
  }
}

/** The one that gives a plan: no more than one runs and is not in review. */
function giving(subscriptions: readonly Subscription[]): Subscription | null {
  return subscriptions.find(({ plan }) => plan !== null) ?? null;
}

function factsOf({ plan, currentMonthStart, periodAnchor }: User): Readonly<Record<string, unknown>> {
  return {
    plan,
    period_start: currentMonthStart?.toISOString() ?? null,
    anchor: periodAnchor?.toISOString() ?? null,
  };
}
