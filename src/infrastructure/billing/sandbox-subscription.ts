import { type BillingCycle, cycleBoundary } from '#domain/billing/billing-cycle';
import type { InvoiceSnapshot } from '#domain/billing/invoice';
import type { SubscriptionSnapshot, SubscriptionStatus } from '#domain/billing/subscription';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Days after a payment failed on which it is tried again; after the last the subscription is canceled. */
export const SANDBOX_RETRY_DAYS = [3, 5, 7, 14] as const;

/** A price of the sandbox, as the plan catalogue has it. */
export interface SandboxPrice {
  readonly id: string;
  readonly name: string;
  readonly cycle: BillingCycle;
  readonly amountMinor: number;
  readonly currency: string;
}

/** A subscription of the sandbox, as it is kept: instants are ISO 8601. */
export interface SandboxSubscription {
  readonly id: string;
  readonly customerId: string;
  readonly price: SandboxPrice;
  readonly status: SubscriptionStatus;
  readonly anchor: string;
  /** Which period of the anchor it is in. */
  readonly k: number;
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly startedAt: string;
  readonly trialEnd: string | null;
  readonly cancelAtPeriodEnd: boolean;
  readonly endedAt: string | null;
  readonly scheduled: SandboxPrice | null;
  /** Whether its card pays. */
  readonly cardPays: boolean;
  readonly invoices: readonly SandboxInvoice[];
  /** Grows with every change. */
  readonly version: number;
}

export interface SandboxInvoice {
  readonly id: string;
  readonly reason: 'subscription_create' | 'subscription_cycle' | 'subscription_update';
  readonly total: number;
  readonly paid: boolean;
  readonly voided: boolean;
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly attempts: number;
  readonly createdAt: string;
  readonly paidAt: string | null;
}

/** What a change would cost at an instant: what is left of the old price is given back, and what is left of the period paid anew. */
export interface SandboxProration {
  readonly credit: number;
  readonly charge: number;
}

/** Bought at `at`: paid at once, or tried for so many days first. */
export function bought(
  id: string,
  customerId: string,
  price: SandboxPrice,
  trialDays: number,
  at: Date,
): SandboxSubscription {
  const trialEnd = trialDays > 0 ? new Date(at.getTime() + trialDays * DAY_MS) : null;
  const anchor = trialEnd ?? at;
  const periodEnd = trialEnd ?? cycleBoundary(at, price.cycle, 1);
  const blank: SandboxSubscription = {
    id,
    customerId,
    price,
    status: trialEnd ? 'trialing' : 'active',
    anchor: anchor.toISOString(),
    k: 0,
    periodStart: at.toISOString(),
    periodEnd: periodEnd.toISOString(),
    startedAt: at.toISOString(),
    trialEnd: trialEnd?.toISOString() ?? null,
    cancelAtPeriodEnd: false,
    endedAt: null,
    scheduled: null,
    cardPays: true,
    invoices: [],
    version: 1,
  };
  const first = { total: trialEnd ? 0 : price.amountMinor, reason: 'subscription_create' as const };
  return invoiced(blank, first, at, at, periodEnd);
}

/** When something happens to it by itself next; null: never. */
export function dueAt(one: SandboxSubscription): Date | null {
  if (one.endedAt !== null) return null;
  const owed = one.invoices.find(isOwed);
  const retry = owed && retryAt(owed);
  const end = new Date(one.periodEnd);
  return retry && retry < end ? retry : end;
}

/** As it is after everything that was due by `now` has happened, one thing after the other. Itself when nothing was. */
export function advanced(one: SandboxSubscription, now: Date): SandboxSubscription {
  let next = one;
  for (let due = dueAt(next); due !== null && due <= now; due = dueAt(next)) {
    next = due.toISOString() === next.periodEnd ? periodEnded(next, due) : retried(next, due);
  }
  return next === one ? one : { ...next, version: one.version + 1 };
}

/** With a card that pays, or one that does not. What is owed is paid at once by one that does. */
export function withCard(one: SandboxSubscription, cardPays: boolean, at: Date): SandboxSubscription {
  const next = changed(one, { cardPays });
  return cardPays && next.invoices.some(isOwed) ? paidUp(next, at) : next;
}

export function prorated(one: SandboxSubscription, price: SandboxPrice, at: Date): SandboxProration {
  if (one.status === 'trialing') return { credit: 0, charge: 0 };
  const [start, end] = [Date.parse(one.periodStart), Date.parse(one.periodEnd)];
  const left = Math.max(0, end - at.getTime()) / (end - start);
  const isSameCycle = price.cycle === one.price.cycle;
  return {
    credit: -Math.round(one.price.amountMinor * left),
    charge: isSameCycle ? Math.round(price.amountMinor * left) : price.amountMinor,
  };
}

/** Changed at once and paid for; null when its card does not pay: nothing has changed then. Another cycle begins there and then. */
export function changedNow(one: SandboxSubscription, price: SandboxPrice, at: Date): SandboxSubscription | null {
  const { credit, charge } = prorated(one, price, at);
  const due = Math.max(0, credit + charge);
  if (due > 0 && !one.cardPays) return null;
  const begins = price.cycle !== one.price.cycle && one.status !== 'trialing';
  const moved = begins
    ? {
        anchor: at.toISOString(),
        k: 0,
        periodStart: at.toISOString(),
        periodEnd: cycleBoundary(at, price.cycle, 1).toISOString(),
      }
    : {};
  const next = changed(one, { price, scheduled: null, ...moved });
  return invoiced(next, { total: due, reason: 'subscription_update' }, at, at, new Date(next.periodEnd));
}

export function changed(one: SandboxSubscription, changes: Partial<SandboxSubscription>): SandboxSubscription {
  return { ...one, ...changes, version: one.version + 1 };
}

export function canceled(one: SandboxSubscription, at: Date): SandboxSubscription {
  const invoices = one.invoices.map((invoice) => (isOwed(invoice) ? { ...invoice, voided: true } : invoice));
  return changed(one, { status: 'canceled', endedAt: at.toISOString(), scheduled: null, invoices });
}

export function snapshotOf(one: SandboxSubscription): SubscriptionSnapshot {
  const { id, customerId, price, status, cancelAtPeriodEnd, scheduled } = one;
  const date = (text: string | null): Date | null => (text === null ? null : new Date(text));
  const [start, end] = [new Date(one.periodStart), new Date(one.periodEnd)];
  const owed = one.invoices.find(isOwed);
  return {
    externalId: id,
    customerId,
    item: { id: `si_${id}`, priceId: price.id, periodStart: start, periodEnd: end },
    status,
    amountMinor: price.amountMinor,
    currency: price.currency,
    anchor: new Date(one.anchor),
    startedAt: new Date(one.startedAt),
    trialEnd: date(one.trialEnd),
    cancelAtPeriodEnd,
    cancelAt: cancelAtPeriodEnd ? end : null,
    endedAt: date(one.endedAt),
    unpaidSince: owed ? new Date(owed.createdAt) : null,
    card: { brand: one.cardPays ? 'sandbox' : 'sandbox (declines)', last4: one.cardPays ? '4242' : '0341' },
    scheduled: scheduled && { priceId: scheduled.id, at: end },
  };
}

export function invoicesOf(one: SandboxSubscription): readonly InvoiceSnapshot[] {
  return one.invoices.map((invoice, index) => ({
    externalId: invoice.id,
    customerId: one.customerId,
    subscriptionId: one.id,
    number: `SANDBOX-${one.id.slice(-6).toUpperCase()}-${String(index + 1).padStart(4, '0')}`,
    status: invoice.voided ? 'void' : invoice.paid ? 'paid' : 'open',
    reason: invoice.reason,
    currency: one.price.currency,
    total: invoice.total,
    tax: 0,
    amountDue: invoice.total,
    amountPaid: invoice.paid ? invoice.total : 0,
    amountRemaining: invoice.paid ? 0 : invoice.total,
    periodStart: new Date(invoice.periodStart),
    periodEnd: new Date(invoice.periodEnd),
    attempts: invoice.attempts,
    nextAttemptAt: isOwed(invoice) ? retryAt(invoice) : null,
    dueAt: null,
    createdAt: new Date(invoice.createdAt),
    paidAt: invoice.paidAt === null ? null : new Date(invoice.paidAt),
    hostedUrl: null,
    pdfUrl: null,
  }));
}

/** A trial or a period is over: the next one begins with what is scheduled, or there is none. */
function periodEnded(one: SandboxSubscription, at: Date): SandboxSubscription {
  if (one.cancelAtPeriodEnd || one.invoices.some(isOwed)) return canceled(one, at);
  const price = one.scheduled ?? one.price;
  const begins = one.status === 'trialing' || price.cycle !== one.price.cycle;
  const anchor = begins ? at : new Date(one.anchor);
  const k = begins ? 0 : one.k + 1;
  const end = cycleBoundary(anchor, price.cycle, k + 1);
  const next: SandboxSubscription = {
    ...one,
    price,
    scheduled: null,
    status: 'active',
    anchor: anchor.toISOString(),
    k,
    periodStart: at.toISOString(),
    periodEnd: end.toISOString(),
  };
  return invoiced(next, { total: price.amountMinor, reason: 'subscription_cycle' }, at, at, end);
}

function retried(one: SandboxSubscription, at: Date): SandboxSubscription {
  if (one.cardPays) return paidUp(one, at);
  const owed = one.invoices.find(isOwed)!;
  if (owed.attempts > SANDBOX_RETRY_DAYS.length - 1) return canceled(one, at);
  const invoices = one.invoices.map((invoice) =>
    invoice === owed ? { ...invoice, attempts: invoice.attempts + 1 } : invoice,
  );
  return { ...one, invoices };
}

function paidUp(one: SandboxSubscription, at: Date): SandboxSubscription {
  const invoices = one.invoices.map((invoice) =>
    isOwed(invoice) ? { ...invoice, paid: true, paidAt: at.toISOString(), attempts: invoice.attempts + 1 } : invoice,
  );
  return { ...one, status: 'active', invoices };
}

function invoiced(
  one: SandboxSubscription,
  { total, reason }: Pick<SandboxInvoice, 'total' | 'reason'>,
  at: Date,
  start: Date,
  end: Date,
): SandboxSubscription {
  const paid = total === 0 || one.cardPays;
  const invoice: SandboxInvoice = {
    id: `in_${one.id}_${one.invoices.length + 1}`,
    reason,
    total,
    paid,
    voided: false,
    periodStart: start.toISOString(),
    periodEnd: end.toISOString(),
    attempts: 1,
    createdAt: at.toISOString(),
    paidAt: paid ? at.toISOString() : null,
  };
  return { ...one, status: paid ? one.status : 'past_due', invoices: [...one.invoices, invoice] };
}

function isOwed({ paid, voided }: SandboxInvoice): boolean {
  return !paid && !voided;
}

/** The next try of an invoice that is owed: the first was when it was made. */
function retryAt({ createdAt, attempts }: SandboxInvoice): Date {
  const day = SANDBOX_RETRY_DAYS[Math.min(attempts, SANDBOX_RETRY_DAYS.length) - 1]!;
  return new Date(Date.parse(createdAt) + day * DAY_MS);
}
