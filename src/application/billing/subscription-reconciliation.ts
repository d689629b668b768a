import { Customers } from '#domain/billing/customers';
import type { Subscription } from '#domain/billing/subscription';
import { SubscriptionRepository } from '#domain/billing/subscription-repository';
import type { UserId } from '#domain/accounts/user';
import { Clock } from '../ports/clock.js';
import { Log } from '../ports/log.js';
import { Transaction } from '../ports/transaction.js';
import { rehearsed } from '../rehearsal.js';
import { UseCase } from '../use-case.js';
import { CustomerSynchronisation } from './customer-synchronisation.js';
import { type Share, SubscriptionCensus } from './subscription-census.js';
import { SubscriptionGateway } from './subscription-gateway.js';

/** So far back the reconciler looks unless told otherwise: as long as Stripe goes on delivering an event. */
export const RECONCILED_MS = 3 * 24 * 60 * 60 * 1000;

/** What did not change for so long is asked for as well: no list of the provider's names it. */
const QUIET_MS = 24 * 60 * 60 * 1000;

export interface SubscriptionReconciliationRequest {
  readonly since: Date;
  /** Of those that are quiet; null: all of them. */
  readonly share: Share | null;
  /** Says what would be repaired, and repairs nothing. */
  readonly dryRun: boolean;
}

export type SubscriptionFacts = Readonly<Record<string, string | number | boolean | null>>;

/** A subscription that was not what the provider says of it. */
export interface SubscriptionRepair {
  readonly userId: UserId;
  readonly externalId: string;
  /** Null: it was not known. */
  readonly before: SubscriptionFacts | null;
  readonly after: SubscriptionFacts;
}

export interface SubscriptionReconciliationRun {
  /** Customers of ours that were asked about. */
  readonly examined: number;
  readonly failed: number;
  readonly repairs: readonly SubscriptionRepair[];
}

/**
 * Asks the provider about every customer whose subscriptions or invoices moved lately, and about those that were quiet, and repairs
 * what no message told us by the same deed that messages lead to.
 */
@UseCase()
export class SubscriptionReconciliation {
  constructor(
    private readonly gateway: SubscriptionGateway,
    private readonly census: SubscriptionCensus,
    private readonly customers: Customers,
    private readonly subscriptions: SubscriptionRepository,
    private readonly synchronisation: CustomerSynchronisation,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * One that cannot be repaired is counted and logged, and does not keep the others from it. Throws PaymentProviderUnavailable
   * when not even the list can be had.
   */
  async execute(request: SubscriptionReconciliationRequest): Promise<SubscriptionReconciliationRun> {
    const { since, share, dryRun } = request;
    const [seen, repairs] = [new Set<string>(), [] as SubscriptionRepair[]];
    let [examined, failed] = [0, 0];
    const examine = async (customerId: string): Promise<void> => {
      if (seen.size === seen.add(customerId).size) return;
      try {
        const found = await this.repairsOf(customerId, dryRun);
        if (found === null) return;
        examined++;
        repairs.push(...found);
      } catch (error) {
        failed++;
        this.log.error(error, { customer_id: customerId }, 'the subscriptions of a customer could not be reconciled');
      }
    };
    for await (const customerId of this.gateway.customersTouchedSince(since)) await examine(customerId);
    const quiet = new Date(this.clock.now().getTime() - QUIET_MS);
    const others = await this.census.listQuietCustomers(this.gateway.name, quiet, share);
    for (const customerId of others) await examine(customerId);
    return { examined, failed, repairs };
  }

  /** Null for a customer that is none of ours. */
  private async repairsOf(customerId: string, dryRun: boolean): Promise<readonly SubscriptionRepair[] | null> {
    const userId = await this.customers.findUser(this.gateway.name, customerId);
    if (userId === null) return null;
    const synchronise = async (): Promise<readonly SubscriptionRepair[]> => {
      const before = await this.subscriptions.listOf(userId);
      const done = await this.synchronisation.execute(customerId);
      return done?.changed ? repairsBetween(before, done.subscriptions) : [];
    };
    // Here the provider is asked within the transaction, which holds nobody until the answer is there.
    return dryRun ? rehearsed(this.transaction, synchronise) : synchronise();
  }
}

function repairsBetween(
  before: readonly Subscription[],
  after: readonly Subscription[],
): readonly SubscriptionRepair[] {
  return after.flatMap((one) => {
    const known = before.find(({ externalId }) => externalId === one.externalId) ?? null;
    if (known?.version === one.version) return [];
    const { userId, externalId } = one;
    return [{ userId, externalId, before: known && subscriptionFacts(known), after: subscriptionFacts(one) }];
  });
}

export function subscriptionFacts(one: Subscription): SubscriptionFacts {
  return {
    status: one.status,
    plan: one.sold?.plan ?? null,
    billing_cycle: one.cycle,
    period_start: one.periodStart.toISOString(),
    period_end: one.periodEnd.toISOString(),
    cancel_at_period_end: one.cancelAtPeriodEnd,
    dunning: one.dunning.state,
    review: one.review,
    version: one.version,
  };
}
