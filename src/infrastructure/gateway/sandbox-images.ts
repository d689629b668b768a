import type { JsonObject, PlainAnswer } from '#application/gateway/ai-provider';
import { findCount, textOf } from './translation/fields.js';

/** One grey pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==';

const SAYS_SO = "Minutebook's sandbox drew nothing: this is one grey pixel, whatever was asked for.";

/**
 * https://platform.openai.com/docs/api-reference/images/object: the same picture of one pixel, whatever its size is said to
 * be. An address leads nowhere: `.invalid` belongs to nobody (RFC 2606).
 */
export function sandboxImages(body: JsonObject, digest: string, createdSeconds: number): PlainAnswer {
  const count = findCount(body['n']) ?? 1;
  const image = { quality: decided(body['quality'], 'medium'), size: decided(body['size'], '1024x1024') };
  const data = Array.from({ length: count }, (_, index) => ({
    ...(body['response_format'] === 'url'
      ? { url: `https://sandbox.invalid/${digest}-${index}.png` }
      : { b64_json: PNG }),
    revised_prompt: SAYS_SO,
  }));
  return {
    kind: 'plain',
    contentType: 'application/json',
    body: JSON.stringify({ created: createdSeconds, data, ...image }),
    usage: { quantities: { image: count }, source: 'provider', image },
  };
}

function decided(value: unknown, otherwise: string): string {
  const said = textOf(value);
  return said === '' || said === 'auto' ? otherwise : said;
}
