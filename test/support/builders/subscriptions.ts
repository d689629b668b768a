import type { UserId } from '#domain/accounts/user';
import type { SoldPlan } from '#domain/billing/billing-cycle';
import type { InvoiceSnapshot } from '#domain/billing/invoice';
import type { SubscriptionContext, SubscriptionSnapshot } from '#domain/billing/subscription';
import type { PlanName } from '#domain/plans/plan-name';

export const SUBSCRIBED_AT = new Date('2026-01-31T10:00:00Z');

/** Prices are called after what they stand for: `pro_month`. */
export function planOf(priceId: string): SoldPlan<PlanName> | null {
  const [, plan, cycle] = /^(student|pro|coaching_school)_(month|year)$/.exec(priceId) ?? [];
  return plan ? { plan: plan as PlanName, cycle: cycle as 'month' | 'year' } : null;
}

export const told = (now: Date, besides: string | null = null): SubscriptionContext => ({ planOf, besides, now });

/** An active monthly `pro`, unless told otherwise. */
export function aSnapshot(
  of: Partial<SubscriptionSnapshot> & { readonly priceId?: string } = {},
): SubscriptionSnapshot {
  const { priceId = 'pro_month', ...more } = of;
  return {
    externalId: 'sub_1',
    customerId: 'cus_1',
    item: { id: 'si_1', priceId, periodStart: SUBSCRIBED_AT, periodEnd: new Date('2026-02-28T10:00:00Z') },
    status: 'active',
    amountMinor: 2999,
    currency: 'usd',
    anchor: SUBSCRIBED_AT,
    startedAt: SUBSCRIBED_AT,
    trialEnd: null,
    cancelAtPeriodEnd: false,
    cancelAt: null,
    endedAt: null,
    unpaidSince: null,
    card: { brand: 'visa', last4: '4242' },
    unknown: null,
    scheduled: null,
    ...more,
  };
}

/** Paid at once, for the first month of `aSnapshot`. */
export function anInvoice(of: Partial<InvoiceSnapshot> = {}): InvoiceSnapshot {
  return {
    externalId: 'in_1',
    customerId: 'cus_1',
    subscriptionId: 'sub_1',
    number: 'MB-0001',
    status: 'paid',
    reason: 'subscription_create',
    currency: 'usd',
    total: 2999,
    tax: 0,
    amountDue: 2999,
    amountPaid: 2999,
    amountRemaining: 0,
    periodStart: SUBSCRIBED_AT,
    periodEnd: new Date('2026-02-28T10:00:00Z'),
    attempts: 1,
    nextAttemptAt: null,
    dueAt: null,
    createdAt: SUBSCRIBED_AT,
    paidAt: SUBSCRIBED_AT,
    hostedUrl: 'https://invoice.stripe.com/i/in_1',
    pdfUrl: 'https://invoice.stripe.com/i/in_1/pdf',
    lines: [
      {
        description: '1 × Pro (at $29.99 / month)',
        amount: 2999,
        isProration: false,
        periodStart: SUBSCRIBED_AT,
        periodEnd: new Date('2026-02-28T10:00:00Z'),
      },
    ],
    ...of,
  };
}

export const ANA = '0197a000-0000-7000-8000-0000000000aa' as UserId;
