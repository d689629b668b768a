import type { CreditGrantResponse } from '#interfaces/http/credits/credit-balance.response';
import type { CreditTransactionResponse } from '#interfaces/http/credits/credit.response';
import type { CreditPackageResponse, PaymentResponse } from '#interfaces/http/payments/payment.response';

/** Credits are counted to four decimals, which are whole micro-dollars. */
export const DIGITS = 4;

/** What an entry of the ledger leads to. */
export interface Reference {
  readonly kind: 'session' | 'request' | 'payment';
  readonly id: string;
}

const KEYS = [
  ['session', 'session_id'],
  ['payment', 'payment_id'],
  ['request', 'request_id'],
  ['request', 'ai_usage_log_id'],
  ['request', 'log_id'],
] as const;

/** From what the entry says of itself; null where it leads nowhere. */
export function referenceOf(metadata: CreditTransactionResponse['metadata']): Reference | null {
  for (const [kind, key] of KEYS) {
    const id = metadata[key];
    if (typeof id === 'string' && id !== '') return { kind, id };
  }
  return null;
}

/** The grant that paid, as far as it is known here: it can have been used up, and stand on another page of the list. */
export function grantOf(
  id: string,
  grants: readonly CreditGrantResponse[],
  entries: readonly CreditTransactionResponse[],
): Pick<CreditGrantResponse, 'type' | 'created_at'> | null {
  return grants.find((grant) => grant.id === id) ?? entries.find((entry) => entry.id === id) ?? null;
}

/** US dollars where they are taken, since all of it is counted in them; otherwise the first that is offered. */
export function currencyOf({ prices }: CreditPackageResponse): string {
  return 'usd' in prices ? 'usd' : Object.keys(prices)[0]!;
}

/** Every currency that something is sold in. */
export function currenciesOf(packages: readonly CreditPackageResponse[]): readonly string[] {
  return [...new Set(packages.flatMap(({ prices }) => Object.keys(prices)))].sort();
}

export type Outcome = 'paid' | 'waiting' | 'unpaid' | 'failed' | 'expired' | 'review';

const OUTCOMES: Readonly<Record<PaymentResponse['status'], Outcome>> = {
  pending: 'unpaid',
  processing: 'waiting',
  completed: 'paid',
  partially_refunded: 'paid',
  refunded: 'paid',
  disputed: 'paid',
  failed: 'failed',
  expired: 'expired',
  review: 'review',
};

export const outcomeOf = ({ status }: Pick<PaymentResponse, 'status'>): Outcome => OUTCOMES[status];

/** Whether asking again may find something else. */
export const isOpen = (outcome: Outcome): boolean => outcome === 'waiting' || outcome === 'unpaid';

/** Between one question and the next: half a minute together, soon at first. */
export const PAUSES_MS: readonly number[] = [1000, 1000, 2000, 3000, 4000, 5000, 7000, 7000];

export interface Page {
  readonly first: number;
  readonly last: number;
  readonly hasNewer: boolean;
  readonly hasOlder: boolean;
}

export function pageOf(offset: number, limit: number, total: number): Page {
  const last = Math.min(offset + limit, total);
  return { first: Math.min(offset + 1, total), last, hasNewer: offset > 0, hasOlder: last < total };
}
