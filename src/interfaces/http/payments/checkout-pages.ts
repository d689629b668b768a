import escapeHtml from 'escape-html';
import type { SandboxCheckout, SandboxDeed } from '#application/payments/sandbox-desk';

const LABELS: Readonly<Record<SandboxDeed, string>> = {
  pay: 'Pay',
  decline: 'Have the card declined',
  refund: 'Refund it, as the operator would',
  dispute: 'Dispute it, as the card holder would',
  'win-dispute': 'Decide the dispute for the seller',
  'lose-dispute': 'Decide the dispute for the card holder',
};

const STATES: Readonly<Record<SandboxCheckout['state'], string>> = {
  open: 'Waiting for payment.',
  paid: 'Paid. The credit is booked.',
  failed: 'The card was declined. Start a new purchase to try again.',
  expired: 'This checkout has expired, or was replaced by another. Start a new purchase.',
};

/** The sandbox's checkout: a page without scripts, whose buttons are forms. */
export function sandboxCheckoutPage(checkout: SandboxCheckout): string {
  const { checkoutId, amountMinor, currency, state, deeds, successUrl, cancelUrl } = checkout;
  const money = new Intl.NumberFormat('en', { style: 'currency', currency });
  const amount = money.format(amountMinor / 10 ** money.resolvedOptions().maximumFractionDigits!);
  const way = state === 'paid' ? ['Continue', successUrl] : ['Go back without paying', cancelUrl];
  return page(
    'Sandbox checkout',
    `<p class="banner" role="note"><strong>Sandbox.</strong> No money moves here, and no card is asked for.</p>
    <h1>${escapeHtml(amount)}</h1>
    <p>${STATES[state]}</p>
    ${deeds
      .map(
        (deed) =>
          `<form method="post" action="/sandbox/checkout/${escapeHtml(checkoutId)}/${deed}"><button${deed === 'pay' ? ' class="main"' : ''}>${LABELS[deed]}</button></form>`,
      )
      .join('\n    ')}
    <p><a href="${escapeHtml(way[1])}">${way[0]}</a></p>`,
  );
}

/** Where a buyer lands when the purchase named no page of its own. */
export function returnPage(paid: boolean): string {
  return paid
    ? page(
        'Thank you',
        '<h1>Thank you</h1><p>Your payment is being confirmed. The credit appears on your account as soon as it is; you can close this page.</p>',
      )
    : page('Nothing was paid', '<h1>Nothing was paid</h1><p>You left the checkout. No money was taken.</p>');
}

/** The one style sheet of these pages, in the page itself: the policy allows it by its hash alone. */
export const PAGE_STYLE = `:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:26rem;margin:3rem auto;padding:0 1rem}
.banner{border:1px solid;border-radius:.5rem;padding:.5rem .75rem}form{margin:.5rem 0}
button{font:inherit;width:100%;padding:.6rem;border:1px solid;border-radius:.5rem;cursor:pointer}button.main{font-weight:600}`;

/** @param body HTML, whose values are escaped. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    <style>${PAGE_STYLE}</style>
  </head>
  <body>
    ${body}
  </body>
</html>
`;
}
