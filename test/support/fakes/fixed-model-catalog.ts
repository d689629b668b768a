import { type ModelCatalog, ModelNotFound, type ModelOffer } from '#domain/providers/model-catalog';
import type { ModelPrice, ModelPriceId } from '#domain/providers/model-price';

/** The same offers for ever. */
export class FixedModelCatalog implements ModelCatalog {
  constructor(public offers: readonly ModelOffer[] = []) {}

  async offer(model: string): Promise<ModelOffer> {
    const offer = this.offers.find((one) => one.model === model);
    if (!offer) throw new ModelNotFound(model);
    return offer;
  }

  async list(): Promise<readonly ModelOffer[]> {
    return this.offers;
  }

  async price(id: ModelPriceId): Promise<ModelPrice> {
    const price = this.offers.flatMap(({ targets }) => targets).find((one) => one.id === id);
    if (!price) throw new Error(`There is no price ${id}.`);
    return price;
  }
}
