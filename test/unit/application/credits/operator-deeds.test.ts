import type { GivenCredit } from '#application/credits/admin-credit-grant';
import { MOST_USERS } from '#application/credits/bulk-credit-grant';
import type { User, UserId } from '#domain/accounts/user';
import { creditsOf, moneyOfCredits } from '#domain/credits/credit';
import { aCharge, aClawback, aCredit } from '#test/support/builders/credits';
import { refusalOf } from '#test/support/refusals';
import { Bank } from './a-bank.js';

const ROOT = { actor: 'root', reason: 'case 812' };
const CREDIT = 10_000;
const given = (credits: number, of: Partial<GivenCredit> = {}): GivenCredit => ({
  amount: moneyOfCredits(credits),
  type: 'admin_grant',
  category: 'promotional',
  expiresAt: null,
  ...of,
});

let bank: Bank;
let user: User;
beforeEach(async () => {
  bank = new Bank();
  user = await bank.user();
});

const givenToday = async (actor = ROOT.actor): Promise<number> =>
  creditsOf(await bank.allowances.grantedOn(actor, bank.clock.now()));

describe('credit that an operator gives', () => {
  it('is of the type and category that was said, and its audit entry says why, with the balance before and after', async () => {
    await bank.ledger.grant(user.id, aCredit(5 * CREDIT));
    const expiresAt = bank.later(60);
    const { entry, before, after } = await bank.grant.execute(
      user.id,
      given(20, { type: 'bonus', category: 'paid', expiresAt }),
      ROOT,
    );
    expect([before.balance, after.balance].map(creditsOf)).toEqual([5, 25]);
    expect(entry).toMatchObject({ type: 'bonus', description: 'Bonus', actor: 'root', metadata: {} });
    expect((await bank.report.contentsOf(user.id)).grants[0]).toMatchObject({
      id: entry.id,
      category: 'paid',
      expiresAt,
    });
    expect(bank.audit.entries).toEqual([
      {
        actor: 'root',
        action: 'credit.grant',
        userId: user.id,
        reason: 'case 812',
        before: { balance: 5, held: 0, debt: 0 },
        after: { balance: 25, held: 0, debt: 0, transaction_id: entry.id, type: 'bonus', amount: 20 },
      },
    ]);
  });

  it('is told from the credit that expired before it, and from the debt that it pays', async () => {
    await bank.ledger.grant(user.id, aCredit(5 * CREDIT, { expiresAt: bank.later(60) }));
    await bank.ledger.spend(user.id, aCharge(5 * CREDIT));
    await bank.ledger.clawBack(user.id, aClawback(3 * CREDIT));
    const { before, after } = await bank.grant.execute(user.id, given(10), ROOT);
    expect([before.balance, before.debt, after.balance, after.debt].map(creditsOf)).toEqual([0, 3, 7, 0]);

    const other = await bank.user();
    await bank.ledger.grant(other.id, aCredit(5 * CREDIT, { expiresAt: bank.later(60) }));
    bank.clock.advance(60);
    expect(creditsOf((await bank.grant.execute(other.id, given(1), ROOT)).before.balance)).toBe(0);
  });

  it('is nothing at all when the user does not exist', async () => {
    const refusal = await refusalOf(bank.grant.execute('nobody' as UserId, given(1), ROOT));
    expect(refusal.code).toBe('user_not_found');
    expect([await givenToday(), bank.audit.entries]).toEqual([0, []]);
  });

  it.each([0, -1])('is above zero: not %d, which would give allowance back', async (credits) => {
    await bank.grant.execute(user.id, given(50), ROOT);
    expect((await refusalOf(bank.grant.execute(user.id, given(credits), ROOT))).code).toBe('invalid_amount');
    expect((await refusalOf(bank.bulkGrant.execute([user.id], given(credits), ROOT))).code).toBe('invalid_amount');
    const approved = bank.transaction.run(() => bank.approval.execute('root', moneyOfCredits(credits)));
    expect((await refusalOf(approved)).code).toBe('invalid_amount');
    expect([await givenToday(), await bank.entries(user)]).toEqual([50, [['admin_grant', 500_000]]]);
  });
});

describe('the caps of an operator', () => {
  it('admit exactly as much at once as they say, and no more', async () => {
    await bank.grant.execute(user.id, given(100), ROOT);
    const refusal = await refusalOf(bank.grant.execute(user.id, given(100.0001), ROOT));
    expect([refusal.code, refusal.refusal]).toEqual(['credit_grant_cap_exceeded', 'forbidden']);
    expect(refusal.facts).toMatchObject({ scope: 'grant', granted_today: 100, requested: 100.0001, cap: 100 });
    expect(await bank.entries(user)).toHaveLength(1);
  });

  it('admit exactly as much on one day as they say, for everything that adds credit', async () => {
    const other = await bank.user();
    await bank.grant.execute(user.id, given(100), ROOT);
    await bank.adjustment.execute(user.id, moneyOfCredits(80), ROOT);
    await bank.bulkGrant.execute([user.id, other.id], given(35), ROOT);
    for (const deed of [
      () => bank.grant.execute(user.id, given(0.0001), ROOT),
      () => bank.adjustment.execute(user.id, moneyOfCredits(0.0001), ROOT),
      () => bank.bulkGrant.execute([user.id], given(0.0001), ROOT),
    ]) {
      const refusal = await refusalOf(deed());
      expect(refusal.facts).toMatchObject({ scope: 'day', granted_today: 250, requested: 0.0001, cap: 250 });
    }
    expect(await givenToday()).toBe(250);
    await bank.grant.execute(user.id, given(1), { ...ROOT, actor: 'other' });
  });

  it('begin anew with the next day of UTC', async () => {
    bank.clock.set('2026-03-10T23:59:59.999Z');
    for (const credits of [100, 100, 50]) await bank.grant.execute(user.id, given(credits), ROOT);
    expect((await refusalOf(bank.grant.execute(user.id, given(1), ROOT))).code).toBe('credit_grant_cap_exceeded');
    bank.clock.set('2026-03-11T00:00:00.000Z');
    await bank.grant.execute(user.id, given(100), ROOT);
    expect(await givenToday()).toBe(100);
  });

  it('compare the sum of what many get', async () => {
    const other = await bank.user();
    const refusal = await refusalOf(bank.bulkGrant.execute([user.id, other.id], given(60), ROOT));
    expect(refusal.facts).toMatchObject({ scope: 'grant', requested: 120, cap: 100 });
    expect([await bank.entries(user), await bank.entries(other), await givenToday()]).toEqual([[], [], 0]);
  });

  it('are not touched by a grant that fails after it was admitted', async () => {
    const over = given(10, { expiresAt: bank.clock.now() });
    expect((await refusalOf(bank.grant.execute(user.id, over, ROOT))).code).toBe('credit_expired');
    expect([await givenToday(), bank.audit.entries]).toEqual([0, []]);
  });
});

describe('an adjustment', () => {
  it('above zero is a grant by the operator, below zero a debit, and each is audited', async () => {
    await bank.adjustment.execute(user.id, moneyOfCredits(30), ROOT);
    const { entry } = await bank.adjustment.execute(user.id, moneyOfCredits(-12.5), ROOT);
    expect(entry.type).toBe('admin_debit');
    expect(await bank.entries(user)).toEqual([
      ['admin_grant', 300_000],
      ['admin_debit', -125_000],
    ]);
    expect(bank.audit.entries.map(({ action, after }) => [action, after!['balance']])).toEqual([
      ['credit.adjust', 30],
      ['credit.adjust', 17.5],
    ]);
    expect(await givenToday()).toBe(30);
  });

  it('takes no more than is free', async () => {
    await bank.ledger.grant(user.id, aCredit(10 * CREDIT));
    const work = {
      requestId: 'r',
      amount: moneyOfCredits(4),
      description: 'A completion',
      lifetimeMs: 60_000,
      metadata: {},
      durable: true,
    };
    await bank.ledger.hold(user.id, work);
    const refusal = await refusalOf(bank.adjustment.execute(user.id, moneyOfCredits(-6.0001), ROOT));
    expect([refusal.code, refusal.facts['available']]).toEqual(['insufficient_credits', 6]);
    await bank.adjustment.execute(user.id, moneyOfCredits(-6), ROOT);
    expect(bank.audit.entries).toHaveLength(1);
  });

  it('is not zero', async () => {
    const nothing = bank.adjustment.execute(user.id, moneyOfCredits(0), ROOT);
    expect((await refusalOf(nothing)).code).toBe('invalid_amount');
  });
});

describe('a grant to many', () => {
  it('goes to each of them in the order of their ids, under one key', async () => {
    const users = [user, await bank.user(), await bank.user()];
    const ids = users.map(({ id }) => id).sort();
    const changes = await bank.bulkGrant.execute([...ids].reverse(), given(2), ROOT);
    expect(changes.map((change) => change.user.id)).toEqual(ids);
    expect(new Set(changes.map(({ entry }) => entry.key)).size).toBe(1);
    for (const one of users) expect(await bank.entries(one)).toEqual([['admin_grant', 20_000]]);
    expect(bank.audit.entries.map(({ action, userId }) => [action, userId])).toEqual(
      ids.map((id) => ['credit.bulk_grant', id]),
    );
  });

  it.each([[['nobody']], [['neither', 'nobody']]])(
    'goes to nobody when %p do not exist, who are all named',
    async (ids) => {
      const named = [user.id, ...[...ids].reverse()] as UserId[];
      const refusal = await refusalOf(bank.bulkGrant.execute(named, given(2), ROOT));
      expect([refusal.code, refusal.facts['users']]).toEqual(['users_not_found', ids]);
      expect([await bank.entries(user), bank.audit.entries, await givenToday()]).toEqual([[], [], 0]);
    },
  );

  it('names from one to five hundred users, each once', async () => {
    const codeOf = async (ids: readonly string[]): Promise<string> => {
      const deed = bank.bulkGrant.execute(ids as readonly UserId[], given(0.0001), ROOT);
      return (await refusalOf(deed)).code;
    };
    const many = Array.from({ length: MOST_USERS + 1 }, (_, index) => String(index));
    expect(await codeOf([])).toBe('invalid_users');
    expect(await codeOf(many)).toBe('invalid_users');
    expect(await codeOf(['1', '2', '1'])).toBe('users_repeated');
    expect(await codeOf(many.slice(1))).toBe('users_not_found');
  });
});
