import escapeHtml from 'escape-html';
import type { InvoiceSnapshot } from '#domain/billing/invoice';
import { utcDay } from '#domain/billing/utc-day';
import { page } from '../payments/checkout-pages.js';
import { amount, BANNER } from './sandbox-subscription-pages.js';

const STATES: Readonly<Record<InvoiceSnapshot['status'], string>> = {
  draft: 'It is a draft.',
  open: 'It is open: a payment failed, or has not been tried yet.',
  paid: 'It is paid.',
  uncollectible: 'It is given up.',
  void: 'It is void: nothing is due.',
};

/** The sandbox's hosted invoice: a page without scripts, whose button is a form. */
export function sandboxInvoicePage(address: string, invoice: InvoiceSnapshot): string {
  const { number, externalId, status, currency, lines, periodStart, periodEnd, total, amountRemaining } = invoice;
  const money = (amountMinor: number): string => escapeHtml(amount({ amountMinor, currency }));
  const path = `/sandbox/invoices/${escapeHtml(encodeURIComponent(address))}`;
  const pay = `<form method="post" action="${path}/pay"><button class="main">Pay</button></form>`;
  return page(
    'Sandbox invoice',
    `${BANNER}
    <h1>Invoice ${escapeHtml(number ?? externalId)}</h1>
    <p>For the service from ${utcDay(periodStart)} to ${utcDay(periodEnd)}.</p>
    <ul>
      ${lines.map(({ description, amount: part }) => `<li>${escapeHtml(description)}: ${money(part)}</li>`).join('\n      ')}
    </ul>
    <p>Total: ${money(total)}. Due: ${money(status === 'open' ? amountRemaining : 0)}.</p>
    <p>${STATES[status]}</p>
    ${status === 'open' ? pay : ''}
    <p><a href="${path}.pdf">Download it as PDF</a></p>`,
  );
}
