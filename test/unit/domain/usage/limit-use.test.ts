import { LimitUse } from '#domain/usage/limit-use';

describe('the use of a limit', () => {
  it('leaves what is neither used nor held', () => {
    expect(new LimitUse(120, 30, 200).remaining).toBe(50);
  });

  it('never leaves less than nothing, although a smaller plan may allow less than is used', () => {
    expect(new LimitUse(300, 0, 200).remaining).toBe(0);
  });

  it('is a percentage of the limit, rounded down to one decimal, so that it is 100 only when all is used', () => {
    expect(new LimitUse(1, 0, 3).percentage).toBe(33.3);
    expect(new LimitUse(11_999, 0, 12_000).percentage).toBe(99.9);
    expect(new LimitUse(12_000, 0, 12_000).percentage).toBe(100);
    expect(new LimitUse(240, 0, 200).percentage).toBe(120);
  });

  it('tells what is used from what is taken, which is used and held', () => {
    const use = new LimitUse(100, 50, 200);
    expect([use.percentage, use.takenPercentage]).toEqual([50, 75]);
  });

  it('of something unlimited has no percentage, and unlimited remains', () => {
    const use = new LimitUse(1_000_000, 5, 'unlimited');
    expect([use.remaining, use.percentage, use.takenPercentage, use.fits]).toEqual(['unlimited', null, null, true]);
  });

  it('of a limit of nothing is full from the start', () => {
    expect([new LimitUse(0, 0, 0).percentage, new LimitUse(0, 0, 0).remaining]).toEqual([100, 0]);
  });

  it('fits as far as the limit, that included', () => {
    expect([199, 200, 201].map((used) => new LimitUse(used, 0, 200).fits)).toEqual([true, true, false]);
    expect(new LimitUse(199, 2, 200).fits).toBe(false);
  });
});
