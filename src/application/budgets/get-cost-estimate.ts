import { type CostEstimate, costEstimate, type CostQuestion, CostRates } from '#domain/budgets/cost-rates';
import { ModelCatalog, ModelNotFound, ModelUnpriced } from '#domain/providers/model-catalog';
import type { ModelPrice } from '#domain/providers/model-price';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';

/** What work would cost us now, and how sure that is: nothing is held, and nothing recorded. */
@UseCase()
export class GetCostEstimate {
  constructor(
    private readonly catalog: ModelCatalog,
    private readonly rates: CostRates,
    private readonly clock: Clock,
  ) {}

  /** Throws InvalidValue for quantities that cannot be. */
  async execute(question: CostQuestion): Promise<CostEstimate> {
    const { provider, model } = question;
    const now = this.clock.now();
    const price = await this.findPrice(provider, model, now);
    return costEstimate(question, { price, ...(await this.rates.inForce(provider, model, now)) });
  }

  /** Null for what the gateway does not serve, or not at a price. */
  private async findPrice(provider: string, model: string, at: Date): Promise<ModelPrice | null> {
    try {
      const { targets } = await this.catalog.offer(`${provider}/${model}`, at);
      return targets.find((target) => target.provider === provider) ?? null;
    } catch (error) {
      if (error instanceof ModelNotFound || error instanceof ModelUnpriced) return null;
      throw error;
    }
  }
}
