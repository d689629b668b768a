import { BillingTurns } from '#application/billing/billing-turns';
import { BillingWorld } from './billing-world.js';

let world: BillingWorld;
beforeAll(async () => {
  world = await BillingWorld.start();
});
afterAll(() => world?.stop());

const change = (as: Parameters<BillingWorld['post']>[0], plan: string) =>
  world.post(as, 'subscription/change', { plan_id: plan, billing_cycle: 'month' });
const cancel = (as: Parameters<BillingWorld['post']>[0], when: string) =>
  world.post(as, 'subscription/cancel', { when });
const outcomes = (answers: readonly { status: number; body: { detail?: { error: string } } }[]): unknown[] =>
  answers.map(({ status, body }) => [status, body.detail?.error ?? null]);
/** What was paid of a user's subscription after its first month, in cents. */
const paid = async (as: Parameters<BillingWorld['post']>[0]): Promise<number[]> =>
  (await world.get(as, 'invoices')).body.data
    .filter((one: { reason?: string; total: number }) => one.total > 0)
    .map((one: { amount_paid: number }) => one.amount_paid)
    .reverse();

describe('deeds of one user at once', () => {
  it('two upgrades: whoever comes second decides by the first, and nothing that was paid for is lost', async () => {
    for (let round = 0; round < 3; round++) {
      const user = await world.subscriber('student');
      const answers = await Promise.all([change(user, 'coaching_school'), change(user, 'pro')]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      const { tier, pending_change: pending } = await world.current(user);
      expect(tier).toBe('coaching_school');
      // First pro and then the school, or the school and then less at the end.
      expect([3, 2]).toContain((await paid(user)).length);
      expect((await paid(user)).length === 2).toBe(pending?.tier === 'pro' || pending?.plan_id === 'pro');
    }
  });

  it('an end at once and an upgrade: nothing is paid on what has ended', async () => {
    for (let round = 0; round < 3; round++) {
      const user = await world.subscriber('student');
      const [ended, upgraded] = await Promise.all([cancel(user, 'now'), change(user, 'pro')]);
      expect(ended.status).toBe(200);
      expect([[[200, null]], [[409, 'no_subscription']]]).toContainEqual(outcomes([upgraded]));
      expect(await world.current(user)).toMatchObject({ tier: 'free', status: 'canceled' });
      expect((await paid(user)).length).toBe(upgraded.status === 200 ? 2 : 1);
    }
  });

  it('an end with the period and a downgrade: the end is not lost', async () => {
    for (let round = 0; round < 3; round++) {
      const user = await world.subscriber('pro');
      const [ended, less] = await Promise.all([cancel(user, 'period_end'), change(user, 'student')]);
      expect(ended.status).toBe(200);
      expect([[[200, null]], [[409, 'cancellation_scheduled']]]).toContainEqual(outcomes([less]));
      expect(await world.current(user)).toMatchObject({ cancel_at_period_end: true, pending_change: null });
    }
  });
});

describe('a turn', () => {
  it('is given to one at a time, of many in several processes, and everybody has one', async () => {
    const { id } = await world.app.user();
    let [inside, most] = [0, 0];
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await world.app.rows('select pg_sleep(0.01)');
      inside--;
    };
    // Each has nothing of the others but the database.
    await Promise.all(Array.from({ length: 12 }, () => world.app.container.get(BillingTurns).alone(id, work)));
    expect([most, inside]).toEqual([1, 0]);
    expect(await world.app.rows('select * from billing_turns')).toEqual([]);
  });

  it('that somebody keeps is waited for in vain: 409, when to come back, and no answer is kept under the key', async () => {
    const user = await world.subscriber('student');
    await world.app.rows(
      `insert into billing_turns (user_id, holder, expires_at) values ($1, gen_random_uuid(), now() + interval '1 hour')`,
      [user.id],
    );
    const refused = await world.post(user, 'subscription/cancel', { when: 'period_end' }, 'one-key');
    expect([refused.status, refused.body.detail.error]).toEqual([409, 'subscription_busy']);
    expect(refused.headers.get('Retry-After')).toBe('1');
    await world.app.rows(`update billing_turns set expires_at = now() where user_id = $1`, [user.id]);
    const again = await world.post(user, 'subscription/cancel', { when: 'period_end' }, 'one-key');
    expect([again.status, again.body.cancel_at_period_end]).toEqual([200, true]);
  });

  it.each([
    ['died, when its lease is over', 17, (left: number) => left],
    ['works on, soon', 3600, () => 1],
  ])('of somebody who %s is worth another try: Retry-After says so', async (_, lease, seconds) => {
    const user = await world.subscriber('student');
    await world.app.rows(
      `insert into billing_turns (user_id, holder, expires_at)
       values ($1, gen_random_uuid(), clock_timestamp() + make_interval(secs => $2))`,
      [user.id, lease],
    );
    const refused = await world.post(user, 'subscription/cancel', { when: 'period_end' });
    expect([refused.status, refused.body.detail.error]).toEqual([409, 'subscription_busy']);
    const [row] = await world.app.rows<{ left: number }>(
      'select ceil(extract(epoch from expires_at - clock_timestamp()))::int as left from billing_turns where user_id = $1',
      [user.id],
    );
    // A second may have passed since it was told.
    const told = Number(refused.headers.get('Retry-After'));
    expect([seconds(row!.left), seconds(row!.left + 1)]).toContain(told);
  });

  it('is given back when its work fails', async () => {
    const { id } = await world.app.user();
    const turns = world.app.container.get(BillingTurns);
    await expect(turns.alone(id, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await turns.alone(id, () => Promise.resolve('yes'))).toBe('yes');
  });
});
