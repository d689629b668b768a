import { CreditLedger, type HoldRequest } from '#application/credits/credit-ledger';
import type { UserId } from '#domain/accounts/user';
import { CreditAccount, settlementKey } from '#domain/credits/credit-account';
import type { CreditTransaction } from '#domain/credits/credit-transaction';
import { aCharge, aClawback, aCredit, aSettlement, micros } from '#test/support/builders/credits';
import { InMemoryCreditAccountRepository } from '#test/support/fakes/in-memory-credit-account-repository';
import { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { SequentialIds } from '#test/support/fakes/sequential-ids';
import { refusalOf } from '#test/support/refusals';

const USER = 'u' as UserId;
const OTHER = 'o' as UserId;
const HOUR = 3600;

let transaction: InMemoryTransaction;
let accounts: InMemoryCreditAccountRepository;
let clock: ManualClock;
let ledger: CreditLedger;
beforeEach(() => {
  // Strict: an account is saved only by who opened it.
  transaction = new InMemoryTransaction(true);
  accounts = new InMemoryCreditAccountRepository(transaction);
  clock = new ManualClock();
  ledger = new CreditLedger(accounts, transaction, clock, new SequentialIds());
});

const opened = (user = USER, requestId: string | null = null): Promise<CreditAccount> =>
  transaction.run(() => accounts.open(user, requestId, clock.now()));

/** Balance, held, debt and the number of entries. */
const standing = async (user = USER): Promise<readonly number[]> => {
  const { balance, held, debt, sequence } = await opened(user);
  return [balance.toNumber(), held.toNumber(), debt.toNumber(), sequence];
};

const work = (requestId: string, amount: number): HoldRequest => ({
  requestId,
  amount: micros(amount),
  description: 'A completion',
  lifetimeMs: HOUR * 1000,
  metadata: {},
  durable: true,
});

describe('credit that comes in or goes out under a key', () => {
  it('does so once, and a repeat answers the entry of then', async () => {
    const [credit, charge] = [aCredit(100), aCharge(30)];
    const [bought, spent] = [await ledger.grant(USER, credit), await ledger.spend(USER, charge)];
    clock.advance(HOUR);
    expect(await ledger.grant(USER, credit)).toEqual(bought);
    expect(await ledger.spend(USER, charge)).toEqual(spent);
    expect(await standing()).toEqual([70, 0, 0, 2]);
    expect(await ledger.find(USER, charge.key)).toEqual(spent);
    expect([spent.amount, spent.balanceAfter]).toEqual([micros(-30), micros(70)]);
  });

  it('does so once, however many ask at the same time', async () => {
    const credit = aCredit(100);
    const answers = await Promise.all([1, 2, 3].map(() => ledger.grant(USER, credit)));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    const charge = aCharge(60);
    const spent = await Promise.all([1, 2, 3].map(() => ledger.spend(USER, charge)));
    expect(new Set(spent.map(({ id }) => id)).size).toBe(1);
    expect(await standing()).toEqual([40, 0, 0, 2]);
  });

  it('answers a repeat even when there is no longer enough for it', async () => {
    await ledger.grant(USER, aCredit(100));
    const charge = aCharge(100);
    const spent = await ledger.spend(USER, charge);
    expect(await ledger.spend(USER, charge)).toEqual(spent);
  });

  it.each<[string, (key: string) => Promise<CreditTransaction>]>([
    ['another amount', (key) => ledger.spend(USER, aCharge(31, { key }))],
    ['another type', (key) => ledger.spend(USER, aCharge(30, { key, type: 'transcription' }))],
    ['the other direction', (key) => ledger.grant(USER, aCredit(30, { key }))],
    ['more than there is', (key) => ledger.spend(USER, aCharge(1000, { key }))],
  ])('refuses the key for %s, and says whose it is', async (_, deed) => {
    await ledger.grant(USER, aCredit(100));
    const { key } = await ledger.spend(USER, aCharge(30, { key: 'k' }));
    const before = await standing();
    const refusal = await refusalOf(deed(key));
    expect(refusal).toMatchObject({
      code: 'credit_key_reused',
      refusal: 'conflict',
      facts: { key: 'k', type: 'api_usage', amount_micros: -30 },
    });
    expect(await standing()).toEqual(before);
  });

  it('lets every user have the same key', async () => {
    await ledger.grant(USER, aCredit(100, { key: 'welcome' }));
    await ledger.grant(OTHER, aCredit(50, { key: 'welcome' }));
    expect([await standing(), await standing(OTHER)]).toEqual([
      [100, 0, 0, 1],
      [50, 0, 0, 1],
    ]);
  });

  it('may be tried again under the same key when it was refused', async () => {
    const charge = aCharge(30);
    expect((await refusalOf(ledger.spend(USER, charge))).code).toBe('insufficient_credits');
    expect(await ledger.find(USER, charge.key)).toBeNull();
    await ledger.grant(USER, aCredit(30));
    await ledger.spend(USER, charge);
    expect(await standing()).toEqual([0, 0, 0, 2]);
  });

  it('spends across grants, which no single statement does', async () => {
    await ledger.grant(USER, aCredit(10, { category: 'promotional' }));
    await ledger.grant(USER, aCredit(100));
    const { sources } = await ledger.spend(USER, aCharge(30));
    expect(sources.map((part) => part.micros)).toEqual([10n, 20n]);
    expect(await standing()).toEqual([80, 0, 0, 3]);
  });

  it('is part of the running transaction, and undone with it', async () => {
    await ledger.grant(USER, aCredit(100));
    const undone = transaction.run(async () => {
      await ledger.spend(USER, aCharge(30));
      await ledger.hold(USER, work('r', 10));
      expect(await standing()).toEqual([70, 10, 0, 2]);
      throw new Error('changed our mind');
    });
    await expect(undone).rejects.toThrow('changed our mind');
    expect(await standing()).toEqual([100, 0, 0, 1]);
  });
});

describe('credit that is held for a request', () => {
  beforeEach(() => ledger.grant(USER, aCredit(100)));

  it('is held once, from now for its lifetime, and a repeat answers the hold', async () => {
    const hold = await ledger.hold(USER, work('r', 40));
    expect(hold).toMatchObject({ state: 'open', amount: micros(40), placedAt: clock.now() });
    expect(hold.expiresAt.getTime() - hold.placedAt.getTime()).toBe(HOUR * 1000);
    clock.advance(10);
    expect(await ledger.hold(USER, work('r', 40))).toEqual(hold);
    expect(await standing()).toEqual([100, 40, 0, 1]);
  });

  it('refuses the request id for another amount, whatever became of the hold', async () => {
    await ledger.hold(USER, work('r', 40));
    const refused = { code: 'credit_request_reused', refusal: 'conflict', facts: { request_id: 'r', held_micros: 40 } };
    expect(await refusalOf(ledger.hold(USER, work('r', 41)))).toMatchObject(refused);
    await ledger.release(USER, 'r');
    expect(await refusalOf(ledger.hold(USER, work('r', 41)))).toMatchObject(refused);
    expect(await standing()).toEqual([100, 0, 0, 1]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['settled', () => ledger.settle(USER, aSettlement('r', 5))],
    ['released', () => ledger.release(USER, 'r')],
    ['expired', async () => clock.advance(HOUR)],
  ])(
    'is not held again for a request whose hold is %s: a repeat is refused, and not taken for a new hold',
    async (state, end) => {
      await ledger.hold(USER, work('r', 10));
      await end();
      const refusal = await refusalOf(ledger.hold(USER, work('r', 10)));
      expect(refusal).toMatchObject({ code: 'credit_hold_closed', facts: { request_id: 'r', state } });
      await ledger.tidy(USER);
      expect((await opened()).held).toEqual(micros(0));
    },
  );

  it('is settled once by what it cost: a repeat answers the same, another amount is refused', async () => {
    await ledger.hold(USER, work('r', 40));
    const settled = await ledger.settle(USER, aSettlement('r', 25));
    expect(settled).toMatchObject({ state: 'settled', settled: micros(25) });
    expect(await ledger.settle(USER, aSettlement('r', 25))).toEqual(settled);
    expect((await refusalOf(ledger.settle(USER, aSettlement('r', 26)))).code).toBe('credit_hold_closed');
    expect((await refusalOf(ledger.release(USER, 'r'))).code).toBe('credit_hold_closed');
    expect(await ledger.find(USER, settlementKey('r'))).toMatchObject({ amount: micros(-25) });
    expect(await standing()).toEqual([75, 0, 0, 2]);
  });

  it('is settled although it ran out, and although somebody tidied up before', async () => {
    await ledger.hold(USER, work('r', 40));
    clock.advance(HOUR);
    await ledger.tidy(USER);
    expect(await standing()).toEqual([100, 0, 0, 1]);
    await ledger.settle(USER, aSettlement('r', 130));
    expect(await standing()).toEqual([0, 0, 30, 3]);
  });

  it('is given back by a release, once', async () => {
    await ledger.hold(USER, work('r', 40));
    const released = await ledger.release(USER, 'r');
    expect(released.state).toBe('released');
    clock.advance(1);
    expect(await ledger.release(USER, 'r')).toEqual(released);
    expect(await standing()).toEqual([100, 0, 0, 1]);
  });

  it('belongs to its user: nobody else can settle or release it', async () => {
    await ledger.hold(USER, work('r', 40));
    expect((await refusalOf(ledger.settle(OTHER, aSettlement('r', 40)))).code).toBe('credit_hold_not_found');
    expect((await refusalOf(ledger.release(OTHER, 'r'))).code).toBe('credit_hold_not_found');
    expect(await standing()).toEqual([100, 40, 0, 1]);
  });
});

describe('credit that is taken back', () => {
  it('answers what there was to take and what is owed, and the same to every repeat', async () => {
    const { id } = await ledger.grant(USER, aCredit(100));
    await ledger.spend(USER, aCharge(70));
    const clawback = aClawback(100, { from: id });
    const answer = { taken: micros(30), owed: micros(70) };
    expect(await ledger.clawBack(USER, clawback)).toEqual(answer);
    expect(await standing()).toEqual([0, 0, 70, 4]);
    await ledger.grant(USER, aCredit(500));
    expect(await ledger.clawBack(USER, clawback)).toEqual(answer);
    expect(await standing()).toEqual([430, 0, 0, 6]);
  });

  it('refuses its key for anything else', async () => {
    const purchase = await ledger.grant(USER, aCredit(100));
    const clawback = aClawback(60);
    await ledger.clawBack(USER, clawback);
    for (const other of [
      { ...clawback, amount: micros(61) },
      { ...clawback, type: 'chargeback' as const },
      { ...clawback, key: purchase.key },
    ]) {
      expect((await refusalOf(ledger.clawBack(USER, other))).code).toBe('credit_key_reused');
    }
    expect(await standing()).toEqual([40, 0, 0, 2]);
  });

  it('is known by its debt alone when there was nothing to take', async () => {
    const clawback = aClawback(100);
    for (let times = 0; times < 2; times++) {
      expect(await ledger.clawBack(USER, clawback)).toEqual({ taken: micros(0), owed: micros(100) });
    }
    expect(await standing()).toEqual([0, 0, 100, 1]);
  });
});

describe('tidying up', () => {
  it('writes what ran out into the book, and then has nothing to do', async () => {
    await ledger.grant(USER, aCredit(100));
    await ledger.grant(USER, aCredit(20, { expiresAt: new Date(clock.now().getTime() + HOUR * 1000) }));
    await ledger.hold(USER, work('r', 5));
    expect(await accounts.listDue(clock.now(), 10)).toEqual([]);
    clock.advance(HOUR);
    expect(await accounts.listDue(clock.now(), 10)).toEqual([USER]);
    for (let times = 0; times < 2; times++) {
      await ledger.tidy(USER);
      expect(await standing()).toEqual([100, 0, 0, 3]);
      expect(await accounts.listDue(clock.now(), 10)).toEqual([]);
    }
    expect((await opened(USER, 'r')).holds).toMatchObject([{ state: 'expired' }]);
  });
});
