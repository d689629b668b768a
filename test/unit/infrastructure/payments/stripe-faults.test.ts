import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Stripe } from 'stripe';
import { PaymentProviderUnavailable } from '#application/payments/payment-gateway';
import type { UserId } from '#domain/accounts/user';
import { Payment, type PaymentId } from '#domain/payments/payment';
import { StripePaymentGateway } from '#infrastructure/payments/stripe-payment-gateway';
import { StripeSettings } from '#infrastructure/payments/stripe-settings';
import { STRIPE_TEST_KEY, StripeDouble } from '#test/support/stripe/stripe-double';

const PATIENCE_MS = 200;
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }
});

async function gatewayTo(answer: RequestListener): Promise<StripePaymentGateway> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new StripePaymentGateway(new StripeSettings(STRIPE_TEST_KEY, [], url, PATIENCE_MS));
}

/** Stripe, but it answers everything with this. */
const always =
  (status: number, body: object): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', 'Stripe-Should-Retry': 'false' });
    response.end(JSON.stringify(body));
  };
const refusal = (status: number, type: string, code: string | null = null): RequestListener =>
  always(status, { error: { type, code, message: `Refused: ${STRIPE_TEST_KEY}` } });

const caught = async (asked: Promise<unknown>): Promise<Error> => {
  try {
    await asked;
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
};

describe('what Stripe answers', () => {
  it.each([
    ['429', refusal(429, 'invalid_request_error', 'lock_timeout'), Stripe.errors.StripeRateLimitError],
    ['409, while the same key is at work', refusal(409, 'idempotency_error'), Stripe.errors.StripeAPIError],
    ['500', refusal(500, 'api_error'), Stripe.errors.StripeAPIError],
    ['503', refusal(503, 'api_error'), Stripe.errors.StripeAPIError],
  ])('with %s leaves the outcome unknown, and keeps the cause', async (_, answer, cause) => {
    const gateway = await gatewayTo(answer);
    const error = await caught(gateway.getCheckout('cs_test_1'));
    expect(error).toBeInstanceOf(PaymentProviderUnavailable);
    expect(error.cause).toBeInstanceOf(cause);
  });

  it.each([
    ['401', Stripe.errors.StripeAuthenticationError],
    ['403', Stripe.errors.StripePermissionError],
  ])('with %s is the fault of the key, which is named by its setting and never by its value', async (status, cause) => {
    const gateway = await gatewayTo(refusal(Number(status), 'invalid_request_error'));
    const error = await caught(gateway.getCheckout('cs_test_1'));
    expect(error).not.toBeInstanceOf(PaymentProviderUnavailable);
    expect(error.message).toContain('STRIPE_SECRET_KEY');
    expect(error.message).not.toContain(STRIPE_TEST_KEY);
    expect(error.cause).toBeInstanceOf(cause);
  });

  it('about a request that makes no sense is a fault of ours, and is no outage', async () => {
    const gateway = await gatewayTo(refusal(400, 'invalid_request_error', 'parameter_unknown'));
    await expect(gateway.getCheckout('cs_test_1')).rejects.toThrow(Stripe.errors.StripeInvalidRequestError);
  });

  it('about a payment it does not know is that there is no checkout of it', async () => {
    const gateway = await gatewayTo(refusal(404, 'invalid_request_error', 'resource_missing'));
    const none = { checkoutId: null, paymentIntentId: null, chargeId: null };
    expect(await gateway.findCheckout({ ...none, paymentIntentId: 'pi_1' })).toBeNull();
    expect(await gateway.findCheckout({ ...none, chargeId: 'ch_1' })).toBeNull();
  });
});

const USER = '01900000-0000-7000-8000-000000000001' as UserId;

function order(gateway: string): Payment {
  return Payment.ordered(
    {
      id: '01900000-0000-7000-9000-000000000001' as PaymentId,
      userId: USER,
      gateway,
      requestKey: 'key:1',
      packageId: 'starter',
      amountMinor: 1000,
      currency: 'usd',
      creditMicros: 10_000_000n,
      successUrl: 'https://app.example.com/paid',
      cancelUrl: 'https://app.example.com/left',
    },
    new Date(),
  );
}

const HOP_BY_HOP = /^(host|connection|content-length)$/;

describe('an answer that is slower than we wait', () => {
  let double: StripeDouble;
  beforeEach(async () => {
    double = await StripeDouble.start();
  });
  afterEach(() => double.stop());

  it('leaves the outcome unknown, and the work that was done is found again by its key', async () => {
    let late = 3;
    const passOn = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const headers = Object.entries(request.headers).filter(([name]) => !HOP_BY_HOP.test(name)) as [string, string][];
      const body = request.method === 'POST' ? await text(request) : null;
      const answer = await fetch(`${double.url}${request.url!}`, { method: request.method!, headers, body });
      const said = await answer.text();
      if (request.url!.includes('checkout') && late-- > 0) return;
      response.writeHead(answer.status, { 'Content-Type': 'application/json' });
      response.end(said);
    };
    const gateway = await gatewayTo((request, response) => void passOn(request, response));
    const payment = order(gateway.name);
    const customer = await gateway.createCustomer({ userId: USER, email: 'ada@example.com', name: 'Ada' }, null);

    const error = await caught(gateway.openCheckout(payment, customer, '1000 credits'));
    expect(error).toBeInstanceOf(PaymentProviderUnavailable);
    expect(error.cause).toBeInstanceOf(Stripe.errors.StripeConnectionError);
    expect(double.bank.sessions.size).toBe(1);

    const { checkoutId } = await gateway.openCheckout(payment, customer, '1000 credits');
    expect([...double.bank.sessions.keys()]).toEqual([checkoutId]);
    const keys = double.asked.filter(({ path }) => path.includes('checkout')).map((one) => one.idempotencyKey);
    expect(keys).toEqual(Array(4).fill(`checkout:${payment.id}:${customer}`));
  });
});

describe('what was touched since', () => {
  it('is asked for one list at a time, so that no refusal comes while nobody waits for it', async () => {
    const asked: string[] = [];
    const gateway = await gatewayTo((request, response) => {
      const [path] = request.url!.split('?');
      asked.push(path!);
      if (path === '/v1/disputes') return refusal(403, 'invalid_request_error')(request, response);
      const data = path === '/v1/refunds' ? [{ id: 're_1', payment_intent: 'pi_1', charge: 'ch_1' }] : [];
      return always(200, { object: 'list', data, has_more: false })(request, response);
    });
    const touched = gateway.checkoutsTouchedSince(new Date(0))[Symbol.asyncIterator]();
    expect((await touched.next()).value).toMatchObject({ paymentIntentId: 'pi_1' });
    // Another round trip: by now whatever else was asked for would have arrived.
    await gateway.createCustomer({ userId: USER, email: 'ada@example.com', name: 'Ada' }, null);
    expect(asked).not.toContain('/v1/disputes');
    expect((await caught(touched.next())).message).toContain('STRIPE_SECRET_KEY');
  });
});
