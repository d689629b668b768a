import type { DatedRoute, PriceBook } from '#application/gateway/price-book';
import type { Transaction } from '#application/ports/transaction';
import { ModelPrice, type ModelPriceId } from '#domain/providers/model-price';

/** A book with nothing in it but what a test adds, or with prices of other providers than `p` and `q`. */
export interface PriceBookWorld {
  readonly transaction: Transaction;
  readonly prices: PriceBook;
}

let last = 0;
export function aPrice(of: Partial<ModelPrice> & { readonly provider: string; readonly model: string }): ModelPrice {
  return new ModelPrice(
    of.id ?? (`00000000-0000-7000-b000-${String(++last).padStart(12, '0')}` as ModelPriceId),
    of.provider,
    of.model,
    of.modality ?? 'chat',
    of.rates ?? { input_token: 100_000n, output_token: 200_000n },
    of.longContext ?? null,
    of.traits ?? { contextTokens: 1000, maxOutputTokens: null, features: ['tools'] },
    of.effectiveFrom ?? new Date('2026-01-01T00:00:00.000Z'),
    of.source ?? 'a test',
  );
}

export function priceBookContract(given: () => PriceBookWorld): void {
  const at = new Date('2026-03-10T12:00:00.000Z');
  const add = (...prices: readonly ModelPrice[]): Promise<void> =>
    given().transaction.run(async () => {
      for (const price of prices) await given().prices.addPrice(price);
    });
  const route = (model: string, from: string, ...targets: DatedRoute['targets']): Promise<void> =>
    given().transaction.run(() =>
      given().prices.addRoute({ model, effectiveFrom: new Date(from), targets, source: 'a test' }),
    );
  const inForce = (provider: string | null, model: string | null, when = at): ReturnType<PriceBook['inForce']> =>
    given().prices.inForce({ provider, model }, when);

  describe('A book of prices', () => {
    it('answers a price as it was added', async () => {
      const price = aPrice({
        provider: 'p',
        model: 'whole',
        modality: 'image',
        rates: { 'image/high/1024x1024': 9_007_199_254_740_993n, image: 0n },
        longContext: { aboveTokens: 200_000, rates: { input_token: 1n } },
      });
      await add(price);
      expect(await inForce('p', 'whole')).toEqual([{ price, until: null, routes: [] }]);
    });

    it('has the newest price in force at an instant, and knows when the next takes over', async () => {
      const [first, second] = ['2026-02-01', '2026-03-10T12:00:00.001Z'].map((from) =>
        aPrice({ provider: 'p', model: 'dated', effectiveFrom: new Date(from) }),
      );
      await add(first!, second!);
      expect(await inForce('p', 'dated')).toEqual([{ price: first, until: second!.effectiveFrom, routes: [] }]);
      expect(await inForce('p', 'dated', second!.effectiveFrom)).toEqual([{ price: second, until: null, routes: [] }]);
      expect(await inForce('p', 'dated', new Date('2026-01-31'))).toEqual([]);
    });

    it('finds prices by provider, by their own name and by the names of the routes in force to them', async () => {
      await add(aPrice({ provider: 'q', model: 'own-b' }), aPrice({ provider: 'q', model: 'own-a' }));
      await route('called', '2026-02-01', { provider: 'q', model: 'own-a' }, { provider: 'q', model: 'own-b' });
      await route('called', '2026-03-01', { provider: 'q', model: 'own-b' });
      await route('also-called', '2026-02-01', { provider: 'q', model: 'own-b' });
      await route('not-yet', '2026-04-01', { provider: 'q', model: 'own-a' });
      const found = async (provider: string | null, model: string | null): Promise<unknown[]> =>
        (await inForce(provider, model)).map(({ price, routes }) => [price.model, ...routes]);
      expect(await found('q', null)).toEqual([['own-a'], ['own-b', 'also-called', 'called']]);
      expect(await found(null, 'called')).toEqual([['own-b', 'also-called', 'called']]);
      expect(await found('q', 'own-a')).toEqual([['own-a']]);
      expect(await found('p', 'called')).toEqual([]);
    });

    it('knows every name that has, had or will have a route', async () => {
      await route('closed', '2026-02-01');
      await route('coming', '2027-01-01', { provider: 'q', model: 'own-a' });
      const routed = await given().prices.routed();
      expect([routed.has('closed'), routed.has('coming'), routed.has('never')]).toEqual([true, true, false]);
    });

    it('takes no second price of the same provider, model and date, and keeps nothing of what failed', async () => {
      const price = aPrice({ provider: 'p', model: 'taken' });
      await add(price);
      const other = aPrice({ provider: 'p', model: 'beside-taken' });
      await expect(add(other, aPrice({ provider: 'p', model: 'taken' }))).rejects.toThrow();
      expect(await inForce('p', 'beside-taken')).toEqual([]);
      expect(await inForce('p', 'taken')).toEqual([{ price, until: null, routes: [] }]);
    });

    it('is written in a transaction alone', async () => {
      const { prices } = given();
      const attempts = [
        () => prices.hold(),
        () => prices.addPrice(aPrice({ provider: 'p', model: 'alone' })),
        () => prices.addRoute({ model: 'alone', effectiveFrom: at, targets: [], source: 'a test' }),
      ];
      for (const attempt of attempts) await expect(attempt()).rejects.toThrow(/running transaction/);
    });

    it('is held by one importer at a time', async () => {
      const { prices, transaction } = given();
      const order: string[] = [];
      let entered = (): void => undefined;
      const inside = new Promise<void>((resolve) => (entered = resolve));
      const first = transaction.run(async () => {
        await prices.hold();
        entered();
        // Long enough for the other to overtake, if it can: it asks the database as often.
        for (let reads = 0; reads < 20; reads++) await prices.inForce({ provider: 'p', model: null }, at);
        order.push('first');
      });
      await inside;
      const second = transaction.run(async () => {
        await prices.hold();
        order.push('second');
      });
      await Promise.all([first, second]);
      expect(order).toEqual(['first', 'second']);
    });
  });
}
