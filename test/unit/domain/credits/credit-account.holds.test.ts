import { CreditAccount, InsufficientCredits, settlementKey } from '#domain/credits/credit-account';
import { CreditHoldClosed, CreditHoldNotFound } from '#domain/credits/credit-hold';
import { aCharge, aClawback, aCredit, aSettlement, micros } from '#test/support/builders/credits';
import {
  accountOf,
  after,
  at,
  credit,
  held,
  last,
  left,
  named,
  NOW,
  reserved,
  since,
  standing,
  USER,
  work,
} from './credit-story.js';

const PROMOTIONAL = { category: 'promotional' } as const;

/** 20 promotional for an hour, and 100 bought. */
const account = accountOf(credit('gift', 20, { ...PROMOTIONAL, expiresAt: after(60) }), credit('bought', 100));
const holding = account.heldFor(work('r', 50), at());

describe('a hold', () => {
  it('reserves what is spent next, makes no entry, and leaves the balance', () => {
    expect(standing(holding)).toEqual([120, 50, 0]);
    expect(reserved(holding)).toEqual([
      ['gift', 20],
      ['bought', 30],
    ]);
    expect(named(account, held(holding, 'r').parts)).toEqual([
      ['gift', 20],
      ['bought', 30],
    ]);
    expect(held(holding, 'r')).toMatchObject({ state: 'open', amount: micros(50), placedAt: NOW, closedAt: null });
    expect(since(holding, account)).toEqual([]);
  });

  it('can have all that is free, and no more', () => {
    expect(standing(account.heldFor(work('r', 120), at()))).toEqual([120, 120, 0]);
    expect(() => account.heldFor(work('r', 121), at())).toThrow(InsufficientCredits);
    expect(() => holding.heldFor(work('other', 71), at())).toThrow(InsufficientCredits);
    expect(standing(holding.heldFor(work('other', 70), at()))).toEqual([120, 120, 0]);
  });

  it.each([0, -1])('is above zero, not %i', (amount) => {
    expect(() => account.heldFor(work('r', amount), at())).toThrow('An amount of credit is above zero.');
  });
});

describe('a settlement', () => {
  it('of less takes the held parts in their order, and frees the rest', () => {
    const settled = holding.settled(aSettlement('r', 30), at());
    expect(since(settled, holding)).toEqual([['api_usage', -30, 0]]);
    expect(named(account, last(settled).sources)).toEqual([
      ['gift', 20],
      ['bought', 10],
    ]);
    expect([standing(settled), left(settled), reserved(settled)]).toEqual([[90, 0, 0], [['bought', 90]], []]);
    expect(held(settled, 'r')).toMatchObject({ state: 'settled', settled: micros(30), closedAt: NOW });
    expect(last(settled).key).toBe(settlementKey('r'));
  });

  it('of exactly what was held takes that', () => {
    const settled = holding.settled(aSettlement('r', 50, { type: 'transcription' }), at());
    expect([standing(settled), since(settled, holding)]).toEqual([[70, 0, 0], [['transcription', -50, 0]]]);
  });

  it('of more takes what else is free as well, one part for each grant', () => {
    const settled = holding.settled(aSettlement('r', 115), at());
    expect(since(settled, holding)).toEqual([['api_usage', -115, 0]]);
    expect(named(account, last(settled).sources)).toEqual([
      ['gift', 20],
      ['bought', 95],
    ]);
    expect([standing(settled), left(settled)]).toEqual([[5, 0, 0], [['bought', 5]]]);
  });

  it('of more than there is leaves a debt, and takes nothing that other work holds', () => {
    const both = holding.heldFor(work('other', 60), at());
    const settled = both.settled(aSettlement('r', 75), at());
    expect(since(settled, both)).toEqual([
      ['api_usage', -60, 0],
      ['debt', 0, 15],
    ]);
    expect([standing(settled), reserved(settled)]).toEqual([[60, 60, 15], [['bought', 60]]]);
    expect(last(settled)).toMatchObject({ key: 'debt:hold:r', description: 'Owed: A completion' });
  });

  it('of zero frees everything and makes no entry', () => {
    const settled = holding.settled(aSettlement('r', 0), at());
    expect([standing(settled), since(settled, holding)]).toEqual([[120, 0, 0], []]);
    expect(held(settled, 'r')).toMatchObject({ state: 'settled', settled: micros(0) });
  });

  it('repeated with the same amount changes nothing; with another, or after a release, it is refused', () => {
    const settled = holding.settled(aSettlement('r', 30), at());
    expect(settled.settled(aSettlement('r', 30), at(1))).toEqual(settled);
    expect(() => settled.settled(aSettlement('r', 31), at(1))).toThrow(CreditHoldClosed);
    const released = holding.released('r', at());
    expect(() => released.settled(aSettlement('r', 30), at())).toThrow(CreditHoldClosed);
  });

  it('is of a hold that there is, and not below zero', () => {
    expect(() => holding.settled(aSettlement('another', 1), at())).toThrow(CreditHoldNotFound);
    expect(() => holding.settled(aSettlement('r', -1), at())).toThrow('An amount of credit is above zero.');
  });

  it('that comes after its hold expired is charged all the same: to what is free, then as a debt', () => {
    const expired = holding.tidied(at(60));
    expect(held(expired, 'r').state).toBe('expired');
    const late = expired.settled(aSettlement('r', 40), at(61));
    expect(since(late, expired)).toEqual([['api_usage', -40, 0]]);
    expect([standing(late), held(late, 'r').state]).toEqual([[60, 0, 0], 'settled']);

    const broke = expired.spent(aCharge(90), at(60)).settled(aSettlement('r', 40), at(61));
    expect(standing(broke)).toEqual([0, 0, 30]);
    expect(broke.settled(aSettlement('r', 40), at(62))).toEqual(broke);
  });

  it('in the instant of expiry finds the hold expired, whoever tidies up', () => {
    const short = account.heldFor(work('r', 120, 30), at());
    expect(since(short.settled(aSettlement('r', 120), at(30)), short)).toEqual([['api_usage', -120, 0]]);
    expect(standing(short.spent(aCharge(120), at(30)).settled(aSettlement('r', 50), at(30)))).toEqual([0, 0, 50]);
  });
});

describe('a release', () => {
  it('gives back what was held, without an entry', () => {
    const released = holding.released('r', at());
    expect([standing(released), reserved(released), since(released, holding)]).toEqual([[120, 0, 0], [], []]);
    expect(held(released, 'r')).toMatchObject({ state: 'released', settled: null, closedAt: NOW });
  });

  it('of what was released or expired changes nothing; of what was settled is refused', () => {
    const released = holding.released('r', at());
    expect(released.released('r', at(1))).toEqual(released);
    const expired = holding.tidied(at(60));
    expect(expired.released('r', at(61))).toEqual(expired);
    const settled = holding.settled(aSettlement('r', 10), at());
    expect(() => settled.released('r', at())).toThrow('The hold of request r is settled already.');
    expect(() => account.released('r', at())).toThrow(CreditHoldNotFound);
  });
});

describe('a hold that runs out', () => {
  it('reserves until the millisecond before, and frees everything at the instant', () => {
    const short = account.heldFor(work('r', 50, 30), at());
    const just = new Date(after(30).getTime() - 1);
    expect(standing(short.tidied({ ...at(), now: just }))).toEqual([120, 50, 0]);
    const tidied = short.tidied(at(30));
    expect([standing(tidied), reserved(tidied), since(tidied, short)]).toEqual([[120, 0, 0], [], []]);
    expect(held(tidied, 'r')).toMatchObject({ state: 'expired', closedAt: after(30) });
  });

  it('is closed by any deed before that deed decides', () => {
    const short = account.heldFor(work('r', 120, 30), at());
    expect(standing(short.heldFor(work('other', 120), at(30)))).toEqual([120, 120, 0]);
  });
});

describe('credit that runs out while running work holds part of it', () => {
  const part = account.heldFor(work('r', 15, 120), at());

  it('loses the free part at once, and keeps the held one until the hold ends', () => {
    const tidied = part.tidied(at(60));
    expect(since(tidied, part)).toEqual([['expiry', -5, 0]]);
    expect([standing(tidied), left(tidied)]).toEqual([
      [115, 15, 0],
      [
        ['gift', 15],
        ['bought', 100],
      ],
    ]);
    expect(tidied.front!.free).toEqual(micros(100));
  });

  it('does not ring the alarm for what lapses only when the hold ends', () => {
    expect(part.alarmAt).toEqual(after(60));
    expect(part.tidied(at(60)).alarmAt).toEqual(after(120));
  });

  it('pays for the work that held it, and what that leaves lapses at once', () => {
    const settled = part.settled(aSettlement('r', 12), at(90));
    expect(since(settled, part)).toEqual([
      ['expiry', -5, 0],
      ['api_usage', -12, 0],
      ['expiry', -3, 0],
    ]);
    expect(named(account, settled.entries.at(-2)!.sources)).toEqual([['gift', 12]]);
    expect([standing(settled), left(settled)]).toEqual([[100, 0, 0], [['bought', 100]]]);
    expect(new Set(settled.entries.map(({ key }) => key)).size).toBe(settled.entries.length);
  });

  it('lapses when the work is released, or its hold runs out', () => {
    expect(since(part.released('r', at(90)), part)).toEqual([
      ['expiry', -5, 0],
      ['expiry', -15, 0],
    ]);
    expect(since(part.tidied(at(120)), part)).toEqual([['expiry', -20, 0]]);
  });

  it('cannot be reached by work that costs more than it held', () => {
    const two = part.heldFor(work('other', 5, 120), at());
    const settled = two.settled(aSettlement('other', 10), at(90));
    expect(named(account, last(settled).sources)).toEqual([
      ['gift', 5],
      ['bought', 5],
    ]);
    expect(standing(settled)).toEqual([110, 15, 0]);
  });
});

describe('credit that a hold frees while something is owed', () => {
  const all = accountOf(aCredit(100))
    .heldFor(work('r', 60, 30), at())
    .heldFor(work('other', 40, 90), at());
  const owing = all.clawedBack(aClawback(50), at());

  it('is owed although there is a balance: that is held', () => {
    expect(standing(owing)).toEqual([100, 100, 50]);
  });

  it.each<[string, (account: CreditAccount) => CreditAccount]>([
    ['a release', (one) => one.released('r', at(1))],
    ['an expiry', (one) => one.tidied(at(30))],
    ['a settlement of nothing', (one) => one.settled(aSettlement('r', 0), at(1))],
  ])('pays that first: %s', (_, deed) => {
    const freed = deed(owing);
    expect(since(freed, owing)).toEqual([['debt_payment', -50, -50]]);
    expect(standing(freed)).toEqual([50, 40, 0]);
  });

  it('pays as much of it as there is', () => {
    const settled = owing.settled(aSettlement('r', 40), at(1));
    expect(since(settled, owing)).toEqual([
      ['api_usage', -40, 0],
      ['debt_payment', -20, -20],
    ]);
    expect(standing(settled)).toEqual([40, 40, 30]);
  });

  it('adds to it when the work cost more than it held', () => {
    const settled = owing.settled(aSettlement('r', 70), at(1));
    expect(since(settled, owing)).toEqual([
      ['api_usage', -60, 0],
      ['debt', 0, 10],
    ]);
    expect(standing(settled)).toEqual([40, 40, 60]);
  });

  it('lapses before it pays, when it is expired', () => {
    const gift = accountOf(credit('gift', 100, { ...PROMOTIONAL, expiresAt: after(60) }));
    const lapsing = gift.heldFor(work('r', 100, 90), at()).clawedBack(aClawback(50), at());
    const released = lapsing.released('r', at(61));
    expect(since(released, lapsing)).toEqual([['expiry', -100, 0]]);
    expect(standing(released)).toEqual([0, 0, 50]);
  });
});

it('an empty account holds and owes nothing', () => {
  const empty = CreditAccount.empty(USER);
  expect([standing(empty), empty.front, empty.available]).toEqual([[0, 0, 0], null, micros(0)]);
});
