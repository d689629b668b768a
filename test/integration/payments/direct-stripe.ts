import type { IncomingMessage } from 'node:http';
import qs from 'qs';
import { Stripe } from 'stripe';
import { StripePaymentGateway } from '#infrastructure/payments/stripe-payment-gateway';
import { StripeSettings } from '#infrastructure/payments/stripe-settings';
import type { Json } from '#test/support/stripe/stripe-bank';
import { type AskedRequest, STRIPE_TEST_KEY, type StripeDouble } from '#test/support/stripe/stripe-double';

/**
 * The real adapter over the real client library, whose requests are handed to the double in this process: a hundred thousand of them
 * over loopback took three times as long, and another test sends them there.
 */
export function directGateway(double: StripeDouble): StripePaymentGateway {
  const gateway = new StripePaymentGateway(new StripeSettings(STRIPE_TEST_KEY, [], double.url));
  const { stripe: client } = gateway as unknown as { readonly stripe: Stripe };
  const apiVersion = client.getApiField('version') as '2026-10-28.endive';
  const stripe = new Stripe(STRIPE_TEST_KEY, { apiVersion, telemetry: false, httpClient: new Handing(double) });
  return Object.assign(gateway, { stripe });
}

type Headers = Readonly<Record<string, string>>;

class Handing extends Stripe.HttpClient {
  constructor(private readonly double: StripeDouble) {
    super();
  }

  override getClientName(): string {
    return 'direct';
  }

  override async makeRequest(
    _host: string,
    _port: string | number,
    address: string,
    method: string,
    headers: object,
  ): Promise<Handed> {
    const { pathname: path, search } = new URL(address, 'http://stripe');
    const params = qs.parse(search.slice(1), { arrayLimit: 100 });
    const given = Object.fromEntries(
      Object.entries(headers as Headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const double = this.double as unknown as Answering;
    const asked = { method, path, params, idempotencyKey: given['idempotency-key'] ?? null };
    const { status, body } = await double.answer(asked, { headers: given } as unknown as IncomingMessage);
    return new Handed(status, body);
  }
}

interface Answering {
  answer(asked: AskedRequest, request: IncomingMessage): Promise<{ readonly status: number; readonly body: Json }>;
}

class Handed extends Stripe.HttpClientResponse {
  constructor(
    status: number,
    private readonly body: Json,
  ) {
    super(status, {});
  }

  override getRawResponse(): Json {
    return this.body;
  }

  override toJSON(): Promise<Json> {
    return Promise.resolve(this.body);
  }
}
