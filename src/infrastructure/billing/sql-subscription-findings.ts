import { injectable } from 'inversify';
import type {
  SubscriptionFacts,
  SubscriptionFinding,
  SubscriptionFindingKind,
  SubscriptionFindings,
} from '#application/billing/subscription-verification';
import type { UserId } from '#domain/accounts/user';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { GIVES_A_PLAN } from './sql-subscription-repository.js';

/** Those that give a plan: of the user $1, or of everybody. */
const GIVING = `
  (select * from subscriptions where ($1::uuid is null or user_id = $1) and ${GIVES_A_PLAN})`;

const ANCHOR = `case when s.status = 'trialing' then s.started_at else s.anchor_at end`;

/** $1 the user or null, $2 now, $3 how many. */
const FINDINGS: Readonly<Record<SubscriptionFindingKind, string>> = {
  // The last one who gave a plan was the subscription: since then nobody else did.
  plan_differs: `
    select s.user_id, s.external_id as id, json_build_object('plan', u.plan) as stored, json_build_object('plan', s.plan) as recomputed
      from ${GIVING} s join users u on u.id = s.user_id
     where u.plan <> s.plan and $2::timestamptz is not null
       and 'user.change' is distinct from (
         select a.action from audit_log a
          where a.user_id = s.user_id and a.action in ('user.change', 'user.subscription')
            and a.before ->> 'plan' is distinct from a.after ->> 'plan'
          order by a.created_at desc, a.id desc limit 1)
     order by 1, 2 limit $3`,

  several_subscriptions: `
    select s.user_id, min(s.external_id) as id, json_build_object('subscriptions', count(*)::text) as stored,
           json_build_object('subscriptions', '1') as recomputed
      from ${GIVING} s where $2::timestamptz is not null
     group by 1 having count(*) > 1 order by 1 limit $3`,

  anchor_differs: `
    select s.user_id, s.external_id as id, json_build_object('anchor', u.period_anchor) as stored,
           json_build_object('anchor', ${ANCHOR}) as recomputed
      from ${GIVING} s join users u on u.id = s.user_id
     where u.period_anchor is distinct from ${ANCHOR} and $2::timestamptz is not null
       and not exists (select from period_resets r
                        where r.user_id = s.user_id and r.new_start >= ${ANCHOR}
                          and (r.actor = 'subscription') = (r.undone_at is not null))
     order by 1, 2 limit $3`,

  included_twice: `
    select later.user_id, later.key as id, json_build_object('created_at', later.created_at) as stored,
           json_build_object('earlier', earlier.key, 'ends_at', earlier.metadata ->> 'period_end') as recomputed
      from credit_transactions later
      join credit_transactions earlier
        on earlier.user_id = later.user_id and earlier.sequence < later.sequence and earlier.key like 'included:%'
       and split_part(earlier.key, ':', 2) = split_part(later.key, ':', 2)
     where ($1::uuid is null or later.user_id = $1) and later.key like 'included:%' and $2::timestamptz is not null
       and later.created_at < (earlier.metadata ->> 'period_end')::timestamptz
     order by 1, 2 limit $3`,

  overpaid_invoice: `
    select user_id, external_id as id, json_build_object('amount_paid', amount_paid::text) as stored,
           json_build_object('amount_due', amount_due::text) as recomputed
      from invoices
     where ($1::uuid is null or user_id = $1) and amount_paid > amount_due and $2::timestamptz is not null
     order by 1, 2 limit $3`,

  step_ahead: `
    select user_id, external_id as id, json_build_object('step', kind, 'at', at) as stored, json_build_object('now', $2::timestamptz) as recomputed
      from subscription_steps
     where ($1::uuid is null or user_id = $1) and at > $2
     order by 1, 2 limit $3`,
};

@injectable()
export class SqlSubscriptionFindings implements SubscriptionFindings {
  constructor(private readonly database: TypeOrmTransaction) {}

  async size(userId: UserId | null): Promise<number> {
    const [row] = await this.database.reader.query<[{ count: string }]>(
      'select count(*) from subscriptions where $1::uuid is null or user_id = $1',
      [userId],
    );
    return Number(row.count);
  }

  async find(
    kind: SubscriptionFindingKind,
    userId: UserId | null,
    now: Date,
    limit: number,
  ): Promise<readonly SubscriptionFinding[]> {
    const rows = await this.database.reader.query<FindingRow[]>(FINDINGS[kind], [userId, now, limit]);
    return rows.map(({ user_id, id, stored, recomputed }) => ({ kind, userId: user_id, id, stored, recomputed }));
  }
}

interface FindingRow {
  readonly user_id: UserId;
  readonly id: string;
  readonly stored: SubscriptionFacts;
  readonly recomputed: SubscriptionFacts;
}
