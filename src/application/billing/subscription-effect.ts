import { AuditLog } from '#domain/accounts/audit-log';
import type { User } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import type { Subscription } from '#domain/billing/subscription';
import { PeriodAlreadyReset, PeriodResetRepository } from '#domain/usage/period-reset';
import type { BillingPeriod } from '#domain/usage/billing-period';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { UseCase } from '../use-case.js';
import { IncludedCreditEnd } from './included-credit-end.js';

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
    private readonly includedCredit: IncludedCreditEnd,
  ) {}

  /**
   * In the running transaction, which holds the user. A plan that an operator gave stays until a subscription gives or takes one.
   * New limits apply at once, and what was used in the period stays used; the first subscription of a user begins a period.
   */
  async execute(user: User, before: readonly Subscription[], after: readonly Subscription[]): Promise<User> {
    await this.includedCredit.execute(before, after);
    const [gave, gives] = [giving(before), giving(after)];
    let next = user;
    if (gave?.plan !== gives?.plan && user.plan !== (gives?.plan ?? 'free'))
      next = next.withPlan(gives?.plan ?? 'free');
    // Compared each time: what could not be done once, or was undone by a mistake, is done the next time.
    if (gives) next = await this.aligned(next, gives);
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
  private async aligned(user: User, subscription: Subscription): Promise<User> {
    const anchor = subscription.usageAnchor;
    if (user.periodAnchor?.getTime() === anchor.getTime()) return user;
    const now = this.clock.now();
    // What an operator has decided since is not undone by a payment.
    if (await this.resets.isOverruled(user.id, ACTOR, anchor)) return user;
    const old = user.billingPeriodAt(now);
    const { start } = subscription.usageMonthAt(now);
    if (old.start === null || old.start < start) await this.logged(user, old, start, now);
    return user.placedIn(start, anchor);
  }

  /** A period that was begun before, and is left no matter how, is gone back to: that is no second reset. */
  private async logged(user: User, endedPeriod: BillingPeriod, newStart: Date, createdAt: Date): Promise<void> {
    try {
      await this.resets.add({
        id: this.ids.next(),
        userId: user.id,
        previousStart: user.currentMonthStart,
        previousAnchor: user.periodAnchor,
        endedPeriod,
        newStart,
        actor: ACTOR,
        reason: 'The usage periods begin with those of the subscription.',
        createdAt,
      });
    } catch (error) {
      if (!(error instanceof PeriodAlreadyReset)) throw error;
    }
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
