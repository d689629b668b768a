import { ModelNotPriced, type RateCard, type RateCardId, type RateCards } from '#domain/providers/rate-card';

export class InMemoryRateCards implements RateCards {
  private readonly cards: RateCard[];

  constructor(...cards: RateCard[]) {
    this.cards = cards;
  }

  add(card: RateCard): void {
    this.cards.push(card);
  }

  async priceOf(provider: string, model: string, at: Date): Promise<RateCard> {
    const card = this.cards
      .filter((one) => one.provider === provider && one.model === model && one.effectiveFrom <= at)
      .sort((one, other) => other.effectiveFrom.getTime() - one.effectiveFrom.getTime())[0];
    if (!card) throw new ModelNotPriced(provider, model, at);
    return card;
  }

  async get(id: RateCardId): Promise<RateCard> {
    const card = this.cards.find((one) => one.id === id);
    if (!card) throw new Error(`There is no rate card ${id}.`);
    return card;
  }
}
