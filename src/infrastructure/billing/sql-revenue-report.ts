import { injectable } from 'inversify';
import type { RevenueReport } from '#application/billing/revenue-report';
import type { BillingCycle } from '#domain/billing/billing-cycle';
import type { DunningState } from '#domain/billing/dunning';
import type { PaidLife, RevenueGroup, Span } from '#domain/billing/revenue';
import type { SubscriptionStatus } from '#domain/billing/subscription';
import type { PlanName } from '#domain/plans/plan-name';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlRevenueReport implements RevenueReport {
  constructor(private readonly database: TypeOrmTransaction) {}

  async groups(): Promise<readonly RevenueGroup[]> {
    const rows = await this.database.reader.query<GroupRow[]>(
      `select plan, cycle, status, dunning, review is not null as in_review, currency,
              count(*)::int as subscriptions, sum(amount_minor)::text as amount_minor
         from subscriptions
        group by plan, cycle, status, dunning, review is not null, currency
        order by currency, plan, cycle, status, dunning`,
    );
    return rows.map(({ in_review: inReview, amount_minor: amountMinor, ...row }) => ({
      ...row,
      inReview,
      amountMinor: BigInt(amountMinor),
    }));
  }

  async livesIn({ from, to }: Span): Promise<readonly PaidLife[]> {
    return this.database.reader.query<PaidLife[]>(
      `with lives as (
         select greatest(started_at, coalesce(trial_end, started_at)) as "from",
                least(ended_at, lapsed.at) as until
           from subscriptions s
           -- Grace that ended without a payment since: the steps know it also of those that have ended meanwhile.
           left join lateral (
             select max(g.at) as at from subscription_steps g
              where g.external_id = s.external_id and g.kind = 'grace_over'
                and not exists (select from subscription_steps r
                                 where r.external_id = g.external_id and r.kind = 'recovered' and r.at >= g.at)
           ) lapsed on true
          where review is null and status not in ('incomplete', 'incomplete_expired', 'paused')
       )
       select "from", until from lives
        where "from" < $2 and (until is null or until > $1)
        order by "from", until`,
      [from, to],
    );
  }
}

interface GroupRow {
  readonly plan: PlanName | null;
  readonly cycle: BillingCycle | null;
  readonly status: SubscriptionStatus;
  readonly dunning: DunningState;
  readonly in_review: boolean;
  readonly currency: string;
  readonly subscriptions: number;
  readonly amount_minor: string;
}
