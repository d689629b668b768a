import { UserRepository } from '#domain/accounts/user-repository';
import { grantedUntil, includedCredit, includedKeys } from '#domain/billing/included-credit';
import type { Subscription } from '#domain/billing/subscription';
import { SubscriptionRepository } from '#domain/billing/subscription-repository';
import type { IncomingCredit } from '#domain/credits/credit-account';
import { type Plan, PlanCatalog } from '#domain/plans/plan-catalog';
import { CreditLedger } from '../credits/credit-ledger.js';
import { Clock } from '../ports/clock.js';
import { Log } from '../ports/log.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import type { Done } from './grace-end.js';

const BATCH = 100;

/** Brings the credit that plans include, once for each month of a subscription. */
@UseCase()
export class IncludedCreditGrant {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly users: UserRepository,
    private readonly plans: PlanCatalog,
    private readonly ledger: CreditLedger,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Each grant is a transaction of its own, and one that fails does not keep the others from theirs. */
  async execute(): Promise<Done> {
    const counted = { done: 0, failed: 0 };
    if (!this.plans.plans.some(({ monthlyIncludedCredit }) => monthlyIncludedCredit.isPositive)) return counted;
    const now = this.clock.now();
    for (let after: Subscription['id'] | null = null; ;) {
      const batch: readonly Subscription[] = await this.subscriptions.listGiving(after, BATCH);
      for (const subscription of batch) {
        const credit = this.creditOf(subscription, now, null, null);
        if (credit === null || (await this.ledger.find(subscription.userId, credit.key)) !== null) continue;
        await this.grant(subscription, now, counted);
      }
      if (batch.length < BATCH) return counted;
      after = batch.at(-1)!.id;
    }
  }

  private async grant(seen: Subscription, now: Date, counted: { done: number; failed: number }): Promise<void> {
    try {
      if (await this.transaction.run(() => this.granted(seen, now))) counted.done++;
    } catch (error) {
      counted.failed++;
      this.log.error(error, { subscription_id: seen.externalId }, 'included credit could not be granted');
    }
  }

  /** False when it came meanwhile, or nothing is included any more. */
  private async granted({ id, userId }: Subscription, now: Date): Promise<boolean> {
    await this.users.hold(userId);
    const held = (await this.subscriptions.holdOf(userId)).find((one) => one.id === id);
    const credit = held?.itemId
      ? this.creditOf(held, now, await this.grantedUntil(held, held.itemId), await this.trialPlanOf(held))
      : null;
    // The key alone decides, whatever the amount: another plan within the month brings no second grant.
    if (credit === null || (await this.ledger.find(userId, credit.key)) !== null) return false;
    await this.ledger.grant(userId, credit);
    return true;
  }

  private async grantedUntil(subscription: Subscription, itemId: string): Promise<Date | null> {
    const granted = await this.ledger.list(subscription.userId, includedKeys(itemId));
    const at = (told: unknown): Date => new Date(String(told));
    const months = granted.map(({ metadata }) => ({ start: at(metadata.period_start), end: at(metadata.period_end) }));
    return grantedUntil(subscription, months);
  }

  private async trialPlanOf({ status, externalId }: Subscription): Promise<Plan | null> {
    if (status !== 'trialing') return null;
    const begun = await this.subscriptions.findStep(externalId, 'trial_started');
    const plan = begun?.facts['plan'];
    return typeof plan === 'string' ? this.plans.find(plan) : null;
  }

  private creditOf(
    subscription: Subscription,
    now: Date,
    until: Date | null,
    trialPlan: Plan | null,
  ): IncomingCredit | null {
    const plan = subscription.plan === null ? null : this.plans.find(subscription.plan);
    return plan && includedCredit(subscription, plan, now, until, trialPlan);
  }
}
