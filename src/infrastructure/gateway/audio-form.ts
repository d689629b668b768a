import { randomBytes } from 'node:crypto';
import type { AudioFile, JsonObject } from '#application/gateway/ai-provider';
import { isSaid } from './translation/fields.js';

/**
 * A multipart/form-data body (RFC 7578) with a recording, in memory, so that it can be sent a second time. Lists become
 * fields of the same name, one for each entry.
 */
export function audioForm(
  fields: JsonObject,
  audio: AudioFile,
): { readonly contentType: string; readonly body: Uint8Array } {
  // Random, because whoever made the recording may have put any known boundary into it.
  const boundary = `minutebook-${randomBytes(16).toString('hex')}`;
  const part = (disposition: string, rest: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n${rest}`;
  const texts = Object.entries(fields)
    .flatMap(([name, value]) => [value].flat().map((each: unknown) => [name, each] as const))
    .filter(([, value]) => isSaid(value))
    .map(([name, value]) => part(`name="${escaped(name)}"`, `\r\n${written(value)}\r\n`));
  const file = part(
    `name="file"; filename="${neutralName(audio.filename)}"`,
    `Content-Type: ${mediaType(audio.contentType)}\r\n\r\n`,
  );
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([Buffer.from(texts.join('') + file), audio.bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}

/** https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data */
function escaped(name: string): string {
  return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
}

function written(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The service needs the extension alone; the name that somebody gave a file often names a client. */
function neutralName(filename: string): string {
  const extension = /\.([A-Za-z0-9]{1,5})$/.exec(filename)?.[1];
  return extension === undefined ? 'recording' : `recording.${extension.toLowerCase()}`;
}

function mediaType(text: string): string {
  return /^[\w.+-]+\/[\w.+-]+$/.test(text) ? text : 'application/octet-stream';
}
