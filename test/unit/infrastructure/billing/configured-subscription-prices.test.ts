import { loadConfig } from '#config';
import { PlanNotSold } from '#domain/billing/subscription-prices';
import { ConfiguredSubscriptionPrices, PricesInvalid } from '#infrastructure/billing/configured-subscription-prices';

const read = (text: string): ConfiguredSubscriptionPrices =>
  new ConfiguredSubscriptionPrices(loadConfig({ STRIPE_PRICES: text, KEY_PEPPER: 'x'.repeat(32) }).stripePrices);

describe('the prices of the operator', () => {
  const prices = read('pro:month=price_new, pro:month=price_old,pro:year=price_y,student:month=gold-2019');

  it('sell the first of a plan and cycle, and know the others', () => {
    expect(prices.idOf('pro', 'month')).toBe('price_new');
    expect(prices.find('price_new')).toEqual({ plan: 'pro', cycle: 'month' });
    expect(prices.find('price_old')).toEqual({ plan: 'pro', cycle: 'month' });
    expect(prices.find('gold-2019')).toEqual({ plan: 'student', cycle: 'month' });
  });

  it('sell nothing that is not there, and know no other price', () => {
    expect(() => prices.idOf('student', 'year')).toThrow(PlanNotSold);
    expect(() => prices.idOf('free', 'month')).toThrow(PlanNotSold);
    expect(prices.find('price_unknown')).toBeNull();
  });

  it('may be none', () => {
    expect(() => read('').idOf('pro', 'month')).toThrow(PlanNotSold);
  });

  it.each([
    [
      'a plan that there is not',
      'gold:month=price_a',
      '"gold" is no plan that is sold; those are student, pro, coaching_school',
    ],
    ['the free plan', 'free:month=price_a', '"free" is no plan that is sold'],
    ['a cycle that there is not', 'pro:week=price_a', '"week" is no billing cycle; those are month, year'],
    [
      'one price for two plans',
      'pro:month=price_a,student:month=price_a',
      'price_a is there twice, first for pro:month',
    ],
    ['one price twice', 'pro:month=price_a,pro:month=price_a', 'price_a is there twice'],
  ])('refuse %s', (_, text, message) => {
    expect(() => read(text)).toThrow(PricesInvalid);
    expect(() => read(text)).toThrow(message);
  });

  it('tell of every fault at once', () => {
    expect(() => read('gold:week=price_a')).toThrow(/"gold".*"week"/);
  });

  it.each(['pro:month', 'pro=price_a', 'pro:month=', 'pro:month=price_a,', 'pro:month=price a'])(
    'refuse "%s"',
    (text) => {
      expect(() => read(text)).toThrow(/STRIPE_PRICES: .* is not a price such as pro:month=price_1Abc/);
    },
  );
});
