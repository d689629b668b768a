import { injectable } from 'inversify';
import type { UserId } from '#domain/accounts/user';
import type { BillingCycle } from '#domain/billing/billing-cycle';
import { Dunning, type DunningState, GRACE_DAYS } from '#domain/billing/dunning';
import { Subscription, type SubscriptionId, type SubscriptionStatus } from '#domain/billing/subscription';
import type { SubscriptionRepository, SubscriptionStep } from '#domain/billing/subscription-repository';
import type { PlanName } from '#domain/plans/plan-name';
import type { Page, PageOf } from '#domain/shared/page';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

/** Of a row of `subscriptions`, as Subscription.plan says it. */
export const GIVES_A_PLAN = `plan is not null and review is null and (status in ('trialing', 'active') or dunning = 'grace')`;

@injectable()
export class SqlSubscriptionRepository implements SubscriptionRepository {
  constructor(private readonly database: TypeOrmTransaction) {}

  async listOf(userId: UserId): Promise<readonly Subscription[]> {
    return this.list('where user_id = $1 order by started_at desc, external_id', [userId]);
  }

  async holdOf(userId: UserId): Promise<readonly Subscription[]> {
    void this.database.writer; // The lock lasts as long as the transaction that takes it.
    return this.list('where user_id = $1 order by started_at desc, external_id for no key update', [userId]);
  }

  async save(subscription: Subscription): Promise<void> {
    const row = rowOf(subscription);
    const columns = Object.keys(row);
    const places = columns.map((_, index) => `$${index + 1}`);
    // What a subscription is, and whose, stays as it was first heard.
    const kept = new Set(['id', 'user_id', 'gateway', 'external_id']);
    const changes = columns.filter((column) => !kept.has(column)).map((column) => `${column} = excluded.${column}`);
    await this.database.writer.query(
      `insert into subscriptions (${columns.join(', ')}) values (${places.join(', ')})
       on conflict (gateway, external_id) do update set ${changes.join(', ')}`,
      Object.values(row),
    );
  }

  async listLapsing(now: Date, limit: number): Promise<readonly Subscription[]> {
    const before = new Date(now.getTime() - GRACE_DAYS * 24 * 60 * 60 * 1000);
    return this.list(`where dunning = 'grace' and unpaid_since <= $1 order by unpaid_since, id limit $2`, [
      before,
      limit,
    ]);
  }

  async listToRemind(
    trialEndsBefore: Date,
    after: SubscriptionId | null,
    limit: number,
  ): Promise<readonly Subscription[]> {
    return this.list(
      `where (dunning = 'grace' or (status = 'trialing' and trial_end <= $1)) and ($2::uuid is null or id > $2)
        order by id limit $3`,
      [trialEndsBefore, after, limit],
    );
  }

  async listGiving(after: SubscriptionId | null, limit: number): Promise<readonly Subscription[]> {
    return this.list(`where ${GIVES_A_PLAN} and ($1::uuid is null or id > $1) order by id limit $2`, [after, limit]);
  }

  async appendStep({ userId, externalId, kind, at, facts }: SubscriptionStep): Promise<boolean> {
    const added = await this.database.writer.query<unknown[]>(
      `insert into subscription_steps (user_id, external_id, kind, at, facts) values ($1, $2, $3, $4, $5)
       on conflict (external_id, kind, at) do nothing returning id`,
      [userId, externalId, kind, at, facts],
    );
    return added.length === 1;
  }

  async findStep(externalId: string, kind: string): Promise<SubscriptionStep | null> {
    const [row] = await this.database.reader.query<(StepRow & { readonly user_id: UserId })[]>(
      `select user_id, external_id, kind, at, facts from subscription_steps
        where external_id = $1 and kind = $2 order by at, id limit 1`,
      [externalId, kind],
    );
    return row ? { userId: row.user_id, externalId, kind, at: row.at, facts: row.facts } : null;
  }

  async listSteps(userId: UserId, { limit, offset }: Page): Promise<PageOf<SubscriptionStep>> {
    const rows = await this.database.reader.query<StepRow[]>(
      `select external_id, kind, at, facts, count(*) over () as total from subscription_steps
        where user_id = $1 order by at desc, id desc limit $2 offset $3`,
      [userId, limit, offset],
    );
    const items = rows.map(({ external_id: externalId, kind, at, facts }) => ({ userId, externalId, kind, at, facts }));
    if (rows.length > 0 || offset === 0) return { items, total: Number(rows[0]?.total ?? 0) };
    const [counted] = await this.database.reader.query<{ total: string }[]>(
      'select count(*) as total from subscription_steps where user_id = $1',
      [userId],
    );
    return { items, total: Number(counted!.total) };
  }

  private async list(where: string, values: readonly unknown[]): Promise<readonly Subscription[]> {
    const rows = await this.database.reader.query<SubscriptionRow[]>(`select * from subscriptions ${where}`, [
      ...values,
    ]);
    return rows.map(subscriptionOf);
  }
}

interface StepRow {
  readonly external_id: string;
  readonly kind: string;
  readonly at: Date;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly total: string;
}

interface SubscriptionRow {
  readonly id: SubscriptionId;
  readonly user_id: UserId;
  readonly gateway: string;
  readonly external_id: string;
  readonly customer_id: string;
  readonly plan: PlanName | null;
  readonly cycle: BillingCycle | null;
  readonly item_id: string | null;
  readonly price_id: string | null;
  readonly status: SubscriptionStatus;
  readonly amount_minor: string | number;
  readonly currency: string;
  readonly anchor_at: Date;
  readonly period_start: Date;
  readonly period_end: Date;
  readonly started_at: Date;
  readonly trial_end: Date | null;
  readonly cancel_at_period_end: boolean;
  readonly cancel_at: Date | null;
  readonly ended_at: Date | null;
  readonly card_brand: string | null;
  readonly card_last4: string | null;
  readonly pending_plan: PlanName | null;
  readonly pending_cycle: BillingCycle | null;
  readonly pending_at: Date | null;
  readonly dunning: DunningState;
  readonly unpaid_since: Date | null;
  readonly review: string | null;
  readonly version: number;
  readonly updated_at: Date;
}

function subscriptionOf(row: SubscriptionRow): Subscription {
  const { plan, cycle, card_brand: brand, card_last4: last4 } = row;
  const { pending_plan: pendingPlan, pending_cycle: pendingCycle, pending_at: pendingAt } = row;
  return new Subscription(
    row.id,
    row.user_id,
    row.gateway,
    row.external_id,
    row.customer_id,
    plan && cycle ? { plan, cycle } : null,
    row.item_id,
    row.price_id,
    row.status,
    Number(row.amount_minor),
    row.currency,
    row.anchor_at,
    row.period_start,
    row.period_end,
    row.started_at,
    row.trial_end,
    row.cancel_at_period_end,
    row.cancel_at,
    row.ended_at,
    brand && last4 ? { brand, last4 } : null,
    pendingPlan && pendingCycle && pendingAt ? { plan: pendingPlan, cycle: pendingCycle, at: pendingAt } : null,
    Dunning.of(row.dunning, row.unpaid_since),
    row.review,
    row.version,
    row.updated_at,
  );
}

function rowOf(one: Subscription): SubscriptionRow {
  return {
    id: one.id,
    user_id: one.userId,
    gateway: one.gateway,
    external_id: one.externalId,
    customer_id: one.customerId,
    plan: one.sold?.plan ?? null,
    cycle: one.sold?.cycle ?? null,
    item_id: one.itemId,
    price_id: one.priceId,
    status: one.status,
    amount_minor: one.amountMinor,
    currency: one.currency,
    anchor_at: one.anchor,
    period_start: one.periodStart,
    period_end: one.periodEnd,
    started_at: one.startedAt,
    trial_end: one.trialEnd,
    cancel_at_period_end: one.cancelAtPeriodEnd,
    cancel_at: one.cancelAt,
    ended_at: one.endedAt,
    card_brand: one.card?.brand ?? null,
    card_last4: one.card?.last4 ?? null,
    pending_plan: one.pending?.plan ?? null,
    pending_cycle: one.pending?.cycle ?? null,
    pending_at: one.pending?.at ?? null,
    dunning: one.dunning.state,
    unpaid_since: one.dunning.since,
    review: one.review,
    version: one.version,
    updated_at: one.updatedAt,
  };
}
