import type { UserId } from '#domain/accounts/user';
import { Subscription, type SubscriptionId } from '#domain/billing/subscription';
import type { SubscriptionRepository, SubscriptionStep } from '#domain/billing/subscription-repository';
import type { Page, PageOf } from '#domain/shared/page';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

export class InMemorySubscriptionRepository implements SubscriptionRepository {
  private readonly rows: Table<Subscription>;
  private readonly steps: Table<SubscriptionStep>;

  constructor(private readonly transaction: InMemoryTransaction) {
    this.rows = transaction.table('subscriptions');
    this.steps = transaction.table('subscription_steps');
  }

  async listOf(userId: UserId): Promise<readonly Subscription[]> {
    return this.rows
      .all()
      .filter((one) => one.userId === userId)
      .sort(
        (one, other) => other.startedAt.getTime() - one.startedAt.getTime() || order(one.externalId, other.externalId),
      );
  }

  async holdOf(userId: UserId): Promise<readonly Subscription[]> {
    this.transaction.hold(`subscriptions of ${userId}`);
    return this.listOf(userId);
  }

  async save(subscription: Subscription): Promise<void> {
    this.transaction.mustHold(`subscriptions of ${subscription.userId}`);
    const key = `${subscription.gateway} ${subscription.externalId}`;
    const known = this.rows.get(key);
    const { id, userId } = known ?? subscription;
    const row = Object.assign(Object.create(Subscription.prototype) as Subscription, subscription, { id, userId });
    const counts = ({ isLive, review }: Subscription): boolean => isLive && review === null;
    const others = (await this.listOf(userId)).filter((one) => one.id !== id);
    if (counts(row) && others.some(counts)) throw new Error(`User ${userId} has a subscription that runs already.`);
    this.rows.put(key, row);
  }

  async listLapsing(now: Date, limit: number): Promise<readonly Subscription[]> {
    return this.rows
      .all()
      .filter(({ dunning }) => dunning.state === 'grace' && dunning.graceEndsAt! <= now)
      .sort((one, other) => one.dunning.since!.getTime() - other.dunning.since!.getTime() || order(one.id, other.id))
      .slice(0, limit);
  }

  async listToRemind(
    trialEndsBefore: Date,
    after: SubscriptionId | null,
    limit: number,
  ): Promise<readonly Subscription[]> {
    return this.listById(
      ({ dunning, status, trialEnd }) =>
        dunning.state === 'grace' || (status === 'trialing' && trialEnd !== null && trialEnd <= trialEndsBefore),
      after,
      limit,
    );
  }

  async listGiving(after: SubscriptionId | null, limit: number): Promise<readonly Subscription[]> {
    return this.listById(({ plan }) => plan !== null, after, limit);
  }

  async appendStep(step: SubscriptionStep): Promise<boolean> {
    const key = `${step.externalId} ${step.kind} ${step.at.toISOString()}`;
    if (this.steps.has(key)) return false;
    this.steps.put(key, step);
    return true;
  }

  async findStep(externalId: string, kind: string): Promise<SubscriptionStep | null> {
    const found = this.steps.all().filter((one) => one.externalId === externalId && one.kind === kind);
    return found.sort((one, other) => one.at.getTime() - other.at.getTime())[0] ?? null;
  }

  async listSteps(userId: UserId, { limit, offset }: Page): Promise<PageOf<SubscriptionStep>> {
    const all = this.steps
      .all()
      .filter((one) => one.userId === userId)
      .map((step, index) => ({ step, index }))
      .sort((one, other) => other.step.at.getTime() - one.step.at.getTime() || other.index - one.index)
      .map(({ step }) => step);
    return { items: all.slice(offset, offset + limit), total: all.length };
  }

  private listById(
    isMeant: (one: Subscription) => boolean,
    after: SubscriptionId | null,
    limit: number,
  ): readonly Subscription[] {
    return this.rows
      .all()
      .filter((one) => isMeant(one) && (after === null || one.id > after))
      .sort((one, other) => order(one.id, other.id))
      .slice(0, limit);
  }
}

function order(one: string, other: string): number {
  return one < other ? -1 : 1;
}
