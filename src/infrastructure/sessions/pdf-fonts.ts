import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { create } from 'fontkit';

/** A font that a PDF can be written in. */
export interface PdfFont {
  readonly name: string;
  /** The font file, embedded in parts; null for a font that every PDF reader has. */
  readonly file: Buffer | null;
  has(codePoint: number): boolean;
}

/** A stretch of text in one font. */
export interface FontRun {
  readonly font: PdfFont;
  readonly text: string;
}

/** Fonts in the order they are preferred. What none of them has is shown as a mark, and counted. */
export class PdfFonts {
  readonly mark: string;

  constructor(private readonly fonts: readonly PdfFont[]) {
    this.mark = ['□', '¤'].find((mark) => this.findFont(mark) !== null) ?? '?';
  }

  /** The runs of a line. A word is kept in one font where one has all of it; words are what spaces stand between. */
  runs(line: string): { readonly runs: readonly FontRun[]; readonly unshown: number } {
    let unshown = 0;
    const runs: FontRun[] = [];
    const add = (text: string, font: PdfFont) => {
      if (text === '') return;
      const last = runs.at(-1);
      if (last && last.font === font) runs[runs.length - 1] = { font, text: last.text + text };
      else runs.push({ font, text });
    };
    for (const word of line.normalize('NFC').split(/(?<= )/)) {
      const whole = this.findFont(word);
      if (whole) {
        add(word, whole);
        continue;
      }
      for (const { segment: character } of CHARACTERS.segment(word)) {
        const font = this.findFont(character);
        if (font === null) unshown++;
        add(font === null ? this.mark : character, font ?? this.findFont(this.mark) ?? this.mainFont);
      }
    }
    return { runs, unshown };
  }

  private findFont(text: string): PdfFont | null {
    const codePoints = [...text].map((character) => character.codePointAt(0) as number);
    return this.fonts.find((font) => codePoints.every((codePoint) => font.has(codePoint))) ?? null;
  }

  private get mainFont(): PdfFont {
    const [first] = this.fonts;
    if (!first) throw new Error('A PDF needs a font.');
    return first;
  }
}

/** What a reader takes for one character: an accented letter, an emoji of several code points. */
const CHARACTERS = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** Noto Sans by script (SIL Open Font License), each file the package's main module's neighbour. */
const INSTALLED: readonly (readonly [packageName: string, file: string])[] = [
  ...['latin', 'latin-ext', 'vietnamese', 'greek', 'greek-ext', 'cyrillic', 'cyrillic-ext'].map(
    (script) => ['@fontsource/noto-sans', `files/noto-sans-${script}-400-normal.woff`] as const,
  ),
  // Simplified and traditional Chinese and Japanese kana: 30 000 characters. Korean and Thai are in none of these.
  ['@embedpdf/fonts-sc', '../fonts/NotoSansHans-Regular.otf'],
];

/** The fonts that are installed, and Helvetica, which every reader has, for Western European languages. */
export function installedPdfFonts(): PdfFonts {
  const embedded = INSTALLED.flatMap(([packageName, file]) => {
    const path = findFile(packageName, file);
    if (path === null) return [];
    const content = readFileSync(path);
    const font = create(content);
    return [{ name: `${packageName}/${file}`, file: content, has: (code: number) => font.hasGlyphForCodePoint(code) }];
  });
  return new PdfFonts([...embedded, HELVETICA]);
}

function findFile(packageName: string, file: string): string | null {
  try {
    const path = join(dirname(createRequire(import.meta.url).resolve(packageName)), file);
    return existsSync(path) ? path : null;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

/** ISO 32000-1, annex D.2: WinAnsiEncoding, which is Latin-1 and these. */
const WIN_ANSI = new Set([...'€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ'].map((character) => character.codePointAt(0)));

export const HELVETICA: PdfFont = {
  name: 'Helvetica',
  file: null,
  has: (code) => (code >= 0x20 && code <= 0x7e) || (code >= 0xa0 && code <= 0xff) || WIN_ANSI.has(code),
};
