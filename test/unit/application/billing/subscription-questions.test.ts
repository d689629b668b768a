import { GetChangePreview, type PlanChangePreview } from '#application/billing/get-change-preview';
import { GetLimitChanges, type LimitChange } from '#application/billing/get-limit-changes';
import { ListInvoices } from '#application/billing/list-invoices';
import { PortalOpening, type PortalRequest } from '#application/billing/portal-opening';
import type { DeviceRepository } from '#domain/accounts/device';
import type { User } from '#domain/accounts/user';
import type { SubscriptionSnapshot } from '#domain/billing/subscription';
import { BillingWorld } from '#test/support/billing-world';
import { anInvoice } from '#test/support/builders/subscriptions';
import { ScriptedUsageReport } from '#test/support/fakes/scripted-usage-report';
import { refusalOf } from '#test/support/refusals';

const PERIOD_END = new Date('2026-04-20T12:00:00.000Z');
const NOTHING = {
  tier: 'free',
  status: 'inactive',
  cycle: null,
  periodStart: null,
  periodEnd: null,
  amountMinor: 0,
  currency: null,
  cancelAtPeriodEnd: false,
  trialEnd: null,
  graceEndsAt: null,
  card: null,
  pending: null,
  nextCharge: null,
};

let world: BillingWorld;
let report: ScriptedUsageReport;
beforeEach(() => {
  world = new BillingWorld();
  report = new ScriptedUsageReport();
});

describe('the subscription of a user', () => {
  const get = (user: User): ReturnType<BillingWorld['getSubscription']['execute']> =>
    world.getSubscription.execute(user.id);

  it('is free and inactive for who never subscribed', async () => {
    expect(await get(await world.user())).toEqual(NOTHING);
  });

  it('is told as it stands', async () => {
    const scheduled = { priceId: 'student_year', at: PERIOD_END };
    expect(await get(await world.subscriber({ scheduled }))).toEqual({
      tier: 'pro',
      status: 'active',
      cycle: 'month',
      periodStart: world.clock.now(),
      periodEnd: PERIOD_END,
      amountMinor: 2999,
      currency: 'usd',
      cancelAtPeriodEnd: false,
      trialEnd: null,
      graceEndsAt: null,
      card: { brand: 'visa', last4: '4242' },
      pending: { plan: 'student', cycle: 'year', at: PERIOD_END },
      nextCharge: { amountMinor: 9990, currency: 'usd', at: PERIOD_END },
    });
  });

  it('is past due in grace with its plan, and after grace without', async () => {
    const user = await world.subscriber({ status: 'past_due', unpaidSince: world.clock.now() });
    const graceEndsAt = new Date('2026-03-27T12:00:00.000Z');
    expect(await get(user)).toMatchObject({ tier: 'pro', status: 'past_due', graceEndsAt });
    await world.transaction.run(async () => {
      const [held] = await world.subscriptions.holdOf(user.id);
      await world.subscriptions.save(held!.graceEndedAt(graceEndsAt));
    });
    expect(await get(user)).toMatchObject({ tier: 'free', status: 'past_due', graceEndsAt });
  });

  it.each<[string, Partial<SubscriptionSnapshot> & { priceId?: string }, object]>([
    [
      'in trial',
      { status: 'trialing', trialEnd: PERIOD_END },
      { tier: 'pro', status: 'trialing', trialEnd: PERIOD_END },
    ],
    ['that is not paid at all', { status: 'unpaid' }, { tier: 'pro', status: 'past_due' }],
    ['paused', { status: 'paused' }, { tier: 'free', status: 'paused' }],
    ['that waits for its first payment', { status: 'incomplete' }, { tier: 'free', status: 'incomplete' }],
    ['with a price of no plan', { priceId: 'price_of_a_mug' }, { tier: 'free', status: 'review', cycle: null }],
    ['that is to end', { cancelAtPeriodEnd: true }, { tier: 'pro', status: 'active', cancelAtPeriodEnd: true }],
    ['that has ended', { status: 'canceled', endedAt: PERIOD_END }, { ...NOTHING, status: 'canceled' }],
    ['that was never paid', { status: 'incomplete_expired', endedAt: PERIOD_END }, NOTHING],
  ])('%s is told so', async (_, of, expected) => {
    expect(await get(await world.subscriber(of))).toMatchObject(expected);
  });

  it('is the one that runs, whatever ended before or is in review', async () => {
    const user = await world.subscriber({ startedAt: new Date('2026-03-01T00:00:00Z') });
    world.gateway.put(world.snapshot(user, { externalId: 'sub_2', priceId: 'student_month' }));
    world.gateway.put(world.snapshot(user, { externalId: 'sub_3', status: 'canceled', endedAt: world.clock.now() }));
    await world.synchronise(user);
    expect(await get(user)).toMatchObject({ tier: 'pro', status: 'active' });
  });
});

describe('a preview of a change', () => {
  let devices: number;
  beforeEach(() => {
    devices = 2;
  });

  const preview = (user: User, planId: string, cycle = 'month'): Promise<PlanChangePreview> => {
    const repository = { countActive: async () => devices } as unknown as DeviceRepository;
    const limits = new GetLimitChanges(world.users, repository, world.plans, world.holds, report, world.clock);
    const { refresh, prices, gateway, plans, clock } = world;
    return new GetChangePreview(refresh, prices, gateway, limits, plans, clock).execute(user.id, planId, cycle);
  };
  const limit = ({ limits }: PlanChangePreview, name: LimitChange['name']): LimitChange =>
    limits.find((one) => one.name === name)!;

  it('to a larger plan tells what it costs at this second, and changes nothing', async () => {
    const user = await world.subscriber({ priceId: 'student_month' });
    world.clock.set('2026-03-22T12:00:00.500Z');
    const at = new Date('2026-03-22T12:00:00.000Z');
    expect(await preview(user, 'pro')).toMatchObject({
      from: { plan: 'student', cycle: 'month' },
      to: { plan: 'pro', cycle: 'month' },
      direction: 'upgrade',
      effective: 'now',
      at,
      money: { dueNow: 1234, currency: 'usd', at },
    });
    expect(world.gateway.previews).toEqual([{ priceId: 'pro_month', at }]);
    expect([world.gateway.deeds, await world.planOf(user)]).toEqual([[], 'student']);
  });

  it.each([
    ['to a smaller plan', 'student', 'month', 'downgrade'],
    ['to the free plan', 'free', 'month', 'downgrade'],
  ])('%s happens at the end of the period, and costs nothing', async (_, plan, cycle, direction) => {
    const user = await world.subscriber();
    const effective = 'period_end';
    expect(await preview(user, plan, cycle)).toMatchObject({ direction, effective, at: PERIOD_END, money: null });
    expect(world.gateway.previews).toEqual([]);
  });

  it('to another cycle is at once towards the year, and at the end of it back', async () => {
    const monthly = await world.subscriber();
    expect(await preview(monthly, 'pro', 'year')).toMatchObject({ direction: 'cycle_change', effective: 'now' });
    const yearly = await world.subscriber({ externalId: 'sub_2', priceId: 'pro_year' });
    expect(await preview(yearly, 'pro')).toMatchObject({ direction: 'cycle_change', effective: 'period_end' });
  });

  it('tells of each limit what becomes of it, and whether what is used now still fits', async () => {
    const user = await world.subscriber();
    await world.countSessions(user, 51);
    await world.hold(user, 499 * 60 + 1);
    report.totals.set('2026-03-20T12:00:00.000Z', { largestFileBytes: 100 * 1024 * 1024 + 1 });
    const found = await preview(user, 'student');
    expect(found.limits).toEqual([
      { name: 'sessions', from: 'unlimited', to: 50, used: 52, fits: false },
      { name: 'minutes', from: 3000, to: 500, used: 500, fits: true },
      { name: 'transcriptions', from: 'unlimited', to: 100, used: 1, fits: true },
      { name: 'concurrent_transcriptions', from: 3, to: 2, used: 1, fits: true },
      { name: 'file_size_mb', from: 200, to: 100, used: 100.01, fits: false },
      { name: 'devices', from: 10, to: 3, used: 2, fits: true },
      { name: 'retention_days', from: 365, to: 180, used: null, fits: false },
      {
        name: 'export_formats',
        from: ['json', 'txt', 'vtt', 'srt', 'docx', 'xlsx'],
        to: ['json', 'txt', 'vtt', 'srt'],
        used: null,
        fits: false,
      },
    ]);
    await world.hold(user, 60);
    devices = 4;
    const later = await preview(user, 'student');
    expect([limit(later, 'minutes'), limit(later, 'devices')]).toMatchObject([
      { used: 501, fits: false },
      { used: 4, fits: false },
    ]);
    expect((await preview(user, 'coaching_school')).limits.every(({ fits }) => fits)).toBe(true);
  });

  it.each<[string, Partial<SubscriptionSnapshot> & { priceId?: string }, string, string]>([
    ['to what one has', {}, 'pro', 'nothing_to_change'],
    ['to no plan', {}, 'golden', 'unknown_plan'],
    ['while a payment is due', { status: 'past_due' }, 'student', 'payment_due'],
    ['while the subscription is to end', { cancelAtPeriodEnd: true }, 'student', 'cancellation_scheduled'],
    ['while an operator must look', { priceId: 'price_of_a_mug' }, 'student', 'subscription_in_review'],
    ['after it ended', { status: 'canceled', endedAt: PERIOD_END }, 'student', 'no_subscription'],
  ])('%s is refused', async (_, of, plan, code) => {
    const user = await world.subscriber(of);
    expect((await refusalOf(preview(user, plan))).code).toBe(code);
  });
});

describe('the portal', () => {
  const open = (user: User, of: Partial<PortalRequest> = {}): Promise<{ readonly url: string }> => {
    const portal = new PortalOpening(world.subscriptions, world.gateway, world.settings);
    return portal.execute({ userId: user.id, flow: null, returnUrl: null, ...of });
  };

  it.each(['active', 'trialing', 'past_due', 'unpaid', 'paused', 'incomplete'] as const)(
    'is open to who has a subscription that is %s',
    async (status) => {
      const user = await world.subscriber({ status });
      expect(await open(user, { flow: 'payment_method' })).toEqual({
        url: `https://portal.example.com/cus_${user.id}`,
      });
    },
  );

  it('is open after the subscription ended, for its invoices, and in review', async () => {
    await open(await world.subscriber({ status: 'canceled', endedAt: PERIOD_END }));
    await open(await world.subscriber({ externalId: 'sub_2', priceId: 'price_of_a_mug' }));
    const returnUrl = 'https://api.example.com/billing';
    expect(world.gateway.portals).toEqual([
      { flow: null, externalId: null, returnUrl },
      { flow: null, externalId: 'sub_2', returnUrl },
    ]);
  });

  it('leads to the cancellation of what runs, and to the whole of it where it ends already', async () => {
    const user = await world.subscriber();
    await open(user, { flow: 'cancel', returnUrl: 'https://app.example.com/account' });
    world.gateway.change('sub_1', { cancelAtPeriodEnd: true });
    await world.synchronise(user);
    await open(user, { flow: 'cancel' });
    expect(world.gateway.portals).toMatchObject([
      { flow: 'cancel', externalId: 'sub_1', returnUrl: 'https://app.example.com/account' },
      { flow: null },
    ]);
  });

  it('is refused to who never subscribed, also when they bought credit, and for ending what has ended', async () => {
    expect((await refusalOf(open(await world.user()))).code).toBe('no_subscription');
    expect((await refusalOf(open(await world.buyer()))).code).toBe('no_subscription');
    const ended = await world.subscriber({ status: 'canceled', endedAt: PERIOD_END });
    expect((await refusalOf(open(ended, { flow: 'cancel' }))).code).toBe('no_subscription');
  });

  it('never sends anybody back to somewhere else', async () => {
    const user = await world.subscriber();
    const deed = open(user, { returnUrl: 'https://evil.example.com/' });
    expect((await refusalOf(deed)).code).toBe('return_url_not_allowed');
    expect(world.gateway.portals).toEqual([]);
  });
});

describe('what was', () => {
  const page = { limit: 1, offset: 0 };

  it('billed is listed, the newest first', async () => {
    const user = await world.subscriber();
    const one = anInvoice({ customerId: `cus_${user.id}` });
    world.gateway.invoices = [one, { ...one, externalId: 'in_2', createdAt: new Date('2026-02-28T10:00:00Z') }];
    await world.synchronise(user);
    const { items, total } = await new ListInvoices(world.invoices).execute(user.id, page);
    expect([items.map(({ snapshot }) => snapshot.externalId), total]).toEqual([['in_2'], 2]);
  });

  it('done is listed, the newest first', async () => {
    const user = await world.subscriber();
    world.clock.advance(60);
    world.gateway.change('sub_1', { cancelAtPeriodEnd: true });
    await world.synchronise(user);
    const { items, total } = await world.subscriptions.listSteps(user.id, page);
    expect([items.map(({ kind }) => kind), total]).toEqual([['cancellation_scheduled'], 2]);
  });
});
