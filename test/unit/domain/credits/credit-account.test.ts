import { CreditAccount, InsufficientCredits } from '#domain/credits/credit-account';
import { aCharge, aClawback, aCredit, micros } from '#test/support/builders/credits';
import { accountOf, after, at, credit, last, left, named, NOW, since, standing, USER, work } from './credit-story.js';

const PROMOTIONAL = { category: 'promotional' } as const;

describe('credit that comes in', () => {
  it('adds to the balance as a grant with the id of its entry', () => {
    const account = accountOf(credit('bought', 100, { expiresAt: after(60) }));
    expect(standing(account)).toEqual([100, 0, 0]);
    expect(account.grants).toMatchObject([
      { id: last(account).id, category: 'paid', amount: micros(100), remaining: micros(100), expiresAt: after(60) },
    ]);
    expect(last(account)).toMatchObject({
      userId: USER,
      sequence: 1,
      type: 'purchase',
      key: 'bought',
      amount: micros(100),
      debt: micros(0),
      balanceBefore: micros(0),
      balanceAfter: micros(100),
      debtAfter: micros(0),
      sources: [],
      createdAt: NOW,
    });
  });

  it.each([0, -1])('is above zero, not %i', (amount) => {
    expect(() => accountOf(credit('nothing', amount))).toThrow('An amount of credit is above zero.');
  });

  it('expires later than it is given', () => {
    expect(() => accountOf(credit('over', 10, { expiresAt: NOW }))).toThrow('Credit cannot expire before it is given.');
    expect(standing(accountOf(credit('just', 10, { expiresAt: new Date(NOW.getTime() + 1) })))).toEqual([10, 0, 0]);
  });

  it('changes nothing of the account that it is added to', () => {
    const before = accountOf(credit('first', 10));
    before.granted(credit('second', 20), at());
    expect([standing(before), before.entries.length]).toEqual([[10, 0, 0], 1]);
  });
});

describe('what pays', () => {
  const account = accountOf(
    credit('paid, for ever', 10),
    credit('paid, an hour', 10, { expiresAt: after(60) }),
    credit('promotional, for ever', 10, PROMOTIONAL),
    credit('promotional, two hours', 10, { ...PROMOTIONAL, expiresAt: after(120) }),
    credit('promotional, an hour', 10, { ...PROMOTIONAL, expiresAt: after(60) }),
  );

  it('is promotional before paid, then what expires first', () => {
    const { sources } = last(account.spent(aCharge(50), at()));
    expect(named(account, sources)).toEqual([
      ['promotional, an hour', 10],
      ['promotional, two hours', 10],
      ['promotional, for ever', 10],
      ['paid, an hour', 10],
      ['paid, for ever', 10],
    ]);
  });

  it('is the oldest of equals', () => {
    const first = accountOf(credit('first', 10));
    const both = first.granted(credit('second', 10), at(1));
    expect(named(both, last(both.spent(aCharge(15), at(1))).sources)).toEqual([
      ['first', 10],
      ['second', 5],
    ]);
  });

  it('leaves the rest of the last grant that it needs, and says which grant is next', () => {
    const spent = account.spent(aCharge(15), at());
    expect(left(spent)).toEqual([
      ['promotional, two hours', 5],
      ['promotional, for ever', 10],
      ['paid, an hour', 10],
      ['paid, for ever', 10],
    ]);
    expect(spent.front!.free).toEqual(micros(5));
    expect(since(spent, account)).toEqual([['api_usage', -15, 0]]);
  });

  it('is only what nobody holds', () => {
    const holding = account.heldFor(work('r', 15), at());
    expect(named(account, last(holding.spent(aCharge(10), at())).sources)).toEqual([
      ['promotional, two hours', 5],
      ['promotional, for ever', 5],
    ]);
    expect(() => holding.spent(aCharge(36), at())).toThrow(InsufficientCredits);
  });

  it('can be spent to the last micro-dollar, and no further', () => {
    const spent = account.spent(aCharge(50), at());
    expect([standing(spent), spent.front, left(spent)]).toEqual([[0, 0, 0], null, []]);
    expect(() => account.spent(aCharge(51), at())).toThrow(InsufficientCredits);
    expect(() => account.spent(aCharge(0), at())).toThrow('An amount of credit is above zero.');
  });

  it('refuses with the very numbers', () => {
    const owing = accountOf(aCredit(3_0000)).heldFor(work('r', 1_0000), at()).clawedBack(aClawback(2_5000), at());
    const refused = (): unknown => owing.spent(aCharge(7_5000), at());
    expect(refused).toThrow(
      'This needs 7.5 credits; the balance is 1, of which 1 are held. 0.5 credits are owed and are paid first. ' +
        'Buy credits, or wait for running work to end.',
    );
    expect(caught(refused)).toMatchObject({
      code: 'insufficient_credits',
      refusal: 'payment_required',
      facts: {
        balance: 1,
        held: 1,
        required: 7.5,
        available: 0,
        debt: 0.5,
        balance_micros: 10_000,
        held_micros: 10_000,
        required_micros: 75_000,
        debt_micros: 5_000,
      },
    });
  });
});

describe('credit that runs out', () => {
  const account = accountOf(credit('an hour', 40, { expiresAt: after(60) }), credit('for ever', 100));

  it('counts until the millisecond before, and not at the instant', () => {
    const just = new Date(after(60).getTime() - 1);
    expect(standing(account.tidied({ ...at(), now: just }))).toEqual([140, 0, 0]);
    expect(standing(account.tidied(at(60)))).toEqual([100, 0, 0]);
  });

  it('is closed with an entry that names the grant, once', () => {
    const tidied = account.tidied(at(90));
    expect(since(tidied, account)).toEqual([['expiry', -40, 0]]);
    expect(named(account, last(tidied).sources)).toEqual([['an hour', 40]]);
    expect(last(tidied)).toMatchObject({
      key: `expiry:${account.grants[0]!.id}:3`,
      actor: 'system',
      metadata: { grant_id: account.grants[0]!.id, expired_at: after(60).toISOString() },
    });
    expect(tidied.tidied(at(91))).toEqual(tidied);
  });

  it('is closed by any deed before that deed decides: nobody has to tidy up first', () => {
    expect(() => account.spent(aCharge(101), at(60))).toThrow(InsufficientCredits);
    expect(() => account.heldFor(work('r', 101), at(60))).toThrow(InsufficientCredits);
    const spent = account.spent(aCharge(100), at(60));
    expect(since(spent, account)).toEqual([
      ['expiry', -40, 0],
      ['api_usage', -100, 0],
    ]);
    expect(since(account.granted(aCredit(1), at(60)), account)[0]).toEqual(['expiry', -40, 0]);
    expect(since(account.clawedBack(aClawback(1), at(60)), account)[0]).toEqual(['expiry', -40, 0]);
  });

  it('takes only what is left of it', () => {
    const spent = account.spent(aCharge(30), at());
    expect(since(spent.tidied(at(60)), spent)).toEqual([['expiry', -10, 0]]);
    const all = account.spent(aCharge(40), at());
    expect(all.tidied(at(60))).toEqual(all);
  });

  it('is what the alarm of the account is set to, beside what is held', () => {
    expect(account.alarmAt).toEqual(after(60));
    expect(account.heldFor(work('r', 10, 30), at()).alarmAt).toEqual(after(30));
    expect(account.tidied(at(60)).alarmAt).toBeNull();
    expect(CreditAccount.empty(USER).alarmAt).toBeNull();
    const elsewhere = CreditAccount.of(USER, { ...account, nextHoldAt: after(5) });
    expect(elsewhere.alarmAt).toEqual(after(5));
  });
});

describe('credit that is taken back', () => {
  const account = accountOf(credit('gift', 20, PROMOTIONAL), credit('first', 50), credit('second', 50));
  const first = account.grants[1]!.id;
  const second = account.grants[2]!.id;

  it('comes out of its own purchase first, however it stands in the spending order', () => {
    const taken = account.clawedBack(aClawback(30, { from: second }), at());
    expect(since(taken, account)).toEqual([['refund', -30, 0]]);
    expect(named(account, last(taken).sources)).toEqual([['second', 30]]);
  });

  it('then out of what else is free, in spending order', () => {
    const taken = account.clawedBack(aClawback(90, { from: second }), at());
    expect(named(account, last(taken).sources)).toEqual([
      ['second', 50],
      ['gift', 20],
      ['first', 20],
    ]);
  });

  it('and the rest is owed', () => {
    const spent = account.spent(aCharge(100), at());
    const taken = spent.clawedBack(aClawback(50, { type: 'chargeback', key: 'dispute', from: first }), at());
    expect(since(taken, spent)).toEqual([
      ['chargeback', -20, 0],
      ['debt', 0, 30],
    ]);
    expect(taken.entries.slice(-2).map(({ key }) => key)).toEqual(['dispute', 'debt:dispute']);
    expect(standing(taken)).toEqual([0, 0, 30]);
  });

  it('is all owed when nothing is there, and makes no entry of zero', () => {
    const empty = CreditAccount.empty(USER);
    const taken = empty.clawedBack(aClawback(50), at());
    expect(since(taken, empty)).toEqual([['debt', 0, 50]]);
  });

  it('does not touch what running work holds', () => {
    const holding = account.heldFor(work('r', 100), at());
    const taken = holding.clawedBack(aClawback(50, { from: first }), at());
    expect(standing(taken)).toEqual([100, 100, 30]);
    expect(since(taken, holding)).toEqual([
      ['refund', -20, 0],
      ['debt', 0, 30],
    ]);
  });

  it('is above zero', () => {
    expect(() => account.clawedBack(aClawback(0), at())).toThrow('An amount of credit is above zero.');
  });
});

describe('what is owed', () => {
  const owing = accountOf(aCredit(10)).clawedBack(aClawback(40), at());

  it('is paid by whatever comes in, before anything else can have it', () => {
    const less = owing.granted(credit('less', 20), at());
    expect([standing(less), since(less, owing)]).toEqual([
      [0, 0, 10],
      [
        ['purchase', 20, 0],
        ['debt_payment', -20, -20],
      ],
    ]);
    const more = less.granted(credit('more', 25, PROMOTIONAL), at());
    expect([standing(more), left(more)]).toEqual([[15, 0, 0], [['more', 15]]]);
    expect(named(more, last(more).sources)).toEqual([['more', 10]]);
    const exactly = less.granted(credit('exactly', 10), at());
    expect([standing(exactly), exactly.front]).toEqual([[0, 0, 0], null]);
  });

  it('blocks spending and holding until it is paid', () => {
    for (const deed of [
      () => owing.spent(aCharge(1), at()),
      () => owing.heldFor(work('r', 1), at()),
      () => owing.granted(aCredit(30), at()).spent(aCharge(1), at()),
    ]) {
      expect(deed).toThrow(InsufficientCredits);
    }
    expect(standing(owing.granted(aCredit(31), at()).spent(aCharge(1), at()))).toEqual([0, 0, 0]);
  });

  it('is never paid twice: each payment has its own key', () => {
    const paid = owing.granted(aCredit(10), at()).granted(aCredit(10), at()).granted(aCredit(10), at());
    const keys = paid.entries.filter(({ type }) => type === 'debt_payment').map(({ key }) => key);
    expect(new Set(keys).size).toBe(3);
    expect(standing(paid)).toEqual([0, 0, 0]);
  });
});

function caught(deed: () => unknown): unknown {
  try {
    return deed();
  } catch (error) {
    return error;
  }
}
