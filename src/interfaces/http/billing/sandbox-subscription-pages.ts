import escapeHtml from 'escape-html';
import type { SandboxPortal } from '#application/billing/sandbox-subscription-payment';
import {
  type SandboxPortalSubscription,
  type SandboxSubscriptionCheckout,
  SUBSCRIPTION_DEEDS,
  type SubscriptionDeed,
} from '#application/billing/sandbox-subscription-desk';
import type { PortalFlow } from '#application/billing/subscription-gateway';
import { page } from '../payments/checkout-pages.js';

const BANNER =
  '<p class="banner" role="note"><strong>Sandbox.</strong> No money moves here, and no card is asked for.</p>';

const STATES: Readonly<Record<SandboxSubscriptionCheckout['state'], string>> = {
  open: 'Waiting for payment.',
  complete: 'Subscribed. The plan is being set.',
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

/** The sandbox's portal: every subscription of a customer, and what can be done with it, or what belongs to the flow. */
export function sandboxPortalPage(
  { customerId, subscriptions, returnUrl }: SandboxPortal,
  flow: PortalFlow | null,
): string {
  const query = returnUrl === null ? '' : `?return_url=${encodeURIComponent(returnUrl)}`;
  const portal = `/sandbox/portal/${encodeURIComponent(customerId)}`;
  const wanted = flow === null ? SUBSCRIPTION_DEEDS : FLOWS[flow];
  const sections = subscriptions.map((one) => {
    const deeds = portalDeeds(one).filter((deed) => wanted.includes(deed));
    return section(one, deeds, `${portal}/${encodeURIComponent(one.externalId)}`, query);
  });
  return page(
    'Sandbox portal',
    `${BANNER}
    <h1>Your subscriptions</h1>
    ${sections.length === 0 ? '<p>There is none.</p>' : sections.join('\n    ')}
    ${returnUrl === null ? '' : `<p><a href="${escapeHtml(returnUrl)}">Go back</a></p>`}`,
  );
}

/** What can be done with a subscription as it stands, in the order of its buttons. */
function portalDeeds({ endedAt, cancelAtPeriodEnd, cardPays }: SandboxPortalSubscription): SubscriptionDeed[] {
  if (endedAt !== null) return [];
  const without = [cardPays ? 'use-good-card' : 'use-declining-card', cancelAtPeriodEnd ? 'cancel' : 'resume'];
  return SUBSCRIPTION_DEEDS.filter((deed) => !without.includes(deed));
}

function section(
  one: SandboxPortalSubscription,
  deeds: readonly SubscriptionDeed[],
  address: string,
  query: string,
): string {
  return `<section>
      <h2>${escapeHtml(one.name)}</h2>
      <p>${escapeHtml(standing(one))}</p>
      ${deeds
        .map(
          (deed) =>
            `<form method="post" action="${escapeHtml(`${address}/${deed}${query}`)}"><button>${LABELS[deed]}</button></form>`,
        )
        .join('\n      ')}
    </section>`;
}

function standing({ status, item, cancelAtPeriodEnd, endedAt, card, cardPays }: SandboxPortalSubscription): string {
  if (endedAt !== null) return `Ended on ${day(endedAt)}.`;
  const until = item === null ? '' : ` ${cancelAtPeriodEnd ? 'Ends' : 'The period ends'} on ${day(item.periodEnd)}.`;
  const paidBy = card === null ? '' : ` The card ends in ${card.last4}, and ${cardPays ? 'pays' : 'is declined'}.`;
  return `It is ${status.replace(/_/g, ' ')}.${until}${paidBy}`;
}

function day(at: Date): string {
  return at.toISOString().slice(0, 10);
}

function amount({ amountMinor, currency }: SandboxSubscriptionCheckout): string {
  const money = new Intl.NumberFormat('en', { style: 'currency', currency });
  return money.format(amountMinor / 10 ** money.resolvedOptions().maximumFractionDigits!);
}
