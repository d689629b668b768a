import { Stripe } from 'stripe';
import { PaymentProviderUnavailable } from '#application/payments/payment-gateway';
import type { StripeSettings } from './stripe-settings.js';

/** The version that stripe-node 23.1 is written for: what comes back has the shape of its types. */
const API_VERSION = '2026-10-28.endive';

/** How many of a list are asked for at once: as many as Stripe gives. */
export const PAGE = 100;

/** Stripe's own library as this product uses it, and what goes wrong with it in our words. */
export class StripeClient {
  readonly stripe: Stripe;
  private readonly name: string;

  constructor(settings: StripeSettings) {
    this.name = settings.gateway;
    this.stripe = new Stripe(settings.secretKey, {
      apiVersion: API_VERSION,
      timeout: settings.timeoutMs,
      maxNetworkRetries: 2,
      telemetry: false,
      appInfo: { name: 'Minutebook' },
      ...(settings.apiBase !== null && address(settings.apiBase)),
    });
  }

  async asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw this.translated(error);
    }
  }

  /** What is not there is an answer; everything else that goes wrong is not. */
  async found<T>(ask: () => Promise<T>): Promise<T | null> {
    try {
      return await this.asked(ask);
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  /** `list` asks at once: a refusal that comes while nobody waits for it ends the process, so walk it where it is made. */
  async *all<T>(list: AsyncIterable<T>): AsyncIterable<T> {
    try {
      yield* list;
    } catch (error) {
      throw this.translated(error);
    }
  }

  /**
   * An answer that did not come, or that asks to come back, leaves the outcome unknown: 429, 5xx, and 409 while the same key is at
   * work in another request. A request that Stripe understood and refused is a fault of ours, and says so itself; a key that it
   * refused is one of the installation.
   */
  private translated(error: unknown): unknown {
    const { StripeConnectionError, StripeRateLimitError, StripeAPIError } = Stripe.errors;
    const unknownOutcome = [StripeConnectionError, StripeRateLimitError, StripeAPIError];
    if (unknownOutcome.some((kind) => error instanceof kind)) {
      return new PaymentProviderUnavailable(this.name, { cause: error });
    }
    // What Stripe says of a key shows the end of it: so that stays in the cause.
    if (error instanceof Stripe.errors.StripeAuthenticationError) {
      return new Error('Stripe does not accept the key in STRIPE_SECRET_KEY (401): set a valid one.', { cause: error });
    }
    if (error instanceof Stripe.errors.StripePermissionError) {
      const message =
        'The key in STRIPE_SECRET_KEY may not do this (403): give it the permission at Stripe, or set another.';
      return new Error(message, { cause: error });
    }
    return error;
  }
}

/** Stripe knows no such object. */
export function isMissing(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing';
}

/** An id, given as itself or as the whole object. */
export function idOf(value: string | { readonly id: string } | null | undefined): string | null {
  return typeof value === 'string' ? value : (value?.id ?? null);
}

function address(apiBase: string): { protocol: 'http' | 'https'; host: string; port: number } {
  const { protocol, hostname, port } = new URL(apiBase);
  const scheme = protocol === 'http:' ? 'http' : 'https';
  return { protocol: scheme, host: hostname, port: port === '' ? (scheme === 'http' ? 80 : 443) : Number(port) };
}
