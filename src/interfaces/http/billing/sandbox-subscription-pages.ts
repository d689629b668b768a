import escapeHtml from 'escape-html';
import type { SandboxPortal } from '#application/billing/sandbox-subscription-payment';
import {
  type SandboxPortalSubscription,
  type SandboxSubscriptionCheckout,
  SUBSCRIPTION_DEEDS,
  type SubscriptionDeed,
} from '#application/billing/sandbox-subscription-desk';
import type { PortalFlow } from '#application/billing/subscription-gateway';
import type { InvoiceSnapshot } from '#domain/billing/invoice';
import { utcDay } from '#domain/billing/utc-day';
import { page } from '../payments/checkout-pages.js';

export const BANNER =
  '<p class="banner" role="note"><strong>Sandbox.</strong> No money moves here, and no card is asked for.</p>';

const STATES: Readonly<Record<SandboxSubscriptionCheckout['state'], string>> = {
  open: 'Waiting for payment.',
  complete: 'Subscribed. The plan is set.',
  expired: 'This checkout has expired, or was replaced by another. Begin a new one.',
};

const LABELS: Readonly<Record<SubscriptionDeed, string>> = {
  'use-good-card': 'Use a card that pays',
  'use-declining-card': 'Use a card that is declined',
  cancel: 'Cancel at the end of the period',
  resume: 'Take the cancellation back',
};

/** The sandbox's checkout of a subscription: a page without scripts, whose button is a form. */
export function sandboxSubscriptionPage(checkout: SandboxSubscriptionCheckout): string {
  const { sessionId, state, name, trialDays, successUrl, cancelUrl } = checkout;
  const price = amount(checkout);
  const terms = trialDays > 0 ? `Free for ${trialDays} days, then ${price}.` : `${price}, from now on.`;
  const way = state === 'complete' ? ['Continue', successUrl] : ['Go back without subscribing', cancelUrl];
  const pay = `<form method="post" action="/sandbox/subscribe/${escapeHtml(sessionId)}/pay"><button class="main">${trialDays > 0 ? 'Start the trial' : 'Pay'}</button></form>`;
  return page(
    'Sandbox checkout',
    `${BANNER}
    <h1>${escapeHtml(name)}</h1>
    <p>${escapeHtml(terms)}</p>
    <p>${STATES[state]}</p>
    ${state === 'open' ? pay : ''}
    <p><a href="${escapeHtml(way[1])}">${way[0]}</a></p>`,
  );
}

/** What a flow of the portal is about. */
const FLOWS: Readonly<Record<PortalFlow, readonly SubscriptionDeed[]>> = {
  payment_method: ['use-good-card', 'use-declining-card'],
  cancel: ['cancel', 'resume'],
};

/** The sandbox's portal: every subscription of a customer, and what can be done with it, or what belongs to the flow; and the invoices. */
export function sandboxPortalPage({ portalId, subscriptions, invoices, flow, returnUrl }: SandboxPortal): string {
  const portal = `/sandbox/portal/${encodeURIComponent(portalId)}`;
  const wanted = flow === null ? SUBSCRIPTION_DEEDS : FLOWS[flow];
  const sections = subscriptions.map((one) => {
    const deeds = portalDeeds(one).filter((deed) => wanted.includes(deed));
    return section(one, deeds, `${portal}/${encodeURIComponent(one.externalId)}`);
  });
  return page(
    'Sandbox portal',
    `${BANNER}
    <h1>Your subscriptions</h1>
    ${sections.length === 0 ? '<p>There is none.</p>' : sections.join('\n    ')}
    <h2>Your invoices</h2>
    <p>${escapeHtml(dueOf(invoices))}</p>
    ${invoices.length === 0 ? '' : `<ul>\n      ${invoices.map(invoiceItem).join('\n      ')}\n    </ul>`}
    <p><a href="${escapeHtml(returnUrl)}">Go back</a></p>`,
  );
}

/** What is owed, by currency. */
function dueOf(invoices: readonly InvoiceSnapshot[]): string {
  const due = new Map<string, number>();
  for (const { status, currency, amountRemaining } of invoices) {
    if (status === 'open') due.set(currency, (due.get(currency) ?? 0) + amountRemaining);
  }
  if (due.size === 0) return 'Nothing is due.';
  return `${[...due].map(([currency, amountMinor]) => amount({ amountMinor, currency })).join(' and ')} due.`;
}

function invoiceItem({ number, hostedUrl, createdAt, total, currency, status, externalId }: InvoiceSnapshot): string {
  const name = escapeHtml(number ?? externalId);
  const link = hostedUrl === null ? name : `<a href="${escapeHtml(new URL(hostedUrl).pathname)}">${name}</a>`;
  return `<li>${link}: ${escapeHtml(amount({ amountMinor: total, currency }))} on ${utcDay(createdAt)}, ${status}</li>`;
}

/** What can be done with a subscription as it stands, in the order of its buttons. */
function portalDeeds({ endedAt, cancelAtPeriodEnd, cardPays }: SandboxPortalSubscription): SubscriptionDeed[] {
  if (endedAt !== null) return [];
  const without = [cardPays ? 'use-good-card' : 'use-declining-card', cancelAtPeriodEnd ? 'cancel' : 'resume'];
  return SUBSCRIPTION_DEEDS.filter((deed) => !without.includes(deed));
}

function section(one: SandboxPortalSubscription, deeds: readonly SubscriptionDeed[], address: string): string {
  return `<section>
      <h2>${escapeHtml(one.name)}</h2>
      <p>${escapeHtml(standing(one))}</p>
      ${deeds
        .map(
          (deed) =>
            `<form method="post" action="${escapeHtml(`${address}/${deed}`)}"><button>${LABELS[deed]}</button></form>`,
        )
        .join('\n      ')}
    </section>`;
}

function standing({ status, item, cancelAtPeriodEnd, endedAt, card, cardPays }: SandboxPortalSubscription): string {
  if (endedAt !== null) return `Ended on ${utcDay(endedAt)}.`;
  const until = item === null ? '' : ` ${cancelAtPeriodEnd ? 'Ends' : 'The period ends'} on ${utcDay(item.periodEnd)}.`;
  const paidBy = card === null ? '' : ` The card ends in ${card.last4}, and ${cardPays ? 'pays' : 'is declined'}.`;
  return `It is ${status.replace(/_/g, ' ')}.${until}${paidBy}`;
}

export function amount({ amountMinor, currency }: { readonly amountMinor: number; readonly currency: string }): string {
  const money = new Intl.NumberFormat('en', { style: 'currency', currency });
  return money.format(amountMinor / 10 ** money.resolvedOptions().maximumFractionDigits!);
}
