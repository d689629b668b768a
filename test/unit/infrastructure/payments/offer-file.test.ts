import { moneyOfCredits } from '#domain/credits/credit';
import { creditOfferOf, OfferInvalid } from '#infrastructure/payments/offer-file';

type Json = Record<string, any>;

const file = (spoil: (json: Json) => void = () => undefined): Json => {
  const json: Json = {
    packages: [
      { id: 'small', name: 'Small', credits: 1000, prices: { usd: 1000, eur: 950 }, popular: true },
      { id: 'large', name: 'Large', credits: 5000.5, prices: { usd: 4500 } },
    ],
    minimum_amount: 500,
    maximum_amount: 100_000,
  };
  spoil(json);
  return json;
};

describe('an offer of credit in a file', () => {
  it('is read with a price in each currency that it is sold in', () => {
    expect(creditOfferOf(file())).toEqual({
      packages: [
        {
          id: 'small',
          displayName: 'Small',
          credit: moneyOfCredits(1000),
          prices: { usd: 1000, eur: 950 },
          popular: true,
        },
        { id: 'large', displayName: 'Large', credit: moneyOfCredits('5000.5'), prices: { usd: 4500 }, popular: false },
      ],
      leastCents: 500,
      mostCents: 100_000,
    });
  });

  it.each<[string, (json: Json) => void, RegExp]>([
    ['a field that is not known', (json) => (json.currency = 'usd'), /currency/],
    ['a mistyped field of a package', (json) => (json.packages[0].price = 1), /packages\.0\.price/],
    ['two packages of one id', (json) => (json.packages[1].id = 'small'), /same id/],
    ['no price', (json) => (json.packages[0].prices = {}), /at least one currency/],
    ['a price of nothing', (json) => (json.packages[0].prices.usd = 0), /small\.prices\.usd/],
    ['a price with a fraction', (json) => (json.packages[0].prices.usd = 9.5), /small\.prices\.usd/],
    ['a currency in capitals', (json) => (json.packages[0].prices = { USD: 1000 }), /small\.prices\.USD/],
    ['credits finer than a micro-dollar', (json) => (json.packages[0].credits = 1.00001), /small: credits/],
    ['credits as small as a mistake', (json) => (json.packages[0].credits = 1e-7), /packages\.0\.credits/],
    ['bounds the wrong way round', (json) => (json.maximum_amount = 400), /above maximum_amount/],
    ['a minimum that no provider takes', (json) => (json.minimum_amount = 1), /minimum_amount/],
    ['no packages', (json) => delete json.packages, /packages/],
  ])('is refused for %s, by name', (_, spoil, fault) => {
    expect(() => creditOfferOf(file(spoil))).toThrow(OfferInvalid);
    expect(() => creditOfferOf(file(spoil))).toThrow(fault);
  });

  it.each([null, [], 'text', 12])('is refused when it is %j', (json) => {
    expect(() => creditOfferOf(json)).toThrow(OfferInvalid);
  });
});
