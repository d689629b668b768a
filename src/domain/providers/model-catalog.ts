import { DomainException } from '../shared/domain-exception.js';
import type { ModelPrice, ModelPriceId } from './model-price.js';

/** A provider, and its own name of a model. */
export interface Target {
  readonly provider: string;
  readonly model: string;
}

/** Who serves a model under the name that callers use, in order of preference, each with its price in force. */
export interface ModelOffer {
  readonly model: string;
  /** Those of the route that have a price; the first is whose price the caller pays at most. */
  readonly targets: readonly ModelPrice[];
}

/** Models as callers name them: dated routes to dated prices. */
export abstract class ModelCatalog {
  /**
   * Who serves `model` at `at`. `provider/model` names one target of a route alone.
   * Throws ModelNotFound for a name without a route, ModelUnpriced when no target of it has a price.
   */
  abstract offer(model: string, at: Date): Promise<ModelOffer>;

  /** Every model that has a route and a price at `at`, by name. */
  abstract list(at: Date): Promise<readonly ModelOffer[]>;

  /** By id, for proving a charge by the price that it names. Throws when it does not exist: prices are never removed. */
  abstract price(id: ModelPriceId): Promise<ModelPrice>;
}

export class ModelNotFound extends DomainException {
  constructor(model: string) {
    super(
      'model_not_found',
      `There is no model ${JSON.stringify(model.slice(0, 100))}. GET /v1/models lists those that are served.`,
      { model: model.slice(0, 100) },
      'not_found',
    );
  }
}

export class ModelUnpriced extends DomainException {
  constructor(model: string) {
    super(
      'model_not_priced',
      `${model} has no price, so it is not served. An operator adds one with "minutebook prices import".`,
      { model },
      'invalid',
    );
  }
}
