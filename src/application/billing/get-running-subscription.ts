import type { UserId } from '#domain/accounts/user';
import { currentOf } from '#domain/billing/running-subscription';
import type { Subscription } from '#domain/billing/subscription';
import { SubscriptionRepository } from '#domain/billing/subscription-repository';
import { UseCase } from '../use-case.js';

/** The subscription that a user pays for besides whatever an operator decides. */
@UseCase()
export class GetRunningSubscription {
  constructor(private readonly subscriptions: SubscriptionRepository) {}

  /** Null when none runs. */
  async execute(userId: UserId): Promise<Subscription | null> {
    const current = currentOf(await this.subscriptions.listOf(userId));
    return current?.isLive ? current : null;
  }
}

/**
 * What an operator must know of it who changes the user's plan or suspends the user: one sentence; null when all is well. A plan that
 * an operator gives wins until the subscription gives another one, or ends.
 */
export function remarkOn(
  running: Subscription | null,
  { plan, suspendedAt }: { readonly plan: string; readonly suspendedAt: Date | null },
): string | null {
  if (running === null) return null;
  if (suspendedAt !== null) {
    return `Subscription ${running.externalId} runs on, and is charged: end it with "minutebook subscription cancel".`;
  }
  if (running.plan === null || running.plan === plan) return null;
  return (
    `Subscription ${running.externalId} gives ${running.plan}, and is paid for. The plan ${plan} wins until that subscription ` +
    'changes its plan or ends.'
  );
}
