import { inflateSync } from 'node:zlib';

/**
 * The text of a PDF in the order it is painted, a space where one piece ends: enough of ISO 32000-1 for files that
 * pdfkit writes. Standard fonts are read by WinAnsiEncoding, embedded ones by their ToUnicode map, as a reader copies.
 */
export function pdfText(file: Buffer): string {
  const objects = objectsOf(file);
  const fonts = new Map<string, ReadonlyMap<number, string> | null>();
  for (const { head } of objects.values()) {
    for (const [, name, id] of head.matchAll(/\/(F\d+) (\d+) 0 R/g)) fonts.set(name!, unicodeOf(objects, id!));
  }
  return [...objects.values()]
    .filter(({ stream }) => / (TJ|Tf)\b/.test(stream))
    .map(({ stream }) => painted(stream, fonts))
    .join(' ');
}

interface PdfObject {
  readonly head: string;
  readonly stream: string;
}

function objectsOf(file: Buffer): ReadonlyMap<string, PdfObject> {
  const objects = new Map<string, PdfObject>();
  for (const { index, 1: id } of file.toString('latin1').matchAll(/(?:^|\n)(\d+) 0 obj\n/g)) {
    const start = file.indexOf('obj\n', index) + 4;
    const body = file.subarray(start, file.indexOf('\nendobj', start));
    const at = body.indexOf('\nstream\n');
    const head = body.subarray(0, at < 0 ? undefined : at).toString('latin1');
    const content = at < 0 ? Buffer.alloc(0) : body.subarray(at + 8, body.lastIndexOf('\nendstream'));
    objects.set(id!, {
      head,
      stream: (head.includes('FlateDecode') ? inflateSync(content) : content).toString('latin1'),
    });
  }
  return objects;
}

/** Null for a standard font. */
function unicodeOf(objects: ReadonlyMap<string, PdfObject>, fontId: string): ReadonlyMap<number, string> | null {
  const map = /\/ToUnicode (\d+) 0 R/.exec(objects.get(fontId)?.head ?? '')?.[1];
  if (map === undefined) return null;
  const unicode = new Map<number, string>();
  for (const [, first, list] of objects.get(map)!.stream.matchAll(/<(\w+)> <\w+> \[([^\]]*)\]/g)) {
    [...list!.matchAll(/<([\w ]*)>/g)].forEach(([, hex], index) => {
      unicode.set(
        parseInt(first!, 16) + index,
        Buffer.from(hex!.replaceAll(' ', ''), 'hex').swap16().toString('utf16le'),
      );
    });
  }
  return unicode;
}

function painted(stream: string, fonts: ReadonlyMap<string, ReadonlyMap<number, string> | null>): string {
  const pieces: string[] = [];
  let unicode: ReadonlyMap<number, string> | null = null;
  for (const [, font, array] of stream.matchAll(/\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ/g)) {
    if (font !== undefined) unicode = fonts.get(font) ?? null;
    else pieces.push([...array!.matchAll(/<(\w*)>/g)].map(([, hex]) => decoded(hex!, unicode)).join(''));
  }
  return pieces.join(' ');
}

function decoded(hex: string, unicode: ReadonlyMap<number, string> | null): string {
  if (!unicode) return [...Buffer.from(hex, 'hex')].map(winAnsi).join('');
  return (hex.match(/.{4}/g) ?? []).map((glyph) => unicode.get(parseInt(glyph, 16)) ?? '\ufffd').join('');
}

/** Node 20's TextDecoder takes windows-1252 for Latin-1, which has control characters here. */
const WIN_ANSI_FROM_80 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function winAnsi(byte: number): string {
  return byte >= 0x80 && byte < 0xa0 ? WIN_ANSI_FROM_80[byte - 0x80]! : String.fromCharCode(byte);
}
