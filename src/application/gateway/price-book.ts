import type { Target } from '#domain/providers/model-catalog';
import type { ModelPrice } from '#domain/providers/model-price';

/** Who serves a model from then on, in order of preference. No target: it is no longer served. */
export interface DatedRoute {
  readonly model: string;
  readonly effectiveFrom: Date;
  readonly targets: readonly Target[];
  readonly source: string;
}

/** A price in force, and what an operator wants to know beside it. */
export interface PriceInForce {
  readonly price: ModelPrice;
  /** When another that is in the book already takes over; null for none. */
  readonly until: Date | null;
  /** Names that callers reach it by: without one it is not served. */
  readonly routes: readonly string[];
}

/** Which prices are wanted; what is null does not matter. */
export interface PriceFilter {
  readonly provider: string | null;
  /** The provider's own name of it, or the name of a route to it. */
  readonly model: string | null;
}

/** The dated prices and routes, to be looked through and added to: nothing in it is ever changed or removed. */
export abstract class PriceBook {
  /** Keeps everybody else from adding until the running transaction has ended. */
  abstract hold(): Promise<void>;

  /** What is in force at `at`, by provider and model. */
  abstract inForce(filter: PriceFilter, at: Date): Promise<readonly PriceInForce[]>;

  /** Names that have a route, or had or will have one. */
  abstract routed(): Promise<ReadonlySet<string>>;

  /** In the running transaction, like the others that add. One of the same provider, model and date must not exist. */
  abstract addPrice(price: ModelPrice): Promise<void>;

  abstract addRoute(route: DatedRoute): Promise<void>;
}
