import type { BudgetStrategy } from '#domain/budgets/budget-strategy';
import type { AiDemand } from '#domain/providers/ai-usage';
import type { ModelPrice } from '#domain/providers/model-price';
import type { Money } from '#domain/shared/money';
import { UseCase } from '../use-case.js';
import { ProviderLatencies } from './provider-latencies.js';

/** What one target of a route would cost us at most. */
export interface PricedTarget {
  readonly target: ModelPrice;
  readonly most: Money;
}

/** Puts those who could serve a request in the order in which they are asked. */
@UseCase()
export class ProviderRanking {
  constructor(private readonly latencies: ProviderLatencies) {}

  /** The targets with what they would cost us, in the order of their route. */
  priced(targets: readonly ModelPrice[], demand: AiDemand): readonly PricedTarget[] {
    return targets.map((target) => ({ target, most: target.mostOf(demand, 0) }));
  }

  /**
   * `quality_first` is the operator's own order, the route's. `cheapest_first` goes by price. `balanced` adds up the places in
   * three orders: of the route, by price and by latency. `emergency_only` asks the cheapest one and nobody else. Whoever has
   * the same place stays in the order of the route.
   */
  ranked(targets: readonly PricedTarget[], strategy: BudgetStrategy): readonly ModelPrice[] {
    const byPrice = sorted(targets, ({ most }) => most.micros);
    if (strategy === 'quality_first') return targets.map(({ target }) => target);
    if (strategy === 'emergency_only') return byPrice.slice(0, 1).map(({ target }) => target);
    if (strategy === 'cheapest_first') return byPrice.map(({ target }) => target);
    // Who was not asked yet is taken to be as fast as any.
    const latency = new Map(
      targets.map(({ target }) => [target, BigInt(this.latencies.of(target.provider)?.p50 ?? 0)]),
    );
    const places = new Map(
      targets.map((one, index) => {
        const cheaper = targets.filter(({ most }) => most.isLessThan(one.most)).length;
        const faster = targets.filter(({ target }) => latency.get(target)! < latency.get(one.target)!).length;
        return [one.target, BigInt(index + cheaper + faster)];
      }),
    );
    return sorted(targets, ({ target }) => places.get(target)!).map(({ target }) => target);
  }
}

function sorted<T>(items: readonly T[], by: (item: T) => bigint): readonly T[] {
  return [...items].sort((one, other) => (by(one) < by(other) ? -1 : by(one) > by(other) ? 1 : 0));
}
