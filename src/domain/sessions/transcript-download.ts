import type { ExportFormat } from '../plans/export-format.js';
import { oneLine } from './plain-text.js';

const OFFICE = 'application/vnd.openxmlformats-officedocument';

/** As registered with IANA; text is UTF-8. SubRip was never registered. */
export const MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  json: 'application/json; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  vtt: 'text/vtt; charset=utf-8',
  srt: 'application/x-subrip; charset=utf-8',
  docx: `${OFFICE}.wordprocessingml.document`,
  xlsx: `${OFFICE}.spreadsheetml.sheet`,
  pdf: 'application/pdf',
};

// 60 characters of four bytes and an extension stay below the 255 bytes that file systems allow a name.
const LONGEST_NAME = 60;

// Separators of paths, what Windows forbids, and characters that turn the reading direction to disguise an extension.
const UNSAFE = /[/\\:*?"<>|\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

// Device names: Windows opens the device, whatever the extension.
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** What a session called `title` is saved as, safe on any file system: `Kick-off with Ana.vtt`. */
export function downloadName(title: string, format: ExportFormat): string {
  const safe = oneLine(title).replace(UNSAFE, ' ').replace(/ +/g, ' ');
  const cut = [...safe].slice(0, LONGEST_NAME).join('');
  const name = cut.replace(/^[ .]+|[ .]+$/g, '');
  return `${name === '' ? 'transcript' : RESERVED.test(name) ? `_${name}` : name}.${format}`;
}

/**
 * The Content-Disposition of a download (RFC 6266): a plain ASCII name for old clients, and the exact one in the
 * encoding of RFC 8187 (formerly RFC 5987).
 */
export function contentDisposition(title: string, format: ExportFormat): string {
  const name = downloadName(title, format);
  const plain = name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(/[^A-Za-z0-9 ._-]/gu, '_');
  const exact = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
