import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { GatewayCheckout, PaymentReference } from '#application/payments/payment-gateway';
import { Transaction } from '#application/ports/transaction';
import { compose } from '#composition/container';
import { Payment } from '#domain/payments/payment';
import type { PaymentNotice } from '#domain/payments/payment-event';
import { PaymentRepository } from '#domain/payments/payment-repository';
import { StripeSettings } from '#infrastructure/payments/stripe-settings';
import { StripeWebhook } from '#infrastructure/payments/stripe-webhook';
import { dataSource } from '#infrastructure/persistence/data-source';
import { HttpApp } from '#interfaces/http/app';
import { serverOf } from '#interfaces/http/server';
import { type Answered, TestApp, type TestUser } from '#test/support/app';
import { GATEWAY, WrittenPaymentGateway } from '#test/support/fakes/written-payment-gateway';
import { BreakableDatabase } from '../breakable-database.js';
import { Stage } from '../stage.js';

const WEBHOOK = '/webhooks/stripe';
const SECRETS = ['whsec_of_now', 'whsec_of_tomorrow'];
const MINUTE = 60;
const HOUR = 3600;

/** A provider in memory; what its events are about stands where Stripe has it. */
class Provider extends WrittenPaymentGateway {
  override referenceIn({ payload }: PaymentNotice): PaymentReference | null {
    const { data } = payload as { data: { object: { object: string; id: string } } };
    return data.object.object === 'checkout.session'
      ? { checkoutId: data.object.id, paymentIntentId: null, chargeId: null }
      : null;
  }
}

interface Signing {
  readonly secret?: string;
  /** Seconds from now. */
  readonly offset?: number;
  readonly scheme?: string;
}

/** As https://docs.stripe.com/webhooks#verify-manually describes it. */
function signed(body: string, { secret = SECRETS[0]!, offset = 0, scheme = 'v1' }: Signing = {}): string {
  const at = Math.floor(Date.now() / 1000) + offset;
  return `t=${at},${scheme}=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`;
}

let made = 0;

function anEvent(checkoutId: string, type = 'checkout.session.completed', filling = ''): { id: string; body: string } {
  const id = `evt_${++made}`;
  const object = { id: checkoutId, object: 'checkout.session', filling };
  const created = Math.floor(Date.now() / 1000);
  const event = { id, object: 'event', type, api_version: '2026-10-28.endive', created, livemode: false };
  return { id, body: JSON.stringify({ ...event, data: { object } }) };
}

describe('the webhook', () => {
  let app: TestApp;
  let stage: Stage;
  let admin: TestUser;
  const provider = new Provider({ isRunning: false });
  const webhook = new StripeWebhook(new StripeSettings('sk_test_1', SECRETS, null));
  beforeAll(async () => {
    app = await TestApp.start({ gateway: provider, webhook });
    stage = new Stage(app);
    admin = await app.user('pro', 'admin');
  });
  afterAll(() => app?.stop());

  /** The bytes as they are, under this signature. */
  async function post(
    body: string,
    header: string | null = signed(body),
    { to = app.url, headers = {} }: { to?: string; headers?: Readonly<Record<string, string>> } = {},
  ): Promise<Answered> {
    const response = await fetch(to + WEBHOOK, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(header !== null && { 'Stripe-Signature': header }),
        ...headers,
      },
      body,
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  async function kept(id: string): Promise<Record<string, unknown> | undefined> {
    const [row] = await app.rows(`select status, failures, last_error, payment_id from payment_events where id = $1`, [
      id,
    ]);
    return row;
  }

  const countEvents = async (): Promise<unknown> =>
    (await app.rows('select count(*)::int as n from payment_events'))[0]!['n'];

  /** A purchase whose buyer has paid 10 US dollars, of which nobody told us yet. */
  async function paid(name: string): Promise<{ user: TestUser; payment: Payment; checkout: GatewayCheckout }> {
    const user = await app.user();
    const id = crypto.randomUUID() as Payment['id'];
    const [successUrl, cancelUrl] = ['https://app.example.com/yes', 'https://app.example.com/no'];
    const order = { id, userId: user.id, gateway: GATEWAY, requestKey: name, packageId: null, amountMinor: 1000 };
    const now = new Date();
    const payment = Payment.ordered(
      { ...order, currency: 'usd', creditMicros: 10_000_000n, successUrl, cancelUrl },
      now,
    );
    const opened = { checkoutId: `cs_${name}`, url: `https://pay.example.com/${name}`, expiresAt: payment.expiresAt };
    const payments = app.container.get(PaymentRepository);
    await app.container.get(Transaction).run(async () => {
      await payments.addOnce(payment);
      await payments.save((await payments.hold(id)).opened(opened, now));
    });
    const checkout: GatewayCheckout = {
      ...opened,
      paymentId: id,
      userId: user.id,
      state: 'paid',
      amountMinor: 1000,
      currency: 'usd',
      paymentIntentId: `pi_${name}`,
      failure: null,
      corrections: [],
    };
    provider.checkouts.set(checkout.checkoutId, checkout);
    return { user, payment, checkout };
  }

  const entries = (user: TestUser) =>
    app.rows(`select type, amount_micros::int as amount, key from credit_transactions where user_id = $1`, [user.id]);

  /** Jobs that failed wait with growing pauses; here they are due at once. */
  async function deliverAgain(): Promise<number> {
    await app.rows(`update graphile_worker._private_jobs set run_at = now()`);
    return stage.work();
  }

  describe('refuses with 400, and keeps nothing of,', () => {
    const { body } = anEvent('cs_forged');
    const other = body.replace('cs_forged', 'cs_forgex');
    it.each<[string, string, string | null]>([
      ['a message without a signature', body, null],
      ['an empty signature', body, ''],
      ['a signature that is none', body, 'nonsense'],
      ['a signature by another secret', body, signed(body, { secret: 'whsec_of_somebody' })],
      ['a body in which one byte was changed', other, signed(body)],
      ['a body with white space after it', `${body}\n`, signed(body)],
      ['a body that is cut short', body.slice(0, -1), signed(body)],
      ['an empty body', '', signed(body)],
      ['a signature of the scheme v0 alone', body, signed(body, { scheme: 'v0' })],
      ['a signature without its instant', body, signed(body).replace(/^t=\d+,/, '')],
      ['an instant that was exchanged', body, signed(body).replace(/^t=\d+/, `t=${Math.floor(Date.now() / 1000) + 1}`)],
      ['a message that was sent ten minutes ago', body, signed(body, { offset: -10 * MINUTE })],
      ['a message from an hour ahead', body, signed(body, { offset: HOUR })],
      ['something signed that is no event', '{"a":1}', signed('{"a":1}')],
      ['something signed that is no JSON', 'a=1', signed('a=1')],
    ])('%s', async (_, sent, header) => {
      const before = await countEvents();
      const { status, body: answer } = await post(sent, header);
      expect([status, answer.detail.error]).toEqual([400, 'webhook_refused']);
      expect(await countEvents()).toBe(before);
    });
  });

  it('says the same to whoever is refused, and the reason to the log alone', async () => {
    const { body } = anEvent('cs_forged');
    const said = new Set<string>();
    for (const header of [null, 'nonsense', signed(body, { secret: 'whsec_x' }), signed(body, { offset: -HOUR })]) {
      const { body: answer } = await post(body, header);
      said.add(answer.detail.message as string);
    }
    expect([...said]).toEqual(['The signature of this message is not valid.']);
    const reasons = app.log.lines.filter(({ message }) => message === 'a webhook was refused');
    expect(reasons.at(-1)).toMatchObject({ level: 'warn', fields: { reason: expect.any(String) } });
    expect(JSON.stringify(app.log.lines)).not.toContain(SECRETS[0]);
  });

  it('keeps what is signed, answers, and has a worker give the credit', async () => {
    const { user, payment } = await paid('bought');
    const { id, body } = anEvent('cs_bought');
    expect(await post(body)).toMatchObject({ status: 200, body: { received: true, duplicate: false } });
    expect([await kept(id), await entries(user)]).toMatchObject([{ status: 'received' }, []]);
    expect(await stage.work()).toBe(0);
    expect(await kept(id)).toMatchObject({ status: 'applied', payment_id: payment.id });
    expect(await entries(user)).toEqual([{ type: 'purchase', amount: 10_000_000, key: `payment:${payment.id}` }]);
  });

  it('takes any of the secrets while they are rotated, and any type of content', async () => {
    const { id, body } = anEvent('cs_nobody');
    const header = signed(body, { secret: SECRETS[1]! });
    expect((await post(body, header, { headers: { 'Content-Type': 'text/plain; charset=utf-16' } })).status).toBe(200);
    expect(await kept(id)).toMatchObject({ status: 'received' });
  });

  it('keeps a redelivery once, however many arrive at once, and gives the credit once', async () => {
    const { user } = await paid('twice');
    const { id, body } = anEvent('cs_twice');
    const answers = await Promise.all(Array.from({ length: 16 }, () => post(body)));
    expect(answers.map(({ status }) => status)).toEqual(Array(16).fill(200));
    expect(answers.filter(({ body: answer }) => !answer.duplicate)).toHaveLength(1);
    await stage.work();
    expect(await post(body)).toMatchObject({ status: 200, body: { received: true, duplicate: true } });
    await Promise.all([1, 2, 3].map(() => stage.deliver('apply_payment_event', { eventId: id })));
    await stage.work();
    expect(await entries(user)).toHaveLength(1);
  });

  it('gives the credit once for two events of one purchase that are applied at the same time', async () => {
    const { user } = await paid('both');
    const both = [anEvent('cs_both'), anEvent('cs_both', 'checkout.session.async_payment_succeeded')];
    for (const { body } of both) await post(body);
    await Promise.all(both.map(({ id }) => stage.deliver('apply_payment_event', { eventId: id })));
    expect(await entries(user)).toHaveLength(1);
    for (const { id } of both) expect(await kept(id)).toMatchObject({ status: 'applied' });
  });

  it('takes a megabyte and no byte more', async () => {
    const { body: small } = anEvent('cs_large');
    const room = 1024 * 1024 - Buffer.byteLength(small);
    const { id, body } = anEvent(
      'cs_large',
      undefined,
      'x'.repeat(room - String(made + 1).length + String(made).length),
    );
    expect(Buffer.byteLength(body)).toBe(1024 * 1024);
    expect((await post(body)).status).toBe(200);
    expect(await kept(id)).toBeDefined();
    const before = await countEvents();
    const refused = await post(`${body} `);
    expect([refused.status, refused.body.detail.error]).toEqual([413, 'body_too_large']);
    expect(await countEvents()).toBe(before);
  });

  it('is for POST alone', async () => {
    const { status, headers } = await app.call('GET', WEBHOOK);
    expect([status, headers.get('Allow')]).toEqual([405, 'POST']);
  });

  it('answers 503 while the database is away, so that the event is sent again, and keeps it then', async () => {
    const breakable = await BreakableDatabase.before(app.databaseUrl);
    const database = await dataSource({ url: breakable.url, poolSize: 2 }).initialize();
    const server = serverOf(
      compose({ ...app.foundation, database })
        .get(HttpApp)
        .build(),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const to = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const { id, body } = anEvent('cs_nobody');
      await breakable.breakDown();
      const { status, headers, body: answer } = await post(body, undefined, { to });
      expect([status, headers.get('Retry-After'), answer.detail.error]).toEqual([503, '1', 'database_unavailable']);
      await breakable.repair();
      expect(await kept(id)).toBeUndefined();
      expect(await post(body, undefined, { to })).toMatchObject({ status: 200, body: { duplicate: false } });
      expect(await kept(id)).toBeDefined();
    } finally {
      server.close();
      server.closeAllConnections();
      await database.destroy();
      await breakable.close();
    }
  });

  it('gives a poisonous event up after eight failures, while others proceed; an operator sees it and has it replayed', async () => {
    const { user, checkout } = await paid('poison');
    const fine = await paid('fine');
    provider.checkouts.delete('cs_poison');
    const [poison, good] = [anEvent('cs_poison'), anEvent('cs_fine')];
    await stage.work();
    await post(poison.body);
    await post(good.body);
    expect(await stage.work()).toBe(1);
    expect(await entries(fine.user)).toHaveLength(1);
    for (let failures = 2; failures < 8; failures++) {
      expect(await deliverAgain()).toBe(1);
      expect(await kept(poison.id)).toMatchObject({ status: 'received', failures });
    }
    expect(await deliverAgain()).toBe(0);
    expect(await kept(poison.id)).toMatchObject({
      status: 'dead',
      failures: 8,
      last_error: expect.stringContaining('cs_poison'),
    });
    expect(await app.rows('select 1 from graphile_worker._private_jobs')).toEqual([]);

    const events = '/api/v1/admin/webhooks/events';
    const { body: list } = await app.call('GET', `${events}?status=dead`, { as: admin });
    expect(list).toMatchObject({ total: 1, has_more: false, data: [{ id: poison.id, status: 'dead', failures: 8 }] });
    expect(list.data[0]).not.toHaveProperty('payload');
    const { body: shown } = await app.call('GET', `${events}/${poison.id}`, { as: admin });
    expect(shown.payload).toEqual(JSON.parse(poison.body));

    provider.checkouts.set('cs_poison', checkout);
    const replay = `${events}/${poison.id}/replay`;
    expect((await app.call('POST', replay, { as: admin, body: {} })).status).toBe(422);
    const replayed = await app.call('POST', replay, { as: admin, body: { reason: 'the checkout is back' } });
    expect(replayed).toMatchObject({ status: 202, body: { id: poison.id, status: 'received', failures: 0 } });
    expect(await stage.work()).toBe(0);
    expect(await kept(poison.id)).toMatchObject({ status: 'applied', failures: 0 });
    expect(await entries(user)).toHaveLength(1);
    expect(
      await app.rows(`select actor, reason from audit_log where action = 'payment_event.replay' order by created_at`),
    ).toEqual([{ actor: admin.id, reason: 'the checkout is back' }]);
  });

  it('answers an operator about an unknown event that there is none, however it is written', async () => {
    for (const id of ['evt_0', '%00', 'evt%20', 'x'.repeat(256)]) {
      const { status, body } = await app.call('GET', `/api/v1/admin/webhooks/events/${id}`, { as: admin });
      expect([id, status, body.detail.error]).toEqual([id, 404, 'payment_event_not_found']);
    }
  });

  it('is open to operators alone, as far as its events are shown', async () => {
    const answers = await app.call('GET', '/api/v1/admin/webhooks/events', { as: await app.user() });
    expect(answers.status).toBe(403);
  });
});
