import type { UserId } from '#domain/accounts/user';
import { Subscription, type SubscriptionSnapshot } from '#domain/billing/subscription';
import type { SubscriptionStep } from '#domain/billing/subscription-repository';
import { aSnapshot, told } from '#test/support/builders/subscriptions';
import { aUser, later, newId, NOW } from './given.js';
import type { World } from './world.js';

const GATEWAY = 'stripe-test';
const DAY = 24 * 60 * 60 * 1000;

export function subscriptionRepositoryContract(world: () => World): void {
  const inTransaction = <T>(work: () => Promise<T>): Promise<T> => world().transaction.run(work);

  async function aSubscriber(): Promise<UserId> {
    const user = aUser();
    await inTransaction(() => world().users.add(user));
    return user.id;
  }

  function aSubscription(userId: UserId, of: Partial<SubscriptionSnapshot> & { priceId?: string } = {}): Subscription {
    const snapshot = aSnapshot({ externalId: `sub_${newId()}`, ...of });
    return Subscription.of(newId(), userId, GATEWAY, snapshot, told(NOW));
  }

  async function saved(...all: readonly Subscription[]): Promise<void> {
    await inTransaction(async () => {
      for (const one of all) {
        await world().subscriptions.holdOf(one.userId);
        await world().subscriptions.save(one);
      }
    });
  }

  const listOf = (userId: UserId): Promise<readonly Subscription[]> => world().subscriptions.listOf(userId);
  const ended = { status: 'canceled', endedAt: NOW } as const;

  describe('SubscriptionRepository', () => {
    it('gives back every field, to whose it is and to nobody else, newest first', async () => {
      const [owner, other] = [await aSubscriber(), await aSubscriber()];
      const old = aSubscription(owner, { ...ended, card: null, startedAt: later(NOW, -90 * DAY) });
      const running = aSubscription(owner, {
        status: 'past_due',
        unpaidSince: later(NOW, -DAY),
        trialEnd: later(NOW, -2 * DAY),
        startedAt: later(NOW, -9 * DAY),
        cancelAtPeriodEnd: true,
        cancelAt: later(NOW, 20 * DAY),
        scheduled: { priceId: 'student_year', at: later(NOW, 20 * DAY) },
      });
      await saved(old, running);
      expect(await listOf(owner)).toEqual([running, old]);
      expect(await inTransaction(() => world().subscriptions.holdOf(owner))).toEqual([running, old]);
      expect(await listOf(other)).toEqual([]);
    });

    it('gives back one in review, without a plan', async () => {
      const owner = await aSubscriber();
      const one = aSubscription(owner, { priceId: 'unheard_of' });
      await saved(one);
      expect(await listOf(owner)).toEqual([one]);
      expect([one.sold, one.review]).toEqual([null, expect.any(String)]);
    });

    it('replaces what was known, and keeps the id and the owner that it was first heard under', async () => {
      const [owner, other] = [await aSubscriber(), await aSubscriber()];
      const first = aSubscription(owner);
      await saved(first);
      const next = first.followed(
        { ...aSnapshot({ externalId: first.externalId, status: 'unpaid' }), unpaidSince: NOW },
        told(later(NOW, DAY)),
      );
      const renamed = Object.assign(Object.create(Subscription.prototype) as Subscription, next, { id: newId() });
      await saved(renamed);
      expect(await listOf(owner)).toEqual([next]);
      expect(await listOf(other)).toEqual([]);
    });

    it('lets a user have one that runs, beside any number that ended, wait for their first payment or are in review', async () => {
      const owner = await aSubscriber();
      const running = aSubscription(owner);
      const inReview = aSubscription(owner, { priceId: 'unheard_of' });
      await saved(running, inReview, aSubscription(owner, ended), aSubscription(owner, { status: 'incomplete' }));
      await saved(aSubscription(owner, { status: 'incomplete_expired', endedAt: NOW }));
      for (const status of ['active', 'trialing', 'past_due', 'unpaid', 'paused'] as const) {
        await expect(saved(aSubscription(owner, { status }))).rejects.toThrow();
      }
      expect(await listOf(owner)).toHaveLength(5);
      await saved(running.followed(aSnapshot({ externalId: running.externalId, ...ended }), told(NOW)));
      await saved(aSubscription(owner));
    });

    it('is written in a transaction alone', async () => {
      const owner = await aSubscriber();
      await expect(world().subscriptions.save(aSubscription(owner))).rejects.toThrow();
      await expect(world().subscriptions.holdOf(owner)).rejects.toThrow();
      expect(await listOf(owner)).toEqual([]);
    });

    it('lists whose grace is over, the longest first, at the very instant and not before', async () => {
      const owing = async (since: Date): Promise<Subscription> => {
        const one = aSubscription(await aSubscriber(), { status: 'past_due', unpaidSince: since });
        await saved(one);
        return one;
      };
      const edge = later(NOW, -7 * DAY);
      const [over, longOver] = [await owing(edge), await owing(later(edge, -DAY))];
      const notYet = await owing(later(edge, 1000));
      const lapsed = (await owing(later(edge, -DAY))).graceEndedAt(NOW);
      await saved(lapsed);
      const mine = [over, longOver, notYet, lapsed].map(({ id }) => id);
      const listed = (await world().subscriptions.listLapsing(NOW, 1000)).filter(({ id }) => mine.includes(id));
      expect(listed).toEqual([longOver, over]);
      expect(await world().subscriptions.listLapsing(NOW, 1)).toHaveLength(1);
    });

    it('lists who may be reminded, and who gives a plan, by id and page by page', async () => {
      const soon = later(NOW, 3 * DAY);
      const given: Partial<SubscriptionSnapshot>[] = [
        { status: 'trialing', trialEnd: soon },
        { status: 'trialing', trialEnd: later(soon, 1000) },
        { status: 'past_due', unpaidSince: NOW },
        { status: 'active', trialEnd: NOW },
        { status: 'incomplete' },
        { status: 'paused' },
        ended,
      ];
      const all: Subscription[] = [];
      for (const of of given) all.push(aSubscription(await aSubscriber(), of));
      all.push(aSubscription(await aSubscriber(), { priceId: 'unheard_of' }));
      const lapsed = aSubscription(await aSubscriber(), { status: 'past_due', unpaidSince: later(NOW, -9 * DAY) });
      all.push(lapsed.graceEndedAt(NOW));
      await saved(...all);
      const [trial, laterTrial, owing, paid] = all as [Subscription, Subscription, Subscription, Subscription];

      const mine = all.map(({ id }) => id);
      const everyOne = async (
        list: (after: Subscription['id'] | null) => Promise<readonly Subscription[]>,
      ): Promise<Subscription[]> => {
        const found: Subscription[] = [];
        for (let page = await list(null); page.length > 0; page = await list(page.at(-1)!.id)) found.push(...page);
        return found.filter(({ id }) => mine.includes(id));
      };
      const byId = (...some: Subscription[]): Subscription[] => some.sort((one, other) => (one.id < other.id ? -1 : 1));
      const { subscriptions } = world();
      expect(await everyOne((after) => subscriptions.listToRemind(soon, after, 1))).toEqual(byId(trial, owing));
      expect(await everyOne((after) => subscriptions.listGiving(after, 2))).toEqual(
        byId(trial, laterTrial, owing, paid),
      );
    });

    it('keeps a step once, however often it is found, and lists the newest first', async () => {
      const owner = await aSubscriber();
      const externalId = `sub_${newId()}`;
      const step = (kind: string, at: Date): SubscriptionStep => ({
        ...{ userId: owner, externalId, kind, at },
        facts: { plan: 'pro', cycle: 'month' },
      });
      const append = (one: SubscriptionStep): Promise<boolean> =>
        inTransaction(() => world().subscriptions.appendStep(one));
      const [first, second] = [step('subscribed', NOW), step('review', NOW)];
      const third = step('renewed', later(NOW, DAY));
      expect(await append(third)).toBe(true);
      expect([await append(first), await append(second)]).toEqual([true, true]);
      expect(await append({ ...first, facts: { plan: 'student' } })).toBe(false);
      const { listSteps } = {
        listSteps: (limit: number, offset: number) => world().subscriptions.listSteps(owner, { limit, offset }),
      };
      expect(await listSteps(10, 0)).toEqual({ items: [third, second, first], total: 3 });
      expect(await listSteps(1, 1)).toEqual({ items: [second], total: 3 });
      expect(await listSteps(1, 9)).toEqual({ items: [], total: 3 });
      expect((await world().subscriptions.listSteps(await aSubscriber(), { limit: 9, offset: 0 })).total).toBe(0);
      // Of several of a kind, the first.
      await append({ ...second, at: later(NOW, DAY) });
      expect(await world().subscriptions.findStep(externalId, 'review')).toEqual(second);
      expect(await world().subscriptions.findStep(externalId, 'canceled')).toBeNull();
      expect(await world().subscriptions.findStep('another', 'review')).toBeNull();
    });
  });
}
