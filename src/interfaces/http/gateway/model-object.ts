import type { CatalogModel } from '#application/gateway/list-models';

/** A model as OpenAI (`object`, `created`, `owned_by`) and Anthropic (`type`, `created_at`, `display_name`) list it. */
export function modelObject({ model, price }: CatalogModel) {
  return {
    id: model,
    object: 'model',
    type: 'model',
    created: Math.floor(price.effectiveFrom.getTime() / 1000),
    created_at: price.effectiveFrom.toISOString(),
    display_name: model,
    owned_by: price.provider,
    modality: price.modality,
  };
}
