import { createHash } from 'node:crypto';
import type { JsonObject, PlainAnswer } from '#application/gateway/ai-provider';

/** One grey pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==';

/** https://platform.openai.com/docs/api-reference/images/object: the same picture of one pixel, whatever is asked for. */
export function sandboxImages(body: JsonObject, createdSeconds: number): PlainAnswer {
  const count = Number(body['n'] ?? 1);
  const said = (value: unknown, otherwise: string): string =>
    typeof value === 'string' && value !== 'auto' ? value : otherwise;
  const image = { quality: said(body['quality'], 'medium'), size: said(body['size'], '1024x1024') };
  const digest = createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 24);
  const data = [...Array(count).keys()].map((index) =>
    body['response_format'] === 'url' ? { url: `https://sandbox.invalid/${digest}-${index}.png` } : { b64_json: PNG },
  );
  return {
    kind: 'plain',
    contentType: 'application/json',
    body: JSON.stringify({ created: createdSeconds, data, ...image, sandbox: true }),
    usage: { quantities: { image: count }, source: 'provider', image },
  };
}
