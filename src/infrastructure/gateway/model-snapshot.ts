import type { DatedRoute } from '#application/gateway/price-book';
import { ModelNotFound, type ModelOffer, ModelUnpriced, type Target } from '#domain/providers/model-catalog';
import type { ModelPrice, ModelPriceId } from '#domain/providers/model-price';

/** Prices and routes as they were read at one moment, to be looked up without asking the database again. */
export class ModelSnapshot {
  private readonly ids: ReadonlyMap<ModelPriceId, ModelPrice>;
  private readonly prices: ReadonlyMap<string, readonly ModelPrice[]>;
  private readonly routes: ReadonlyMap<string, readonly DatedRoute[]>;
  /** Names of the routes that ever lead to `provider/its own name`. */
  private readonly routesTo: ReadonlyMap<string, readonly string[]>;

  constructor(
    /** What was in force from here on is known; what was before may be missing. */
    readonly completeFrom: Date,
    readonly readAt: Date,
    prices: readonly ModelPrice[],
    routes: readonly DatedRoute[],
  ) {
    this.ids = new Map(prices.map((price) => [price.id, price]));
    this.prices = grouped(newestFirst(prices), nameOf);
    this.routes = grouped(newestFirst(routes), ({ model }) => model);
    const ways = routes.flatMap((route) => route.targets.map((target) => ({ target, route: route.model })));
    this.routesTo = new Map(
      [...grouped(ways, ({ target }) => nameOf(target))].map(([name, way]) => [name, way.map(({ route }) => route)]),
    );
  }

  findPrice(id: ModelPriceId): ModelPrice | null {
    return this.ids.get(id) ?? null;
  }

  /** Throws ModelNotFound and ModelUnpriced. A route of exactly that name goes before a target that it could mean. */
  offer(model: string, at: Date): ModelOffer {
    const targets = this.findTargets(model, at) ?? this.targetsNamed(model, at);
    if (targets.length === 0) throw new ModelNotFound(model);
    const priced = this.pricesOf(targets, at);
    if (priced.length === 0) throw new ModelUnpriced(model);
    return { model, targets: priced };
  }

  list(at: Date): readonly ModelOffer[] {
    return [...this.routes.keys()]
      .sort()
      .map((model) => ({ model, targets: this.pricesOf(this.findTargets(model, at) ?? [], at) }))
      .filter(({ targets }) => targets.length > 0);
  }

  /** Null when no route has that name. */
  private findTargets(model: string, at: Date): readonly Target[] | null {
    return inForce(this.routes.get(model), at)?.targets ?? null;
  }

  /** The one target that `provider/model` names, by the name of its route or by its own; none when it names nothing. */
  private targetsNamed(name: string, at: Date): readonly Target[] {
    const slash = name.indexOf('/');
    if (slash <= 0) return [];
    const [provider, model] = [name.slice(0, slash), name.slice(slash + 1)];
    const routed = this.findTargets(model, at)?.find((target) => target.provider === provider);
    if (routed) return [routed];
    const named = (this.routesTo.get(name) ?? [])
      .flatMap((route) => this.findTargets(route, at) ?? [])
      .find((target) => target.provider === provider && target.model === model);
    return named ? [named] : [];
  }

  private pricesOf(targets: readonly Target[], at: Date): readonly ModelPrice[] {
    return targets
      .map((target) => inForce(this.prices.get(nameOf(target)), at))
      .filter((price): price is ModelPrice => price !== null);
  }
}

interface Dated {
  readonly effectiveFrom: Date;
}

function newestFirst<T extends Dated>(rows: readonly T[]): readonly T[] {
  return [...rows].sort((one, other) => other.effectiveFrom.getTime() - one.effectiveFrom.getTime());
}

function inForce<T extends Dated>(newestFirst: readonly T[] | undefined, at: Date): T | null {
  return newestFirst?.find(({ effectiveFrom }) => effectiveFrom <= at) ?? null;
}

/** A provider has no slash in its name, so no two have the same. */
function nameOf({ provider, model }: Target): string {
  return `${provider}/${model}`;
}

function grouped<T>(rows: readonly T[], name: (row: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(name(row));
    if (group) group.push(row);
    else groups.set(name(row), [row]);
  }
  return groups;
}
