import { Stripe } from 'stripe';
import { type PaymentWebhook, WebhookRefused } from '#application/payments/payment-gateway';
import type { PaymentNotice } from '#domain/payments/payment-event';
import type { StripeSettings } from './stripe-settings.js';

/** As Stripe recommends: https://docs.stripe.com/webhooks#replay-attacks */
const TOLERANCE_SECONDS = 300;

/** Verifies Stripe's signature over the bytes that came, with every secret that is valid now. */
export class StripeWebhook implements PaymentWebhook {
  constructor(private readonly settings: StripeSettings) {}

  verify(body: Buffer, signature: string | undefined, now: Date): PaymentNotice {
    const reasons = this.settings.webhookSecrets.map((secret) => refusal(body, signature, secret, now));
    if (!reasons.includes(null)) throw new WebhookRefused(reasons[0] ?? 'no signing secret is configured');
    // The library looks at the past alone: a message may not come from the future either.
    const seconds = Math.floor(now.getTime() / 1000);
    if (timestampOf(signature!) - seconds > TOLERANCE_SECONDS) throw new WebhookRefused('its time is in the future');
    return this.notice(body);
  }

  private notice(body: Buffer): PaymentNotice {
    const event = parsed(body);
    const { id, type, created, livemode, api_version: apiVersion } = event;
    if (typeof id !== 'string' || typeof type !== 'string' || typeof created !== 'number' || event.object !== 'event') {
      throw new WebhookRefused('it is signed, and no event');
    }
    const live = livemode === true;
    return {
      id,
      // An event of the other mode is kept under that mode's name, and nothing of ours is.
      gateway: live ? 'stripe-live' : 'stripe-test',
      type,
      apiVersion: typeof apiVersion === 'string' ? apiVersion : null,
      live,
      createdAt: new Date(created * 1000),
      payload: event,
    };
  }
}

/** Why the library does not accept it with this secret; null when it does. */
function refusal(body: Buffer, signature: string | undefined, secret: string, now: Date): string | null {
  try {
    Stripe.webhooks.signature!.verifyHeader(body, signature ?? '', secret, TOLERANCE_SECONDS, undefined, now.getTime());
    return null;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return error.message;
    throw error;
  }
}

/** The timestamp that the signature was computed with: the last one, as the library reads it. */
function timestampOf(signature: string): number {
  const stamps = signature.split(',').filter((item) => item.startsWith('t='));
  return Number.parseInt(stamps.at(-1)!.slice(2), 10);
}

function parsed(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return value !== null && typeof value === 'object' ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    throw new WebhookRefused('it is signed, and no JSON');
  }
}
