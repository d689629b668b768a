import { RateCard, type RateCardId } from '#domain/providers/rate-card';

let made = 0;

/** A tenth of a cent a minute for the sandbox, unless told otherwise. */
export function aRateCard(of: Partial<RateCard> = {}): RateCard {
  const id = `00000000-0000-4000-c000-${(++made).toString(16).padStart(12, '0')}` as RateCardId;
  const plain = new RateCard(id, 'sandbox', 'sandbox-1', 6000n, new Date('2025-01-01T00:00:00.000Z'), 'a test');
  return Object.assign(Object.create(RateCard.prototype) as RateCard, plain, of);
}
