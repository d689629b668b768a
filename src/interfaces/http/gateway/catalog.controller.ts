import { injectable } from 'inversify';
import { GatewaySettings } from '#application/gateway/gateway-settings';
import { ListModels } from '#application/gateway/list-models';
import { ListProviders } from '#application/gateway/list-providers';
import { Controller, operation } from '../shared/operation.js';
import { pageResponse } from '../shared/page.js';
import { ModelListQuery } from './catalog.request.js';
import {
  CatalogModelListResponse,
  catalogModelResponse,
  CatalogProviderListResponse,
  catalogProviderResponse,
} from './catalog.response.js';

/** What the gateway offers, for what, by whom: public, like a price list. */
@injectable()
export class CatalogController implements Controller {
  constructor(
    private readonly models: ListModels,
    private readonly providers: ListProviders,
    private readonly settings: GatewaySettings,
  ) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/catalog/models',
      tag: 'AI gateway',
      summary: 'Models with their providers, limits, prices and availability',
      description: 'Carries an ETag: send it as If-None-Match to be told that nothing changed (304).',
      access: 'public',
      query: ModelListQuery,
      answer: CatalogModelListResponse,
      revalidated: true,
      refusals: ['unavailable'],
      handle: async ({ query }) => {
        const { provider = null, modality = null, availability = null } = query;
        const page = await this.models.execute({ provider, modality, availability }, query);
        return pageResponse(page, query, (model) => catalogModelResponse(model, this.settings.markup));
      },
    }),
    operation({
      method: 'get',
      path: '/catalog/providers',
      tag: 'AI gateway',
      summary: 'Providers that are configured, the state of their circuits, and how fast they answer',
      access: 'public',
      answer: CatalogProviderListResponse,
      revalidated: true,
      refusals: ['unavailable'],
      handle: async () => ({ data: (await this.providers.execute()).map(catalogProviderResponse) }),
    }),
  ];
}
