import type { TestUser } from '#test/support/app';
import { BillingWorld } from './billing-world.js';
import { CustomerYear } from './customer-year.js';

describe('a change of the plan in a trial', () => {
  let world: BillingWorld;
  beforeAll(async () => {
    world = await BillingWorld.start();
  });
  afterAll(() => world?.stop());

  const SCHOOL = { plan_id: 'coaching_school', billing_cycle: 'month' };

  const tried = async (plan = 'student'): Promise<TestUser> => {
    const user = await world.app.user();
    await world.paid((await world.checkout(user, plan)).body.url);
    await world.days(1);
    return user;
  };
  const preview = async (user: TestUser, wish: object) =>
    (await world.post(user, 'subscription/preview-change', wish)).body;
  const invoices = async (user: TestUser): Promise<unknown[]> =>
    (await world.get(user, 'invoices')).body.data.map((one: { total: number; amount_paid: number }) => [
      one.total,
      one.amount_paid,
    ]);

  it('to more ends the trial, and is paid for whole and at once, as the preview says', async () => {
    const user = await tried();
    const shown = await preview(user, SCHOOL);
    const now = world.clock.now();
    const aMonthLater = new Date(now);
    aMonthLater.setUTCMonth(now.getUTCMonth() + 1);
    expect(shown).toMatchObject({
      direction: 'upgrade',
      effective: 'now',
      ends_trial: true,
      at: now.toISOString(),
      money: { due_now: 16_900, credit_left: 0, lines: [{ amount: 16_900, is_proration: false }] },
      next_charge: { amount: 16_900, at: aMonthLater.toISOString() },
    });
    const changed = await world.post(user, 'subscription/change', { ...SCHOOL, preview_at: shown.at }, 'up');
    expect([changed.status, changed.body]).toMatchObject([
      200,
      {
        tier: 'coaching_school',
        status: 'active',
        trial_end: now.toISOString(),
        current_period_start: now.toISOString(),
        current_period_end: aMonthLater.toISOString(),
        next_charge: shown.next_charge,
      },
    ]);
    expect(await invoices(user)).toEqual([
      [16_900, 16_900],
      [0, 0],
    ]);
    // Repeated, and until the day on which the trial was to end: nothing is charged twice.
    await world.post(user, 'subscription/change', { ...SCHOOL, preview_at: shown.at }, 'up');
    await world.post(user, 'subscription/change', SCHOOL, 'up again');
    await world.days(8);
    expect(await invoices(user)).toHaveLength(2);
    await world.until(aMonthLater);
    expect((await invoices(user))[0]).toEqual([16_900, 16_900]);
    expect(await invoices(user)).toHaveLength(3);
  });

  it('to more and to the year begins the year', async () => {
    const user = await tried();
    const wish = { plan_id: 'pro', billing_cycle: 'year' };
    const { money, ends_trial: ends } = await preview(user, wish);
    expect([ends, money.due_now]).toEqual([true, 25_492]);
    const { body } = await world.post(user, 'subscription/change', wish);
    const inAYear = new Date(world.clock.now());
    inAYear.setUTCFullYear(inAYear.getUTCFullYear() + 1);
    expect(body).toMatchObject({ status: 'active', current_period_end: inAYear.toISOString() });
    expect((await invoices(user))[0]).toEqual([25_492, 25_492]);
  });

  it('that is not paid for leaves the trial as it is', async () => {
    const user = await tried();
    await world.deed(user, 'use-declining-card');
    const before = await world.current(user);
    const refused = await world.post(user, 'subscription/change', SCHOOL);
    expect([refused.status, refused.body.detail.error]).toEqual([402, 'payment_failed']);
    expect(await world.current(user)).toEqual(before);
    expect(await invoices(user)).toEqual([[0, 0]]);
  });

  it.each([
    ['to less', { plan_id: 'student', billing_cycle: 'month' }],
    ['to another cycle', { plan_id: 'pro', billing_cycle: 'year' }],
  ])('%s keeps the trial, and costs nothing before its end', async (_, wish) => {
    const user = await tried('pro');
    const { trial_end: end } = await world.current(user);
    const shown = await preview(user, wish);
    expect([shown.ends_trial, shown.money?.due_now ?? 0, shown.next_charge.at]).toEqual([false, 0, end]);
    await world.post(user, 'subscription/change', wish);
    expect(await world.current(user)).toMatchObject({ tier: 'pro', status: 'trialing', trial_end: end });
    await world.until(new Date(end));
    expect(await world.current(user)).toMatchObject({ tier: wish.plan_id, status: 'active' });
    expect((await invoices(user))[0]).toEqual([shown.next_charge.amount, shown.next_charge.amount]);
  });
});

describe('the credit that is included', () => {
  let year: CustomerYear;
  beforeEach(async () => {
    year = await CustomerYear.begin();
  });
  afterEach(() => year.end());

  const paid = () => year.value('select sum(amount_paid)::int from invoices');

  it('in the dearest plan is nobody’s who pays nothing', async () => {
    await year.subscribe('student');
    await year.act('use-declining-card');
    await expect(year.change('coaching_school')).rejects.toMatchObject({ code: 'payment_failed' });
    expect([await year.grant(), await year.ledger(), await paid()]).toEqual([0, [], 0]);
    await year.act('use-good-card');
    await year.change('coaching_school');
    expect([await paid(), await year.value('select status from subscriptions')]).toEqual([16_900, 'active']);
    expect([await year.grant(), await year.grant()]).toEqual([1, 0]);
    expect(await year.ledger()).toEqual([['bonus', 20_000_000]]);
  });

  it('of the trial ends with it, and the month that is paid for brings its own at once', async () => {
    await year.subscribe('pro');
    expect(await year.grant()).toBe(1);
    year.clock.set('2026-02-03T10:00:00Z');
    await year.change('coaching_school');
    expect([await year.grant(), await year.grant()]).toEqual([1, 0]);
    expect(await year.ledger()).toEqual([
      ['bonus', 5_000_000],
      ['expiry', -5_000_000],
      ['bonus', 20_000_000],
    ]);
    const steps = await year.app.rows<{ kind: string }>('select kind from subscription_steps order by id');
    expect(steps.map(({ kind }) => kind)).toEqual(['trial_started', 'trial_ended', 'plan_changed']);
  });

  it.each([
    ['pro', [['bonus', 5_000_000]]],
    ['student', []],
  ])('while a trial of %s runs is no more than that, whatever it became at the provider', async (plan, entries) => {
    await year.subscribe(plan);
    await year.app.rows(
      `update sandbox_subscriptions set state = jsonb_set(state, '{price}',
         '{"id": "price_sandbox_coaching_school_month", "name": "School", "cycle": "month", "amountMinor": 16900, "currency": "usd"}')`,
    );
    await year.act('use-good-card');
    expect(await year.value('select plan from users')).toBe('coaching_school');
    await year.grant();
    expect(await year.ledger()).toEqual(entries);
  });
});
