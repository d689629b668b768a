import type { DatedRoute, PriceBook, PriceFilter, PriceInForce } from '#application/gateway/price-book';
import type { ModelPrice } from '#domain/providers/model-price';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

export class InMemoryPriceBook implements PriceBook {
  private readonly prices: Table<ModelPrice>;
  private readonly routes: Table<DatedRoute>;

  constructor(private readonly transaction: InMemoryTransaction) {
    this.prices = transaction.table('model_prices');
    this.routes = transaction.table('model_routes');
  }

  async hold(): Promise<void> {
    this.transaction.hold('model_prices');
  }

  async inForce({ provider, model }: PriceFilter, at: Date): Promise<readonly PriceInForce[]> {
    const routes = newest(this.routes.all(), at, (route) => route.model);
    return newest(this.prices.all(), at, nameOf)
      .map((price) => ({ price, until: this.successorOf(price), routes: namesOf(routes, price) }))
      .filter((one) => provider === null || provider === one.price.provider)
      .filter((one) => model === null || model === one.price.model || one.routes.includes(model))
      .sort((one, other) => (nameOf(one.price) < nameOf(other.price) ? -1 : 1));
  }

  async routed(): Promise<ReadonlySet<string>> {
    return new Set(this.routes.all().map(({ model }) => model));
  }

  async addPrice(price: ModelPrice): Promise<void> {
    const key = `${nameOf(price)} ${price.effectiveFrom.toISOString()}`;
    if (this.prices.has(key)) throw new Error(`There is a price ${key} already.`);
    this.prices.put(key, price);
  }

  async addRoute(route: DatedRoute): Promise<void> {
    const key = `${route.model} ${route.effectiveFrom.toISOString()}`;
    if (this.routes.has(key)) throw new Error(`There is a route ${key} already.`);
    this.routes.put(key, route);
  }

  /** Everything, in the order in which it was added. */
  get all(): { readonly prices: readonly ModelPrice[]; readonly routes: readonly DatedRoute[] } {
    return { prices: this.prices.all(), routes: this.routes.all() };
  }

  private successorOf(price: ModelPrice): Date | null {
    const later = this.prices
      .all()
      .filter((one) => nameOf(one) === nameOf(price) && one.effectiveFrom > price.effectiveFrom)
      .map(({ effectiveFrom }) => effectiveFrom.getTime());
    return later.length === 0 ? null : new Date(Math.min(...later));
  }
}

function nameOf({ provider, model }: { readonly provider: string; readonly model: string }): string {
  return `${provider} ${model}`;
}

function namesOf(routes: readonly DatedRoute[], price: ModelPrice): readonly string[] {
  return routes
    .filter(({ targets }) => targets.some((target) => nameOf(target) === nameOf(price)))
    .map(({ model }) => model)
    .sort();
}

function newest<T extends { readonly effectiveFrom: Date }>(
  rows: readonly T[],
  at: Date,
  name: (row: T) => string,
): readonly T[] {
  const found = new Map<string, T>();
  for (const row of rows) {
    const known = found.get(name(row));
    if (row.effectiveFrom <= at && (!known || known.effectiveFrom < row.effectiveFrom)) found.set(name(row), row);
  }
  return [...found.values()];
}
