import { type BillingCycle, cycleBoundary } from '#domain/billing/billing-cycle';
import type { SubscriptionSnapshot, SubscriptionStatus } from '#domain/billing/subscription';
import { isOwed, retryAt, SANDBOX_RETRY_DAYS, type SandboxInvoice, type SandboxLine } from './sandbox-invoices.js';

const DAY_MS = 24 * 60 * 60 * 1000;

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
  /** Credit that changes have left, in minor units: invoices are paid by it first. */
  readonly balance: number;
  /** What makes the addresses of its invoices unguessable: nobody is shown it. */
  readonly secret: string;
  /** Grows with every change. */
  readonly version: number;
}

/** Bought at `at`: paid at once, or tried for so many days first. */
export function bought(
  id: string,
  customerId: string,
  price: SandboxPrice,
  trialDays: number,
  at: Date,
  secret: string,
  balance = 0,
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
    balance,
    secret,
    version: 1,
  };
  const lines = trialEnd ? [lineOf(`Trial of ${price.name}, ${trialDays} days`, 0)] : periodLines(price);
  return invoiced(blank, lines, 'subscription_create', at);
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

/** What a change at `at` is charged by: what is left of the old price is given back, and what is left of the period paid anew. */
export function changeLines(one: SandboxSubscription, price: SandboxPrice, at: Date): readonly SandboxLine[] {
  if (one.status === 'trialing') return [];
  const [start, end] = [Date.parse(one.periodStart), Date.parse(one.periodEnd)];
  const whole = end - start;
  const left = Math.min(whole, Math.max(0, end - at.getTime()));
  const isSameCycle = price.cycle === one.price.cycle;
  const credit = partOf(one.price.amountMinor, left, whole);
  const charge = isSameCycle ? partOf(price.amountMinor, left, whole) : price.amountMinor;
  return [
    { description: `Unused time of ${one.price.name}`, amount: -credit, isProration: true },
    { description: price.name, amount: charge, isProration: isSameCycle },
  ].filter(({ amount }) => amount !== 0);
}

/** Rounded half up, to the cent. */
function partOf(amountMinor: number, part: number, whole: number): number {
  const doubled = 2n * BigInt(amountMinor) * BigInt(part) + BigInt(whole);
  return Number(doubled / (2n * BigInt(whole)));
}

/** Changed at once and paid for; null when its card does not pay: nothing has changed then. Another cycle begins there and then. */
export function changedNow(one: SandboxSubscription, price: SandboxPrice, at: Date): SandboxSubscription | null {
  const lines = changeLines(one, price, at);
  if (totalOf(lines) > one.balance && !one.cardPays) return null;
  const begins = price.cycle !== one.price.cycle && one.status !== 'trialing';
  const moved = begins
    ? {
        anchor: at.toISOString(),
        k: 0,
        periodStart: at.toISOString(),
        periodEnd: cycleBoundary(at, price.cycle, 1).toISOString(),
      }
    : {};
  return invoiced(changed(one, { price, scheduled: null, ...moved }), lines, 'subscription_update', at);
}

/** What a whole period is charged by. */
export function periodLines(price: SandboxPrice): readonly SandboxLine[] {
  return [lineOf(price.name, price.amountMinor)];
}

/** Its trial ends by a change that is paid for whole: a period begins at `at`. Null when its card does not pay: nothing has changed then. */
export function trialEndedBy(one: SandboxSubscription, price: SandboxPrice, at: Date): SandboxSubscription | null {
  if (price.amountMinor > one.balance && !one.cardPays) return null;
  const [start, end] = [at.toISOString(), cycleBoundary(at, price.cycle, 1)];
  const period = { anchor: start, k: 0, periodStart: start, periodEnd: end.toISOString() };
  const next = changed(one, { ...period, price, scheduled: null, status: 'active', trialEnd: start });
  return invoiced(next, periodLines(price), 'subscription_update', at);
}

export function changed(one: SandboxSubscription, changes: Partial<SandboxSubscription>): SandboxSubscription {
  return { ...one, ...changes, version: one.version + 1 };
}

/** It ends with its period, and nothing follows. Itself when that is so already. */
export function canceledAtPeriodEnd(one: SandboxSubscription): SandboxSubscription {
  return one.cancelAtPeriodEnd ? one : changed(one, { cancelAtPeriodEnd: true, scheduled: null });
}

/** It goes on after its period. Itself when that is so already. */
export function resumed(one: SandboxSubscription): SandboxSubscription {
  return one.cancelAtPeriodEnd ? changed(one, { cancelAtPeriodEnd: false }) : one;
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
    unknown: null,
    scheduled: scheduled && { priceId: scheduled.id, at: end },
  };
}

/** The invoice with this index is paid, by whatever card: the one of the subscription stays as it is. Itself when it is not owed. */
export function paidByHand(one: SandboxSubscription, index: number, at: Date): SandboxSubscription {
  const invoice = one.invoices[index];
  return invoice && isOwed(invoice) ? paidUp(changed(one, {}), at) : one;
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
  return invoiced(next, periodLines(price), 'subscription_cycle', at);
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

/** Below zero where more is given back than charged. */
export function totalOf(lines: readonly SandboxLine[]): number {
  return lines.reduce((sum, { amount }) => sum + amount, 0);
}

/** With an invoice made at `at`, from which on it is served, to the end of its period. */
function invoiced(
  one: SandboxSubscription,
  lines: readonly SandboxLine[],
  reason: SandboxInvoice['reason'],
  at: Date,
): SandboxSubscription {
  const total = totalOf(lines);
  const fromBalance = Math.max(0, Math.min(total, one.balance));
  // What is given back beyond what is charged is kept for the invoices to come.
  const balance = one.balance - fromBalance + Math.max(0, -total);
  const paid = total <= fromBalance || one.cardPays;
  const invoice: SandboxInvoice = {
    id: `in_${one.id}_${one.invoices.length + 1}`,
    reason,
    lines,
    total,
    fromBalance,
    paid,
    voided: false,
    periodStart: at.toISOString(),
    periodEnd: one.periodEnd,
    attempts: 1,
    createdAt: at.toISOString(),
    paidAt: paid ? at.toISOString() : null,
  };
  return { ...one, balance, status: paid ? one.status : 'past_due', invoices: [...one.invoices, invoice] };
}

function lineOf(description: string, amount: number): SandboxLine {
  return { description, amount, isProration: false };
}
