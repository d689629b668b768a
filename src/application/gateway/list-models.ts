import { ModelCatalog, type ModelOffer } from '#domain/providers/model-catalog';
import type { Modality, ModelPrice } from '#domain/providers/model-price';
import type { Page, PageOf } from '#domain/shared/page';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { type AiProvider, AiProviders } from './ai-provider.js';
import { Circuits } from './circuits.js';

/** `unconfigured`: none of its providers is set up here. `unavailable`: those that are, fail at present. */
export type Availability = 'available' | 'degraded' | 'unavailable' | 'unconfigured';

export interface CatalogModel {
  readonly model: string;
  /** Whose price callers pay at most. */
  readonly price: ModelPrice;
  readonly targets: readonly { readonly price: ModelPrice; readonly isConfigured: boolean; readonly isOpen: boolean }[];
  /** Answers are made up: no real provider of it is configured. */
  readonly isSandbox: boolean;
  readonly availability: Availability;
}

export interface ModelFilter {
  readonly provider: string | null;
  readonly modality: Modality | null;
  readonly availability: Availability | null;
}

/** The catalogue: every model that has a route and a price, and whether it would be served now. */
@UseCase()
export class ListModels {
  constructor(
    private readonly catalog: ModelCatalog,
    private readonly providers: AiProviders,
    private readonly circuits: Circuits,
    private readonly clock: Clock,
  ) {}

  async execute(filter: ModelFilter, { limit, offset }: Page): Promise<PageOf<CatalogModel>> {
    const models = (await this.all()).filter(
      ({ targets, price, availability }) =>
        (filter.provider === null || targets.some(({ price: { provider } }) => provider === filter.provider)) &&
        (filter.modality === null || price.modality === filter.modality) &&
        (filter.availability === null || availability === filter.availability),
    );
    return { items: models.slice(offset, offset + limit), total: models.length };
  }

  /** Those that somebody is configured for. */
  async served(): Promise<readonly CatalogModel[]> {
    return (await this.all()).filter(({ availability }) => availability !== 'unconfigured');
  }

  private async all(): Promise<readonly CatalogModel[]> {
    const now = this.clock.now();
    const circuits = await this.circuits.snapshot();
    const isOpen = (key: string): boolean => circuits.get(key)?.state === 'open';
    return (await this.catalog.list(now)).map((offer) =>
      this.described(offer, ({ provider, model }) => isOpen(provider) || isOpen(`${provider}/${model}`)),
    );
  }

  private described({ model, targets }: ModelOffer, isOpen: (target: ModelPrice) => boolean): CatalogModel {
    const described = targets.map((price) => {
      const provider = this.providers.find(price.provider);
      return {
        price,
        isConfigured: provider !== null && canServe(provider, price.modality),
        isSimulated: provider?.simulated ?? false,
        isOpen: isOpen(price),
      };
    });
    const configured = described.filter(({ isConfigured }) => isConfigured);
    const real = configured.filter(({ isSimulated }) => !isSimulated);
    const serving = real.length > 0 ? real : configured;
    const open = serving.filter((target) => target.isOpen).length;
    return {
      model,
      price: targets[0]!,
      // The sandbox is not an offer to anybody who is served by somebody real.
      targets: described.filter(({ isSimulated }) => !isSimulated || real.length === 0),
      isSandbox: serving.length > 0 && real.length === 0,
      availability:
        serving.length === 0
          ? 'unconfigured'
          : open === 0
            ? 'available'
            : open < serving.length
              ? 'degraded'
              : 'unavailable',
    };
  }
}

function canServe(provider: AiProvider, modality: Modality): boolean {
  return provider.serves(modality, 'openai') || provider.serves(modality, 'anthropic');
}
