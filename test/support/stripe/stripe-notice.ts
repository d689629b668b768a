import type { PaymentNotice } from '#domain/payments/payment-event';
import type { Json } from './stripe-bank.js';

interface StripeEvent {
  readonly id: string;
  readonly type: string;
  readonly api_version: string;
  readonly created: number;
  readonly livemode: boolean;
}

/** What our webhook makes of an event of Stripe's test mode, once its signature is found right. */
export function noticeOf(event: Json): PaymentNotice {
  const { id, type, api_version: apiVersion, created, livemode: live } = event as StripeEvent;
  const createdAt = new Date(created * 1000);
  return { id, gateway: 'stripe-test', type, apiVersion, live, createdAt, payload: event };
}
