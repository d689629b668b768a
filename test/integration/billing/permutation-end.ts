import type { UserId } from '#domain/accounts/user';
import type { TestApp } from '#test/support/app';
import type { End } from './permutation-scenarios.js';

/** What the tables say of a user in the end. */
export interface Left {
  /** The rows themselves, by order instead of by name. */
  readonly rows: unknown;
  readonly end: Omit<End, 'steps'>;
  /** By subscription, oldest first. */
  readonly steps: readonly (readonly string[])[];
}

/** Names that differ from one user to the next, and what tells how often something was looked at. */
const OWN = `array['id', 'user_id', 'external_id', 'customer_id', 'item_id', 'subscription_id', 'version', 'updated_at',
                   'number', 'hosted_url', 'pdf_url']`;

interface Row {
  readonly user_id: UserId;
  readonly plan: string;
  readonly period_anchor: Date | null;
  readonly customers: number;
  readonly subscriptions: readonly Kept[] | null;
  readonly invoices: readonly Kept[] | null;
  readonly credit: readonly { readonly amount: number; readonly key: string }[] | null;
  readonly steps: readonly { readonly of: string; readonly kinds: readonly string[] }[] | null;
}

type Kept = Readonly<Record<string, string | number | null>>;

export async function leftOf(app: TestApp, userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, Left>> {
  const rows = await app.rows<Row>(
    `select users.id as user_id, plan, period_anchor,
            (select count(*)::int from payment_customers c where c.user_id = users.id) as customers,
            (select json_agg(to_jsonb(s) order by external_id) from subscriptions s where s.user_id = users.id) as subscriptions,
            (select json_agg(to_jsonb(i) - ${OWN} || jsonb_build_object('of', i.subscription_id) order by external_id)
               from invoices i where i.user_id = users.id) as invoices,
            (select json_agg(json_build_object('amount', amount_micros / 1000000, 'key', key) order by sequence)
               from credit_transactions t where t.user_id = users.id) as credit,
            (select json_agg(kinds order by external_id)
               from (select external_id, json_build_object('of', external_id, 'kinds', array_agg(distinct kind order by kind)) as kinds
                       from subscription_steps t where t.user_id = users.id group by external_id) as of) as steps
       from users where id = any ($1)`,
    [userIds],
  );
  return new Map(rows.map((row) => [row.user_id, leftIn(row)]));
}

/** So that jobs, which look at everybody, have no more to look at than what is tested now. */
export async function putAside(app: TestApp, userIds: readonly UserId[]): Promise<void> {
  await app.rows(
    `update subscriptions set status = 'canceled', ended_at = now(), dunning = 'ended', unpaid_since = null
      where user_id = any ($1) and ended_at is null`,
    [userIds],
  );
}

function leftIn(row: Row): Left {
  const subscriptions = row.subscriptions ?? [];
  const [invoices, credit] = [row.invoices ?? [], row.credit ?? []];
  const names = new Map(
    subscriptions.flatMap(({ external_id: id, item_id: item }, index) => [
      [String(id), `sub ${index}`],
      [String(item), `item ${index}`],
    ]),
  );
  const own = new Set(['id', 'user_id', 'external_id', 'customer_id', 'item_id', 'version', 'updated_at']);
  const kept = {
    plan: row.plan,
    anchor: row.period_anchor,
    customers: row.customers,
    subscriptions: subscriptions.map((one) => Object.entries(one).filter(([name]) => !own.has(name))),
    invoices,
    credit,
  };
  let text = JSON.stringify(kept);
  for (const [id, name] of names) text = text.replaceAll(id, name);
  return {
    rows: JSON.parse(text) as unknown,
    end: {
      plan: row.plan,
      anchor: row.period_anchor?.toISOString() ?? null,
      subscriptions: subscriptions.map(({ status, dunning, period_start: start, period_end: end, review }) => [
        String(status),
        String(dunning),
        instantOf(start),
        instantOf(end),
        review === null ? 'clear' : 'review',
      ]),
      charged: invoices.map(({ amount_paid: amount }) => Number(amount)),
      credit: credit.map(({ amount }) => Number(amount)),
    },
    steps: (row.steps ?? []).map(({ kinds }) => kinds),
  };
}

function instantOf(value: string | number | null | undefined): string {
  return new Date(String(value)).toISOString();
}
