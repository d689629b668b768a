import type { BudgetId } from '#domain/budgets/budget';
import {
  type BudgetRecommendation,
  budgetRecommendations,
  type ModelShare,
} from '#domain/budgets/budget-recommendation';
import { BudgetRepository } from '#domain/budgets/budget-repository';
import { findCheaperTarget } from '#domain/budgets/cheaper-target';
import { ModelCatalog } from '#domain/providers/model-catalog';
import { AiProviders } from '../gateway/ai-provider.js';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { BudgetReport, type NamedSlice } from './budget-report.js';

/** What to do about a budget, each with what it rests on: urgent things first, then what would be cheaper, then what is ahead. */
@UseCase()
export class GetBudgetRecommendations {
  constructor(
    private readonly budgets: BudgetRepository,
    private readonly report: BudgetReport,
    private readonly catalog: ModelCatalog,
    private readonly providers: AiProviders,
    private readonly clock: Clock,
  ) {}

  /** Throws UserNotFound. */
  async execute(id: BudgetId): Promise<readonly BudgetRecommendation[]> {
    const now = this.clock.now();
    const status = await this.budgets.status(id, now);
    const { byModel } = await this.report.sharesOf(id, status.period);
    const [first] = byModel;
    return budgetRecommendations(status, first?.cost.isPositive ? await this.shareOf(first, now) : null);
  }

  private async shareOf({ name, ...slice }: NamedSlice, now: Date): Promise<ModelShare> {
    const slash = name.indexOf('/');
    const [provider, model] = [name.slice(0, slash), name.slice(slash + 1)];
    // Nobody is sent to a provider that is not there, or that makes its answers up.
    const isSimulated = this.providers.find(provider)?.simulated ?? false;
    const offers = (await this.catalog.list(now)).map((offer) => ({
      ...offer,
      targets: offer.targets.filter((target) => {
        const other = this.providers.find(target.provider);
        return target.provider === provider || (other !== null && (isSimulated || !other.simulated));
      }),
    }));
    return {
      provider,
      model,
      ...slice,
      cheaper: findCheaperTarget(offers, { provider, model, cost: slice.cost }),
    };
  }
}
