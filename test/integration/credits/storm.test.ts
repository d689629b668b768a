import { CreditLedger } from '#application/credits/credit-ledger';
import { InsufficientCredits } from '#domain/credits/credit-account';
import type { UserId } from '#domain/accounts/user';
import { creditsOf, moneyOfCredits } from '#domain/credits/credit';
import { type Answered, TestApp } from '#test/support/app';
import { charge, CreditWorld, incoming } from './credit-world.js';

const CLIENTS = 64;
const DEBITS = 3_000;
const UNITS = 1_000;

let credits: CreditWorld;

beforeAll(async () => {
  credits = await CreditWorld.start({ now: () => new Date() }, 30);
});
afterAll(() => credits?.close());

const unit = moneyOfCredits(1);

async function accountsSharing(units: number, accounts: number): Promise<readonly UserId[]> {
  const users: UserId[] = [];
  while (users.length < accounts) {
    const user = await credits.user();
    await credits.ledger.grant(user, { ...incoming(1), amount: moneyOfCredits(units / accounts) });
    users.push(user);
  }
  return users;
}

async function refusalOf(debit: Promise<unknown>): Promise<InsufficientCredits | null> {
  try {
    await debit;
    return null;
  } catch (error) {
    if (error instanceof InsufficientCredits) return error;
    throw error;
  }
}

/** Debits of one unit each, by so many clients at once, over all accounts in turn; answers how each ended. */
async function storm(users: readonly UserId[]): Promise<readonly (InsufficientCredits | null)[]> {
  const outcomes: (InsufficientCredits | null)[] = [];
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < DEBITS) {
      const n = next++;
      const debit = { ...charge(1, `debit:${n}`), amount: unit };
      outcomes.push(await refusalOf(credits.ledger.spend(users[n % users.length]!, debit)));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return outcomes;
}

describe('a storm of debits', () => {
  it.each([1, 50])('spends 1 000 units over %i accounts exactly once', async (accounts) => {
    const users = await accountsSharing(UNITS, accounts);
    const outcomes = await storm(users);

    const refusals = outcomes.filter((outcome) => outcome !== null);
    expect([outcomes.length, outcomes.length - refusals.length]).toEqual([DEBITS, UNITS]);
    expect([...new Set(refusals.map(({ message }) => message))]).toHaveLength(1);
    expect(refusals[0]).toMatchObject({
      code: 'insufficient_credits',
      facts: { balance: 0, held: 0, required: creditsOf(unit), available: 0, debt: 0, required_micros: 10_000 },
    });

    const books = await credits.rows(
      `select a.balance_micros, a.sequence, sum(t.amount_micros) as entries_micros,
              count(*) filter (where t.type = 'api_usage') as debits, min(t.balance_after_micros) as least
         from credit_accounts a join credit_transactions t using (user_id)
        where user_id = any($1) group by user_id`,
      [users],
    );
    const each = String(UNITS / accounts);
    const spent = { balance_micros: '0', entries_micros: '0', debits: each, least: '0' };
    expect(books).toEqual(users.map(() => ({ ...spent, sequence: String(UNITS / accounts + 1) })));
    for (const user of users) expect(await credits.findings(user)).toEqual([]);
  });

  it('happens once for every key, however many clients ask for it', async () => {
    const [user] = await accountsSharing(UNITS, 1);
    const once = { ...charge(1, 'the same'), amount: unit };
    const entries = await Promise.all(Array.from({ length: CLIENTS }, () => credits.ledger.spend(user!, once)));
    expect(new Set(entries.map(({ id }) => id)).size).toBe(1);
    const [book] = await credits.rows(
      `select count(*) as entries, sum(amount_micros) as micros from credit_transactions where user_id = $1`,
      [user],
    );
    expect(book).toEqual({ entries: '2', micros: String(moneyOfCredits(UNITS - 1).micros) });
    expect(await credits.findings(user!)).toEqual([]);
  });
});

describe('a storm of debits over HTTP', () => {
  it('spends 1 000 credits exactly once, however many operators debit at the same time', async () => {
    // A connection for each: what is under test is the ledger, not the queue for connections.
    const app = await TestApp.start({ poolSize: 70 });
    try {
      const [admin, user] = [await app.user('free', 'admin'), await app.user('pro')];
      await app.container.get(CreditLedger).grant(user.id, { ...incoming(1), amount: moneyOfCredits(UNITS) });
      const answers: Answered[] = [];
      let next = 0;
      const client = async (): Promise<void> => {
        while (next < DEBITS) {
          const headers = { 'Idempotency-Key': `storm-${next++}` };
          const body = { credits: -1, reason: 'storm' };
          answers.push(
            await app.call('POST', `/api/v1/admin/users/${user.id}/credits/adjust`, { as: admin, headers, body }),
          );
        }
      };
      await Promise.all(Array.from({ length: CLIENTS }, client));

      const refused = answers.filter(({ status }) => status === 402);
      expect([answers.length, answers.filter(({ status }) => status < 300).length, refused.length]).toEqual([
        3000, 1000, 2000,
      ]);
      for (const { body } of refused) {
        expect(body.detail).toMatchObject({ error: 'insufficient_credits', balance: 0, held: 0, required: 1 });
      }
      const [book] = await app.rows(
        `select a.balance_micros, sum(t.amount_micros) as entries, count(*) filter (where t.type = 'admin_debit') as debits
           from credit_accounts a join credit_transactions t using (user_id) where a.user_id = $1 group by 1`,
        [user.id],
      );
      expect(book).toEqual({ balance_micros: '0', entries: '0', debits: '1000' });
    } finally {
      await app.stop();
    }
  }, 90_000);
});
