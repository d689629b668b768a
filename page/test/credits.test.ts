import { PAYMENT_STANDINGS } from '#domain/payments/payment';
import {
  currenciesOf,
  currencyOf,
  grantOf,
  isOpen,
  outcomeOf,
  pageOf,
  PAUSES_MS,
  referenceOf,
} from '#page/billing/credits-reckoning';

describe('an entry of the ledger', () => {
  it.each([
    [
      { session_id: 's-1', log_id: 'l-1' },
      { kind: 'session', id: 's-1' },
    ],
    [
      { log_id: 'l-1', model: 'm' },
      { kind: 'request', id: 'l-1' },
    ],
    [
      { payment_id: 'p-1', refund_id: 'r-1' },
      { kind: 'payment', id: 'p-1' },
    ],
    [{ session_id: null }, null],
    [{}, null],
  ])('with %j leads to %j', (metadata, reference) => expect(referenceOf(metadata)).toEqual(reference));

  it('names the grant that paid it where that is live or stands beside it', () => {
    const grant = { id: 'g-1', type: 'bonus', created_at: '2026-11-03T00:00:00.000Z' } as Parameters<
      typeof grantOf
    >[1][0];
    const entry = { id: 'e-1', type: 'purchase', created_at: '2026-11-04T00:00:00.000Z' } as Parameters<
      typeof grantOf
    >[2][0];
    expect(grantOf('g-1', [grant], [entry])?.type).toBe('bonus');
    expect(grantOf('e-1', [grant], [entry])?.type).toBe('purchase');
    expect(grantOf('other', [grant], [entry])).toBeNull();
  });
});

describe('a package', () => {
  const sold = (prices: Record<string, number>) => ({ id: 'x', name: 'X', credits: 1, prices, popular: false });

  it('is shown in US dollars where they are taken, else in what is', () => {
    expect(currencyOf(sold({ eur: 900, usd: 1000 }))).toBe('usd');
    expect(currencyOf(sold({ jpy: 1000 }))).toBe('jpy');
  });

  it('adds its currencies to those that can be chosen', () => {
    expect(currenciesOf([sold({ usd: 1, eur: 1 }), sold({ usd: 1, chf: 1 })])).toEqual(['chf', 'eur', 'usd']);
  });
});

describe('a purchase that somebody comes back from', () => {
  it('is told by every standing that the server knows', () => {
    expect(PAYMENT_STANDINGS.map((status) => outcomeOf({ status }))).not.toContain(undefined);
  });

  it('is asked about again only while something can come of it', () => {
    expect(PAYMENT_STANDINGS.filter((status) => isOpen(outcomeOf({ status })))).toEqual(['pending', 'processing']);
  });

  it('is asked about for half a minute', () => expect(PAUSES_MS.reduce((sum, pause) => sum + pause)).toBe(30_000));
});

describe('a page of a list', () => {
  it.each([
    [0, 20, { first: 1, last: 8, hasNewer: false, hasOlder: true }],
    [16, 20, { first: 17, last: 20, hasNewer: true, hasOlder: false }],
    [0, 8, { first: 1, last: 8, hasNewer: false, hasOlder: false }],
    [0, 0, { first: 0, last: 0, hasNewer: false, hasOlder: false }],
  ])('from %d of %d', (offset, total, page) => expect(pageOf(offset, 8, total)).toEqual(page));
});
