import { creditToTakeBack } from '#domain/payments/payment';
import { micros } from '#test/support/builders/credits';

describe('what belongs back of a credit of 50 USD that was sold for 45.00', () => {
  it.each([
    [0, 0],
    // 11 111.11…, and 55 555.55…
    [1, 11_111],
    [5, 55_556],
    [2250, 25_000_000],
    [4499, 49_988_889],
    [4500, 50_000_000],
    [4600, 50_000_000],
  ])('is pro rata and never more than all of it: for %i cents that went back, %i micro-dollars', (returned, taken) => {
    expect(creditToTakeBack(micros(50_000_000), 4500, returned)).toEqual(micros(taken));
  });

  it('rounds exactly half a micro-dollar up', () => {
    expect(creditToTakeBack(micros(5), 10, 1)).toEqual(micros(1));
  });
});
