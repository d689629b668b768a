import { SubscriptionGateway } from '#application/billing/subscription-gateway';
import { PaymentProviderUnavailable } from '#application/payments/payment-gateway';
import { CheckoutClosing } from '#application/billing/checkout-closing';
import { SubscriptionVerification } from '#application/billing/subscription-verification';
import type { Answered, TestUser } from '#test/support/app';
import { BillingWorld } from './billing-world.js';

let world: BillingWorld;
let admin: TestUser;

beforeAll(async () => {
  world = await BillingWorld.start();
  admin = await world.app.user('free', 'admin');
});
afterAll(() => world?.stop());

const deed = (user: TestUser, name: string, body: object): Promise<Answered> =>
  world.asked(
    'POST',
    `/api/v1/admin/users/${user.id}/${name}`,
    { as: admin, body: { reason: 'case 1', ...body } },
    `/api/v1/admin/users/{id}/${name}`,
  );
const findings = async ({ id }: TestUser): Promise<unknown[]> =>
  (await world.app.container.get(SubscriptionVerification).execute(id)).findings.map(({ kind }) => kind);

describe('an operator', () => {
  it('ends the subscription of somebody who is suspended, with its period or at once, and it is written down', async () => {
    const user = await world.subscriber('pro');
    const suspended = await deed(user, 'suspend', {});
    expect([suspended.status, suspended.body.subscription_remark]).toEqual([
      200,
      expect.stringMatching(/runs on, and is charged: end it with "minutebook subscription cancel"/),
    ]);
    const ending = await deed(user, 'subscription/cancel', { when: 'period_end' });
    expect([ending.status, ending.body]).toMatchObject([200, { tier: 'pro', cancel_at_period_end: true }]);
    const ended = await deed(user, 'subscription/cancel', { when: 'now' });
    expect([ended.status, ended.body]).toMatchObject([200, { tier: 'free', status: 'canceled' }]);
    const again = await deed(user, 'subscription/cancel', { when: 'now' });
    expect([again.status, again.body.detail.error]).toEqual([409, 'no_subscription']);
    const written = await world.app.rows(
      `select actor, reason, before ->> 'when' as at from audit_log where user_id = $1 and action = 'subscription.cancel' order by id`,
      [user.id],
    );
    expect(written).toEqual([
      { actor: admin.id, reason: 'case 1', at: 'period_end' },
      { actor: admin.id, reason: 'case 1', at: 'now' },
    ]);
    const nobody = { ...user, id: '0197a000-0000-7000-8000-00000000dead' };
    expect((await deed(nobody as TestUser, 'subscription/cancel', { when: 'now' })).status).toBe(404);
    expect((await deed(user, 'subscription/cancel', { when: 'soon' })).status).toBe(422);
  });

  it('is written down before the provider is asked, and again when it is not told that it was done', async () => {
    const user = await world.subscriber('pro');
    const audited = () =>
      world.app.rows(
        `select action, before, after from audit_log where user_id = $1 and action like 'subscription.%' order by id`,
        [user.id],
      );
    const gateway = world.app.container.get(SubscriptionGateway);
    const cancel = gateway.cancel.bind(gateway);
    let known: unknown[] = [];
    try {
      gateway.cancel = async (...of) => {
        // What another connection sees now is what a crash leaves.
        known = await audited();
        await cancel(...of);
        throw new PaymentProviderUnavailable('sandbox');
      };
      expect((await deed(user, 'subscription/cancel', { when: 'now' })).status).toBe(503);
    } finally {
      gateway.cancel = cancel;
    }
    const intent = {
      action: 'subscription.cancel',
      before: { when: 'now', status: 'active', plan: 'pro', cancel_at_period_end: false },
      after: null,
    };
    expect(known).toEqual([intent]);
    const unsure = {
      action: 'subscription.cancel_not_confirmed',
      before: { when: 'now' },
      after: { error: 'payment_provider_unavailable' },
    };
    expect(await audited()).toEqual([intent, unsure]);
  });

  it('is told that a subscription gives another plan, and which of the two wins', async () => {
    const user = await world.subscriber('pro');
    const given = await deed(user, 'plan', { plan: 'coaching_school' });
    expect(given.body.subscription_remark).toMatch(/gives pro, and is paid for\. The plan coaching_school wins until/);
    expect(await findings(user)).toEqual([]);
    expect((await deed(user, 'plan', { plan: 'pro' })).body.subscription_remark).toBeNull();
    const free = await world.app.user();
    expect((await deed(free, 'plan', { plan: 'pro' })).body.subscription_remark).toBeNull();
  });

  it('who suspends a user closes the open checkout: it cannot be paid from that moment', async () => {
    const user = await world.app.user();
    const { url, session_id: session } = (await world.checkout(user)).body;
    await deed(user, 'suspend', {});
    expect((await world.paid(url)).status).toBe(409);
    expect(await world.app.rows('select 1 from subscriptions where user_id = $1', [user.id])).toEqual([]);
    const jobs = await world.app.rows<{ payload: { userId: string } }>(
      `select payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
        where t.identifier = 'close_checkouts' and payload ->> 'userId' = $1`,
      [user.id],
    );
    expect(jobs).toHaveLength(1);
    for (let times = 0; times < 2; times++) await world.app.container.get(CheckoutClosing).execute(user.id);
    expect(
      await world.app.rows(
        `select (select state from subscription_checkouts where user_id = $1) as ours,
                (select state from sandbox_subscription_checkouts where id = $2) as theirs`,
        [user.id, session],
      ),
    ).toEqual([{ ours: 'expired', theirs: 'expired' }]);
  });
});

describe('the verification of subscriptions', () => {
  it('finds nothing where everything was written by the product', async () => {
    const user = await world.subscriber('pro');
    expect(await findings(user)).toEqual([]);
  });

  it.each([
    ['plan_differs', `update users set plan = 'student' where id = $1`],
    ['anchor_differs', `update users set period_anchor = period_anchor - interval '1 day' where id = $1`],
    ['overpaid_invoice', `update invoices set amount_paid = amount_due + 1 where user_id = $1 and total > 0`],
    [
      'step_ahead',
      `insert into subscription_steps (user_id, external_id, kind, at, facts) values ($1, 'sub', 'renewed', '2099-01-01', '{}')`,
    ],
  ])('names %s', async (kind, harm) => {
    const user = await world.subscriber('pro');
    await world.app.rows(harm, [user.id]);
    expect(await findings(user)).toEqual([kind]);
  });
});

describe('what no id can be', () => {
  it.each([
    ['GET', '/sandbox/subscribe/%00'],
    ['POST', '/sandbox/subscribe/a%00b/pay'],
    ['GET', '/sandbox/portal/%00'],
    ['POST', '/sandbox/portal/a/%00/cancel'],
    ['GET', '/sandbox/invoices/%00'],
    ['GET', '/sandbox/invoices/in_%00_1_00000000000000000000000000000000'],
    ['GET', '/sandbox/invoices/%00.pdf'],
    ['POST', '/sandbox/invoices/%00/pay'],
  ])('%s %s is not found', async (method, path) => {
    expect((await fetch(world.app.url + path, { method })).status).toBe(404);
  });
});

describe('credit of a customer in the sandbox', () => {
  const change = (as: TestUser, plan: string, cycle: string, more: object = {}) =>
    world.post(as, 'subscription/change', { plan_id: plan, billing_cycle: cycle, ...more });
  const invoices = async (as: TestUser): Promise<unknown[]> =>
    (await world.get(as, 'invoices')).body.data.map((one: { total: number; amount_paid: number }) => [
      one.total,
      one.amount_paid,
    ]);

  it('is what is left of a year, is shown before, and pays what comes next, also of another subscription', async () => {
    const user = await world.subscriber('student', 'year');
    const preview = (await world.post(user, 'subscription/preview-change', { plan_id: 'pro', billing_cycle: 'month' }))
      .body;
    const [year] = (await invoices(user))[0] as [number];
    const left = year - 2999;
    expect(preview.money).toMatchObject({ due_now: 0, credit_left: left });
    expect((await change(user, 'pro', 'month', { preview_at: null })).body).toMatchObject({ tier: 'pro' });
    expect((await invoices(user))[0]).toEqual([-left, 0]);
    await world.days(31);
    expect((await invoices(user))[0]).toEqual([2999, 0]);
    expect((await world.post(user, 'subscription/cancel', { when: 'now' })).status).toBe(200);
    await world.paid((await world.checkout(user, 'pro')).body.url);
    expect((await invoices(user))[0]).toEqual([2999, 0]);
    await world.days(31);
    const rest = 3 * 2999 - left;
    expect((await invoices(user))[0]).toEqual([2999, Math.max(0, Math.min(2999, rest))]);
    expect(await findings(user)).toEqual([]);
  });
});
