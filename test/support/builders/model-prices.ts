import { ModelPrice, type ModelPriceId } from '#domain/providers/model-price';

let made = 0;

/** OpenAI's gpt-4o-mini at 0.15 USD for a million tokens in and 0.60 out, unless told otherwise. */
export function aModelPrice(of: Partial<ModelPrice> = {}): ModelPrice {
  const id = `00000000-0000-4000-9000-${(++made).toString(16).padStart(12, '0')}` as ModelPriceId;
  const plain = new ModelPrice(
    id,
    'openai',
    'gpt-4o-mini',
    'chat',
    { input_token: 150_000n, cached_token: 75_000n, output_token: 600_000n },
    null,
    { contextTokens: 128_000, maxOutputTokens: 16_384, features: ['tools', 'vision', 'json'] },
    new Date('2025-01-01T00:00:00.000Z'),
    'a test',
  );
  return Object.assign(Object.create(ModelPrice.prototype) as ModelPrice, plain, of);
}
