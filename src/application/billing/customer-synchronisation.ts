import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { Customers } from '#domain/billing/customers';
import { isLive, Subscription, type SubscriptionSnapshot } from '#domain/billing/subscription';
import { SubscriptionPrices } from '#domain/billing/subscription-prices';
import { InvoiceRepository, SubscriptionRepository } from '#domain/billing/subscription-repository';
import type { InvoiceSnapshot } from '#domain/billing/invoice';
import { CallerCache } from '../accounts/caller-cache.js';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { JobQueue } from '../ports/job-queue.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { SubscriptionGateway } from './subscription-gateway.js';
import { renewalPaidAt, stepsBetween } from './subscription-steps.js';
import { SubscriptionTelling } from './subscription-telling.js';
import { SubscriptionEffect } from './subscription-effect.js';

export interface SynchronisedCustomer {
  readonly userId: UserId;
  readonly subscriptions: readonly Subscription[];
  /** Whether anything was new. */
  readonly changed: boolean;
}

/**
 * Brings all that a customer has to what the provider says of it now: the one way in which a subscription changes here, called
 * after every notice, after every deed of ours and by the reconciler. It looks at the whole state and not at what happened, so that
 * the order of messages does not matter, and neither does one that was lost or came twice.
 */
@UseCase()
export class CustomerSynchronisation {
  constructor(
    private readonly customers: Customers,
    private readonly users: UserRepository,
    private readonly subscriptions: SubscriptionRepository,
    private readonly invoices: InvoiceRepository,
    private readonly prices: SubscriptionPrices,
    private readonly gateway: SubscriptionGateway,
    private readonly effect: SubscriptionEffect,
    private readonly telling: SubscriptionTelling,
    private readonly callers: CallerCache,
    private readonly jobs: JobQueue,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
  ) {}

  /**
   * Null for a customer that is none of ours. Asks outside any transaction, and again when something changed while the answer was
   * on its way: an answer may be older than what is known already, and two may come within a second. Throws PaymentProviderUnavailable.
   */
  async execute(customerId: string): Promise<SynchronisedCustomer | null> {
    const userId = await this.customers.findUser(this.gateway.name, customerId);
    if (userId === null) return null;
    for (;;) {
      const seen = versionsOf(await this.subscriptions.listOf(userId));
      const since = await this.invoices.findOldestUnsettled(userId, this.gateway.name);
      const snapshots = await this.gateway.listSubscriptions(customerId);
      const invoices = await this.gateway.listInvoices(customerId, since);
      const done = await this.transaction.run(() => this.apply(userId, seen, snapshots, invoices));
      if (!done) continue;
      if (done.changed) this.callers.clear();
      return done;
    }
  }

  /** Null when something has changed since `seen`. */
  private async apply(
    userId: UserId,
    seen: string,
    snapshots: readonly SubscriptionSnapshot[],
    invoices: readonly InvoiceSnapshot[],
  ): Promise<SynchronisedCustomer | null> {
    const user = await this.users.hold(userId);
    const held = await this.subscriptions.holdOf(userId);
    if (versionsOf(held) !== seen) return null;
    const now = this.clock.now();
    const known = new Map(held.map((one) => [one.externalId, one]));
    const kept = oldestLive(snapshots, (priceId) => this.prices.find(priceId) !== null);
    const next = snapshots.map((snapshot) => {
      const { externalId, status } = snapshot;
      const besides = kept !== null && isLive(status) && kept !== externalId ? kept : null;
      const told = { planOf: (priceId: string) => this.prices.find(priceId), besides, now };
      const before = known.get(externalId) ?? null;
      const after =
        before?.followed(snapshot, told) ?? Subscription.of(this.ids.next(), userId, this.gateway.name, snapshot, told);
      return { before, after };
    });
    const changes = next.filter(({ before, after }) => before !== after);
    // Those that no longer run first: one that runs is all that a user may have.
    for (const { after } of [...changes].sort((one, other) => rankOf(one.after) - rankOf(other.after))) {
      await this.subscriptions.save(after);
    }
    for (const { before, after } of next) {
      for (const step of stepsBetween(before, after, now, renewalPaidAt(after, invoices))) {
        const isNew = await this.subscriptions.appendStep(step);
        // Of what had happened before anybody here heard of the subscription nobody is told.
        if (isNew && before !== null) await this.telling.execute(after, step);
      }
    }
    for (const invoice of invoices) await this.invoices.save(this.ids.next(), userId, this.gateway.name, invoice);
    const untouched = held.filter(
      ({ externalId }) => !snapshots.some((snapshot) => snapshot.externalId === externalId),
    );
    const subscriptions = [...next.map(({ after }) => after), ...untouched];
    await this.effect.execute(user, held, subscriptions);
    if (changes.some(({ after }) => after.dunning.state === 'grace' || after.status === 'trialing')) {
      await this.jobs.add('remind_subscribers', {}, { key: 'remind_subscribers' });
    }
    return { userId, subscriptions, changed: changes.length > 0 };
  }
}

/** The one that counts, if several run: the oldest whose price we know. */
function oldestLive(snapshots: readonly SubscriptionSnapshot[], isKnown: (priceId: string) => boolean): string | null {
  const live = snapshots
    .filter(({ status, item }) => isLive(status) && item !== null && isKnown(item.priceId))
    .sort(
      (one, other) =>
        one.startedAt.getTime() - other.startedAt.getTime() || (one.externalId < other.externalId ? -1 : 1),
    );
  return live[0]?.externalId ?? null;
}

function rankOf({ isLive: runs, review }: Subscription): number {
  return runs && review === null ? 1 : 0;
}

function versionsOf(subscriptions: readonly Subscription[]): string {
  return subscriptions
    .map(({ externalId, version }) => `${externalId} ${version}`)
    .sort()
    .join(', ');
}
