import type { JsonObject } from '#application/gateway/ai-provider';
import { quoted, refusal, requiredObject, requiredText } from './fields.js';

/** The URL that OpenAI takes for the `source` of an Anthropic image: a data URL when the image itself is given. */
export function imageUrlOf(source: unknown, field: string): string {
  const said = requiredObject(source, field);
  switch (said['type']) {
    case 'base64': {
      const type = requiredText(said['media_type'], `${field}.media_type`);
      return `data:${type};base64,${requiredText(said['data'], `${field}.data`)}`;
    }
    case 'url':
      return requiredText(said['url'], `${field}.url`);
    default:
      throw refusal(
        field,
        `an image source of type ${quoted(said['type'])} cannot be sent to this model; use base64 or url.`,
      );
  }
}

/** The `source` that Anthropic takes for the URL of an OpenAI image. */
export function imageSourceOf(url: string, field: string): JsonObject {
  if (/^https:/i.test(url)) return { type: 'url', url };
  // Split by hand: the data can be megabytes, and only what stands before the comma is to be looked at.
  const comma = url.indexOf(',');
  const [type, ...attributes] = url.slice('data:'.length, Math.max(comma, 'data:'.length)).split(';');
  if (!/^data:/i.test(url) || comma < 0 || type === undefined || type === '' || attributes.at(-1) !== 'base64')
    throw refusal(field, 'must be an https URL or a data URL of the form data:<type>;base64,<data>.');
  return { type: 'base64', media_type: type, data: url.slice(comma + 1) };
}
