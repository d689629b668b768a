import { UserRepository } from '#domain/accounts/user-repository';
import { GRACE_DAYS } from '#domain/billing/dunning';
import type { Subscription } from '#domain/billing/subscription';
import { SubscriptionRepository, type SubscriptionStep } from '#domain/billing/subscription-repository';
import { CallerCache } from '../accounts/caller-cache.js';
import { Clock } from '../ports/clock.js';
import { Log } from '../ports/log.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { SubscriptionEffect } from './subscription-effect.js';
import { SubscriptionTelling } from './subscription-telling.js';

const BATCH = 100;

/** What a job did for several subscriptions. Those that failed are in the log, and are due the next time. */
export interface Done {
  readonly done: number;
  readonly failed: number;
}

/** Takes the plan of those whose grace is over: nobody has paid in it. A payment gives it back, however late it comes. */
@UseCase()
export class GraceEnd {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly users: UserRepository,
    private readonly effect: SubscriptionEffect,
    private readonly telling: SubscriptionTelling,
    private readonly callers: CallerCache,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Each subscription is a transaction of its own, and one that fails does not keep the others from theirs. */
  async execute(): Promise<Done> {
    const now = this.clock.now();
    const tried = new Set<Subscription['id']>();
    for (let done = 0; ;) {
      // Those that failed stay due and come first, so a batch makes room for them. None is tried twice.
      const due = await this.subscriptions.listLapsing(now, BATCH + tried.size - done);
      const next = due.filter(({ id }) => !tried.has(id));
      if (next.length === 0) return { done, failed: tried.size - done };
      for (const subscription of next) {
        tried.add(subscription.id);
        if (await this.end(subscription, now)) done++;
      }
    }
  }

  private async end({ id, userId, externalId }: Subscription, now: Date): Promise<boolean> {
    try {
      const ended = await this.transaction.run(async () => {
        const user = await this.users.hold(userId);
        const before = await this.subscriptions.holdOf(userId);
        const after = before.map((one) => (one.id === id ? one.graceEndedAt(now) : one));
        const lapsed = after.find((one) => !before.includes(one));
        if (!lapsed) return false; // It was paid, or ended, meanwhile.
        const { dunning, sold, cycle } = before.find((one) => one.id === id)!;
        await this.subscriptions.save(lapsed);
        const step: SubscriptionStep = {
          userId,
          externalId,
          kind: 'grace_over',
          at: dunning.graceEndsAt!,
          facts: {
            plan: sold?.plan ?? null,
            cycle,
            unpaid_since: dunning.since!.toISOString(),
            reason: `Nothing was paid within ${GRACE_DAYS} days of the payment that failed.`,
          },
        };
        if (await this.subscriptions.appendStep(step)) await this.telling.execute(lapsed, step);
        await this.effect.execute(user, before, after);
        return true;
      });
      if (ended) this.callers.clear();
      return true;
    } catch (error) {
      this.log.error(error, { subscription_id: externalId }, 'grace that is over could not be ended');
      return false;
    }
  }
}
