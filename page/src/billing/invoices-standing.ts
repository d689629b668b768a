import type { InvoiceResponse } from '#interfaces/http/billing/invoice.response';
import type { Tone } from '../shared/components/badge';

export type InvoiceStanding = InvoiceResponse['status'] | 'past_due';

export const INVOICE_TONES: Readonly<Record<InvoiceStanding, Tone>> = {
  draft: 'quiet',
  open: 'info',
  past_due: 'bad',
  paid: 'good',
  uncollectible: 'bad',
  void: 'quiet',
};

/** Past due is no status of the provider's: it is open, and should have been paid. */
export function invoiceStanding({
  status,
  is_past_due,
}: Pick<InvoiceResponse, 'status' | 'is_past_due'>): InvoiceStanding {
  return status === 'open' && is_past_due ? 'past_due' : status;
}

/** Something is owed by it. */
export function canBePaid({ status, amount_remaining }: Pick<InvoiceResponse, 'status' | 'amount_remaining'>): boolean {
  return status === 'open' && amount_remaining > 0;
}
