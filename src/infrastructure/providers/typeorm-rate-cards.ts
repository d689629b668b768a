import { injectable } from 'inversify';
import { LessThanOrEqual } from 'typeorm';
import { ModelNotPriced, RateCard, type RateCardId, type RateCards } from '#domain/providers/rate-card';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class TypeOrmRateCards implements RateCards {
  constructor(private readonly database: TypeOrmTransaction) {}

  async priceOf(provider: string, model: string, at: Date): Promise<RateCard> {
    const card = await this.database.reader.findOne(RateCard, {
      where: { provider, model, effectiveFrom: LessThanOrEqual(at) },
      order: { effectiveFrom: 'DESC' },
    });
    if (!card) throw new ModelNotPriced(provider, model, at);
    return card;
  }

  get(id: RateCardId): Promise<RateCard> {
    return this.database.reader.findOneByOrFail(RateCard, { id });
  }
}
