import { ModelNotPriced, RateCard } from '#domain/providers/rate-card';
import { at, Given, later, newId } from './given.js';
import type { World } from './world.js';

const JANUARY = at('2026-01-01T00:00:00.000Z');
const MARCH = at('2026-03-01T00:00:00.000Z');

export function rateCardsContract(world: () => World): void {
  const given = new Given(world);

  describe('RateCards', () => {
    it('answers the price in force: from its own instant on, until the next one’s', async () => {
      const model = newId();
      // Kept in the other order, so that neither insertion nor luck decides.
      const march = await given.rateCard({ model, effectiveFrom: MARCH, microsPerMinute: 9_007_199_254_740_993n });
      const january = await given.rateCard({ model, effectiveFrom: JANUARY });
      const { rateCards } = world();
      const found = await rateCards.priceOf('sandbox', model, JANUARY);
      expect(found).toBeInstanceOf(RateCard);
      expect(found).toEqual(january);
      expect(await rateCards.priceOf('sandbox', model, later(MARCH, -1))).toEqual(january);
      expect(await rateCards.priceOf('sandbox', model, MARCH)).toEqual(march);
      expect(await rateCards.priceOf('sandbox', model, later(MARCH, 1e12))).toEqual(march);
    });

    it('refuses a model that has no price, has none yet, or has one of another provider only', async () => {
      const model = newId();
      await given.rateCard({ model, effectiveFrom: JANUARY });
      const { rateCards } = world();
      await expect(rateCards.priceOf('sandbox', newId(), MARCH)).rejects.toThrow(ModelNotPriced);
      await expect(rateCards.priceOf('sandbox', model, later(JANUARY, -1))).rejects.toThrow(ModelNotPriced);
      await expect(rateCards.priceOf('openai', model, MARCH)).rejects.toThrow(ModelNotPriced);
    });

    it('answers a card by its id, however outdated, and takes a missing one for a fault', async () => {
      const model = newId();
      const january = await given.rateCard({ model, effectiveFrom: JANUARY });
      await given.rateCard({ model, effectiveFrom: MARCH });
      expect(await world().rateCards.get(january.id)).toEqual(january);
      await expect(async () => world().rateCards.get(newId<'RateCard'>())).rejects.toThrow();
    });
  });
}
