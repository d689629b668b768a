import type { CurrentSubscription } from '#application/billing/get-subscription';
import type { SubscriptionTimeline } from '#application/billing/get-subscription-timeline';
import type { SynchronisedUser } from '#application/billing/user-synchronisation';
import type { User } from '#domain/accounts/user';
import type { Invoice } from '#domain/billing/invoice';
import type { Subscription } from '#domain/billing/subscription';
import type { SubscriptionStep } from '#domain/billing/subscription-repository';
import { type Answer, changes, difference, type Facts, fields, table } from '../shared/answer.js';

export function subscriptionShown(timeline: SubscriptionTimeline): Answer {
  const { user, subscriptions, steps, invoices, now } = timeline;
  const [newest] = subscriptions;
  const head = newest
    ? fields(Object.entries(factsOf(newest)).map(([name, value]) => [name, String(value ?? 'none')]))
    : `${user.email} never subscribed. The plan is ${user.plan}.`;
  const older = subscriptions.length > 1 ? [`${subscriptions.length - 1} more; --json shows them.`] : [];
  return {
    json: {
      user_id: user.id,
      email: user.email,
      plan: user.plan,
      subscriptions: subscriptions.map(factsOf),
      steps: { data: steps.items.map(stepJson), total: steps.total, has_more: steps.items.length < steps.total },
      invoices: {
        data: invoices.items.map((invoice) => invoiceJson(invoice, now)),
        total: invoices.total,
        has_more: invoices.items.length < invoices.total,
      },
    },
    text: [head, ...older, ...stepTable(steps.items), ...invoiceTable(invoices.items, now)].join('\n\n'),
    note:
      Math.max(steps.total - steps.items.length, invoices.total - invoices.items.length) > 0
        ? 'Older steps or invoices are left out; show more with --limit 100.'
        : undefined,
  };
}

export function subscriptionCanceled({ id, email }: User, after: CurrentSubscription): Answer {
  const { status, tier, cancelAtPeriodEnd, periodEnd } = after;
  const ends = cancelAtPeriodEnd ? `ends on ${periodEnd!.toISOString()}` : 'has ended';
  return {
    json: {
      user_id: id,
      status,
      plan: tier,
      cancel_at_period_end: cancelAtPeriodEnd,
      period_end: instantOf(periodEnd),
    },
    text: `The subscription of ${email} ${ends}. The plan is ${tier}.`,
  };
}

/** @param remark Where the user has another plan than the subscription gives, or is suspended; null when all is well. */
export function subscriptionsSynchronised(
  { email }: User,
  told: SynchronisedUser,
  dryRun: boolean,
  remark: string | null,
): Answer {
  const { customerId, before, after } = told;
  const was = new Map(before.map((one) => [one.externalId, one]));
  const changed = after.filter((one) => was.get(one.externalId)?.version !== one.version);
  const lines = changed.map((one) => {
    const known = was.get(one.externalId);
    return `subscription ${one.externalId}\n${difference(known ? factsOf(known) : {}, factsOf(one))}`;
  });
  const sentence =
    customerId === null
      ? `${email} is no customer of the payment provider's: there was nothing to ask about.`
      : changed.length === 0
        ? `The provider says of ${email} what is known here: nothing to change.`
        : `${dryRun ? 'Would change' : 'Changed'} for ${email}:`;
  return {
    json: {
      dry_run: dryRun,
      customer_id: customerId,
      changed: changed.length > 0,
      remark,
      subscriptions: changed.map((one) => {
        const known = was.get(one.externalId);
        return { external_id: one.externalId, changes: changes(known ? factsOf(known) : {}, factsOf(one)) };
      }),
    },
    text: [sentence, ...lines, ...(remark === null ? [] : [remark])].join('\n'),
    note: dryRun && changed.length > 0 ? 'Nothing was changed.' : undefined,
  };
}

function factsOf(one: Subscription): Facts {
  return {
    provider: one.gateway,
    external_id: one.externalId,
    customer_id: one.customerId,
    status: one.status,
    plan: one.sold?.plan ?? null,
    billing_cycle: one.cycle,
    gives_plan: one.plan,
    price: one.amountMinor,
    currency: one.currency,
    period_start: one.periodStart.toISOString(),
    period_end: one.periodEnd.toISOString(),
    trial_end: instantOf(one.trialEnd),
    cancel_at_period_end: one.cancelAtPeriodEnd,
    ended_at: instantOf(one.endedAt),
    pending_plan: one.pending?.plan ?? null,
    pending_cycle: one.pending?.cycle ?? null,
    pending_at: instantOf(one.pending?.at ?? null),
    payment_method: one.card && `${one.card.brand} ${one.card.last4}`,
    dunning: one.dunning.state,
    grace_ends_at: instantOf(one.dunning.graceEndsAt),
    review: one.review,
  };
}

function stepJson({ externalId, kind, at, facts }: SubscriptionStep): Readonly<Record<string, unknown>> {
  return { subscription: externalId, kind, at: at.toISOString(), facts };
}

function invoiceJson(invoice: Invoice, now: Date): Facts {
  const { number, status, total, amountPaid, amountRemaining, currency, createdAt, paidAt } = invoice.snapshot;
  return {
    id: invoice.id,
    number,
    status,
    is_past_due: invoice.isPastDueAt(now),
    total,
    amount_paid: amountPaid,
    amount_remaining: amountRemaining,
    currency,
    created_at: createdAt.toISOString(),
    paid_at: instantOf(paidAt),
  };
}

function stepTable(steps: readonly SubscriptionStep[]): string[] {
  if (steps.length === 0) return [];
  const rows = steps.map(({ at, kind, facts }) => [
    at.toISOString(),
    kind,
    Object.entries(facts)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `${name}=${String(value)}`)
      .join(' '),
  ]);
  return [table(['at', 'step', 'facts'], rows)];
}

function invoiceTable(invoices: readonly Invoice[], now: Date): string[] {
  if (invoices.length === 0) return [];
  const rows = invoices.map((invoice) => {
    const { number, status, total, currency, createdAt } = invoice.snapshot;
    const standing = invoice.isPastDueAt(now) ? `${status}, past due` : status;
    return [createdAt.toISOString(), number ?? 'draft', standing, String(total), currency];
  });
  return [table(['invoiced', 'number', 'status', 'minor units', 'currency'], rows)];
}

function instantOf(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}
