import { PaymentEventHandling } from '#application/payments/payment-event-handling';
import { SandboxDesk } from '#application/payments/sandbox-desk';
import { PaymentEventIntake } from '#application/payments/payment-event-intake';
import { type Answered, TestApp, type TestUser } from '#test/support/app';
import { WrittenPaymentGateway } from '#test/support/fakes/written-payment-gateway';
import { openApiCheck } from '#test/support/openapi-check';

const CREDITS = 1000;

let app: TestApp;
let check: ReturnType<typeof openApiCheck>;

beforeAll(async () => {
  // A connection for each: what is under test is the fulfilment, not the queue for connections.
  app = await TestApp.start({ poolSize: 40 });
  check = openApiCheck((await app.call('GET', '/openapi.json')).body as object);
});
afterAll(() => app?.stop());

async function asked(
  method: string,
  path: string,
  { pattern = path, ...given }: Parameters<TestApp['call']>[2] & { readonly pattern?: string },
): Promise<Answered> {
  const answer = await app.call(method, path, given);
  check.expectDocumented(method, pattern.split('?')[0]!, answer.status, answer.body);
  return answer;
}

const checkout = (as: TestUser, body: object = { package_id: 'starter' }, headers: Record<string, string> = {}) =>
  asked('POST', '/api/v1/payments/checkout', { as, body, headers });
const seen = (as: TestUser, id: string) =>
  asked('GET', `/api/v1/payments/${id}`, { as, pattern: '/api/v1/payments/:id' });
const refreshed = (as: TestUser, id: string) =>
  asked('POST', `/api/v1/payments/${id}/refresh`, { as, pattern: '/api/v1/payments/:id/refresh' });
/** The sandbox's pages have another host in their addresses than the test's server. */
const page = (url: string, init: RequestInit = {}) =>
  fetch(app.url + new URL(url).pathname, { redirect: 'manual', ...init });
const entriesOf = (user: TestUser) =>
  app.rows<{ type: string; amount_micros: string; key: string }>(
    'select type, amount_micros, key from credit_transactions where user_id = $1 order by sequence',
    [user.id],
  );

async function applied(): Promise<void> {
  const waiting = await app.rows<{ id: string }>(`select id from payment_events where status = 'received'`);
  for (const { id } of waiting) await app.container.get(PaymentEventHandling).execute(id);
}

describe('a purchase of credit', () => {
  it('begins with an address to pay at, which says that it is a sandbox', async () => {
    const user = await app.user();
    const { status, body } = await checkout(user);
    expect(status).toBe(201);
    expect(body).toMatchObject({ amount: 1000, currency: 'usd', credits: CREDITS, provider: 'sandbox' });
    const shown = await page(body.url);
    expect(shown.headers.get('Content-Security-Policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri/,
    );
    expect(await shown.text()).toContain('No money moves here');
    expect((await seen(user, body.payment_id)).body).toMatchObject({
      status: 'pending',
      url: body.url,
      completed_at: null,
    });
  });

  it('ends with the credit on the account, once, for many who find out at the same time', async () => {
    const user = await app.user();
    const { body } = await checkout(user);
    const notice = await app.container.get(SandboxDesk).act(body.session_id, 'pay');
    await app.container.get(PaymentEventIntake).execute(notice);
    const all = await Promise.all(
      Array.from({ length: 24 }, (_, one) =>
        one % 2 ? refreshed(user, body.payment_id) : app.container.get(PaymentEventHandling).execute(notice.id),
      ),
    );
    const statuses = all.filter((answer) => answer !== undefined).map((answer) => answer.body.status as string);
    expect(new Set(statuses)).toEqual(new Set(['completed']));
    expect(await entriesOf(user)).toEqual([
      { type: 'purchase', amount_micros: '10000000', key: `payment:${body.payment_id}` },
    ]);
    expect((await asked('GET', '/user/balance', { as: user })).body).toMatchObject({
      credits: CREDITS,
      available: CREDITS,
    });
  });

  it('follows what is done on the page: paid, disputed, won', async () => {
    const user = await app.user();
    const { body } = await checkout(user, { amount: 500, success_url: 'https://app.example.com/thanks' });
    const paid = await page(`${body.url}/pay`, { method: 'POST' });
    expect([paid.status, paid.headers.get('Location')]).toEqual([303, 'https://app.example.com/thanks']);
    await applied();
    expect((await seen(user, body.payment_id)).body).toMatchObject({ status: 'completed', url: null });
    expect((await page(`${body.url}/pay`, { method: 'POST' })).status).toBe(409);
    for (const [deed, status] of [
      ['dispute', 'disputed'],
      ['win-dispute', 'completed'],
    ] as const) {
      expect((await page(`${body.url}/${deed}`, { method: 'POST' })).status).toBe(303);
      await applied();
      expect((await seen(user, body.payment_id)).body.status).toBe(status);
    }
    expect((await entriesOf(user)).map(({ type, amount_micros }) => [type, amount_micros])).toEqual([
      ['purchase', '5000000'],
      ['chargeback', '-5000000'],
      ['reversal', '5000000'],
    ]);
  });

  it('is the same one for the same Idempotency-Key, and refused for another wish', async () => {
    const user = await app.user();
    const headers = { 'Idempotency-Key': 'one' };
    const [first, again] = [await checkout(user, undefined, headers), await checkout(user, undefined, headers)];
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('Idempotent-Replayed')).toBe('true');
    expect((await checkout(user, { package_id: 'professional' }, headers)).body.detail.error).toBe(
      'idempotency_key_reused',
    );
    expect((await asked('GET', '/api/v1/payments', { as: user })).body.total).toBe(1);
  });

  it.each(['credits', 'credit_value', 'credit_micros', 'metadata', 'user_id', 'status', 'price'])(
    'never takes "%s" from the buyer',
    async (field) => {
      const user = await app.user();
      const { status, body } = await checkout(user, { package_id: 'starter', [field]: 1_000_000 });
      expect([status, body.detail.errors[0].field]).toEqual([422, field]);
      expect((await asked('GET', '/api/v1/payments', { as: user })).body.total).toBe(0);
    },
  );

  it.each([
    ['nothing', {}],
    ['both a package and an amount', { package_id: 'starter', amount: 1000 }],
    ['an amount of a text', { amount: '1000' }],
    ['an amount of nothing', { amount: 0 }],
    ['an amount below the minimum', { amount: 499 }],
    ['a currency that is not sold', { package_id: 'starter', currency: 'eur' }],
    ['an address elsewhere', { package_id: 'starter', success_url: 'https://evil.example.com/' }],
  ])('that names %s is refused', async (_, body) => {
    expect((await checkout(await app.user(), body)).status).toBe(422);
  });

  it('of somebody else answers like one that is missing', async () => {
    const [owner, other] = [await app.user(), await app.user()];
    const { body } = await checkout(owner);
    for (const ask of [seen, refreshed]) {
      const [foreign, missing] = [await ask(other, body.payment_id), await ask(other, crypto.randomUUID())];
      expect([foreign.status, foreign.body.detail.error]).toEqual([404, missing.body.detail.error]);
    }
    expect((await asked('GET', '/api/v1/payments', { as: other })).body).toEqual({
      data: [],
      total: 0,
      has_more: false,
    });
  });

  it('keeps its price, its credit and its owner in the database, whoever asks', async () => {
    const user = await app.user();
    const { body } = await checkout(user);
    for (const change of [
      'amount_minor = 1',
      'credit_micros = 1',
      `currency = 'eur'`,
      `user_id = '${(await app.user()).id}'`,
    ]) {
      await expect(app.rows(`update payments set ${change} where id = $1`, [body.payment_id])).rejects.toThrow(
        /refused/,
      );
    }
    await expect(app.rows('delete from payments where id = $1', [body.payment_id])).rejects.toThrow(/append-only/);
  });
});

describe('the pages of the sandbox', () => {
  it('know nothing of a checkout that does not exist, nor of a deed', async () => {
    expect((await page('http://x/sandbox/checkout/cs_sandbox_none')).status).toBe(404);
    const { body } = await checkout(await app.user());
    expect((await page(`${body.url}/steal`, { method: 'POST' })).status).toBe(404);
  });

  it('are not there when payments are real', async () => {
    const { body } = await checkout(await app.user());
    const real = await TestApp.start({ gateway: new WrittenPaymentGateway({ isRunning: false }) });
    try {
      const { pathname } = new URL(body.url);
      expect((await fetch(`${real.url}${pathname}`)).status).toBe(404);
      expect((await fetch(`${real.url}${pathname}/pay`, { method: 'POST' })).status).toBe(404);
    } finally {
      await real.stop();
    }
  });
});
