import type { User } from '#domain/accounts/user';
import { creditsOf, moneyOfCredits } from '#domain/credits/credit';
import { aCharge, aCredit } from '#test/support/builders/credits';
import { Bank, EVERYTHING } from './a-bank.js';

const PAGE = { limit: 10, offset: 0 };
const ALWAYS = { from: null, to: null };
const DAY = 24 * 3600;
const CREDIT = 10_000;

let bank: Bank;
let user: User;
beforeEach(async () => {
  bank = new Bank();
  user = await bank.user();
});

describe('the summary of a user’s credit', () => {
  it('is 15 spent, 100 bought, 50 given and 135 left after +100 bought, −10 and −5 used and +50 for a referral', async () => {
    await bank.ledger.grant(user.id, aCredit(100 * CREDIT));
    await bank.ledger.spend(user.id, aCharge(10 * CREDIT));
    await bank.ledger.spend(user.id, aCharge(5 * CREDIT, { type: 'transcription' }));
    await bank.ledger.grant(user.id, aCredit(50 * CREDIT, { type: 'referral_bonus', category: 'promotional' }));
    const { spent, purchased, bonus, netBalance, byType } = await bank.summary.execute(user.id, ALWAYS);
    expect([spent, purchased, bonus, netBalance].map(creditsOf)).toEqual([15, 100, 50, 135]);
    expect(byType.map(({ type, entries, amount }) => [type, entries, creditsOf(amount)])).toEqual([
      ['api_usage', 1, -10],
      ['purchase', 1, 100],
      ['referral_bonus', 1, 50],
      ['transcription', 1, -5],
    ]);
  });

  it('takes bonuses and grants by an operator for given, and nothing else', async () => {
    for (const type of ['bonus', 'referral_bonus', 'admin_grant', 'reversal'] as const) {
      await bank.ledger.grant(user.id, aCredit(CREDIT, { type }));
    }
    await bank.ledger.spend(user.id, aCharge(CREDIT, { type: 'admin_debit' }));
    const { spent, purchased, bonus, netBalance } = await bank.summary.execute(user.id, ALWAYS);
    expect([spent, purchased, bonus, netBalance].map(creditsOf)).toEqual([0, 0, 3, 3]);
  });
});

describe('the balance of a user', () => {
  it('names what remains of the credit that expires first, however much expires at that instant', async () => {
    const first = { expiresAt: bank.later(DAY) };
    await bank.ledger.grant(user.id, aCredit(7 * CREDIT, { expiresAt: bank.later(2 * DAY), category: 'promotional' }));
    await bank.ledger.grant(user.id, aCredit(5 * CREDIT, first));
    await bank.ledger.grant(user.id, aCredit(2 * CREDIT, first));
    await bank.ledger.grant(user.id, aCredit(9 * CREDIT));
    const { expiringNext, balance } = await bank.balance.execute(user.id);
    expect(expiringNext).toEqual({ amount: moneyOfCredits(7), at: first.expiresAt });
    expect(creditsOf(balance)).toBe(23);
  });

  it('names nothing that expires when only a hold keeps it past its time', async () => {
    await bank.ledger.grant(user.id, aCredit(5 * CREDIT, { expiresAt: bank.later(DAY) }));
    const work = {
      requestId: 'r',
      amount: moneyOfCredits(2),
      description: 'A completion',
      lifetimeMs: 2 * DAY * 1000,
      metadata: {},
      durable: true,
    };
    await bank.ledger.hold(user.id, work);
    bank.clock.advance(DAY);
    const { balance, held, available, expiringNext } = await bank.balance.execute(user.id);
    expect([balance, held, available].map(creditsOf)).toEqual([2, 2, 0]);
    expect(expiringNext).toBeNull();
  });
});

describe('what expired', () => {
  it.each([
    ['the balance', async () => creditsOf((await bank.balance.execute(user.id)).balance)],
    ['the summary', async () => creditsOf((await bank.summary.execute(user.id, ALWAYS)).netBalance)],
    ['the list', async () => creditsOf((await bank.list.execute(user.id, EVERYTHING, PAGE)).items[0]!.balanceAfter)],
  ])('is gone from %s at its instant, and has its entry in the ledger then', async (_, asked) => {
    await bank.ledger.grant(user.id, aCredit(5 * CREDIT, { expiresAt: bank.later(DAY) }));
    bank.clock.advance(DAY - 1);
    expect(await asked()).toBe(5);
    expect(await bank.entries(user)).toHaveLength(1);
    bank.clock.advance(1);
    expect(await asked()).toBe(0);
    expect(await bank.entries(user)).toEqual([
      ['purchase', 50_000],
      ['expiry', -50_000],
    ]);
  });

  it('is written down for every account that is due, and for no other', async () => {
    const [other, third] = [await bank.user(), await bank.user()];
    for (const { id } of [user, other]) await bank.ledger.grant(id, aCredit(1, { expiresAt: bank.later(DAY) }));
    await bank.ledger.grant(third.id, aCredit(1, { expiresAt: bank.later(2 * DAY) }));
    bank.clock.advance(DAY);
    expect(await bank.sweep.execute()).toEqual({ swept: 2, failed: 0 });
    expect(await bank.sweep.execute()).toEqual({ swept: 0, failed: 0 });
    for (const one of [user, other]) expect((await bank.entries(one)).at(-1)).toEqual(['expiry', -1]);
    expect(await bank.entries(third)).toHaveLength(1);
  });

  it('is written down for more accounts than one batch, though the first of them fail', async () => {
    const users = [user, ...(await Promise.all(Array.from({ length: 249 }, () => bank.user())))];
    for (const [index, { id }] of users.entries()) {
      await bank.ledger.grant(id, aCredit(1, { expiresAt: bank.later(1 + index) }));
    }
    bank.clock.advance(DAY);
    const broken = new Set(users.slice(0, 120).map(({ id }) => id));
    const tidy = bank.ledger.tidy.bind(bank.ledger);
    bank.ledger.tidy = async (id) => {
      if (broken.has(id)) throw new Error('This account is broken.');
      await tidy(id);
    };
    expect(await bank.sweep.execute()).toEqual({ swept: 130, failed: 120 });
    expect(bank.log.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields['user_id'])).toEqual([
      ...broken,
    ]);
    expect((await bank.entries(users[249]!)).at(-1)).toEqual(['expiry', -1]);
  });
});
