import { HELVETICA, type PdfFont, PdfFonts } from '#infrastructure/sessions/pdf-fonts';
import { pdfTranscript } from '#infrastructure/sessions/pdf-transcript';
import { pdfText } from '#test/support/pdf-text';
import { aTranscript, spoken } from '#test/support/transcripts';

const fontOf = (name: string, characters: RegExp): PdfFont => ({
  name,
  file: null,
  has: (code) => characters.test(String.fromCodePoint(code)),
});

const latin = fontOf('latin', /[ -~é]/);
const polish = fontOf('polish', /[Łź]/);
const chinese = fontOf('chinese', /[ -~一-鿿□]/);

const runsOf = (line: string, ...fonts: PdfFont[]) =>
  new PdfFonts(fonts).runs(line).runs.map(({ font, text }) => [font.name, text]);

describe('a line of a PDF', () => {
  it('is one run in the first font when that has all of it', () => {
    expect(runsOf('plain words', latin, chinese)).toEqual([['latin', 'plain words']]);
  });

  it('keeps a word together in the one font that has all of it', () => {
    expect(runsOf('we use Zoom會談 often', latin, chinese)).toEqual([
      ['latin', 'we use '],
      ['chinese', 'Zoom會談 '],
      ['latin', 'often'],
    ]);
  });

  it('mixes fonts within a word only when none has all of it', () => {
    expect(runsOf('in Łodź', latin, polish)).toEqual([
      ['latin', 'in '],
      ['polish', 'Ł'],
      ['latin', 'od'],
      ['polish', 'ź'],
    ]);
  });

  it('composes accents before it looks for them', () => {
    expect(runsOf('cafe\u0301', latin)).toEqual([['latin', 'café']]);
  });

  it('marks and counts what no font has, one mark for what a reader takes for one character', () => {
    const { runs, unshown } = new PdfFonts([latin, chinese]).runs('a 👩‍👩‍👧 b 한 ไ');
    expect(runs.map(({ text }) => text).join('')).toBe('a □ b □ □');
    expect(unshown).toBe(3);
  });

  it.each([
    ['□', [chinese]],
    ['¤', [HELVETICA]],
    ['?', [latin]],
  ])('marks with %s, which a font has', (mark, fonts) => {
    expect(new PdfFonts(fonts).runs('한').runs.map(({ text }) => text)).toEqual([mark]);
  });

  it('is nothing when there is nothing to say', () => {
    expect(new PdfFonts([latin]).runs('')).toEqual({ runs: [], unshown: 0 });
  });

  it('needs a font', () => {
    expect(() => new PdfFonts([]).runs('a')).toThrow('A PDF needs a font.');
  });
});

describe('a PDF whose fonts lack characters', () => {
  const heading = {
    title: '會談',
    durationSeconds: 60,
    language: 'zh-TW',
    createdAt: new Date('2025-11-03T09:30:00Z'),
  };
  const written = async (text: string) =>
    pdfText(await pdfTranscript(aTranscript(spoken({ text })), heading, new PdfFonts([HELVETICA])));

  it('marks each in its place and says how many they are', async () => {
    const text = await written('Über 你好 – ok');
    expect(text).toContain('¤¤');
    expect(text).toContain('Über ¤¤ – ok');
    expect(text).toContain('4 characters have no glyph in the fonts of this PDF and stand as ¤.');
  });

  it('says so before the first line', async () => {
    const text = await written('你');
    expect(text.indexOf('3 characters have no glyph')).toBeLessThan(text.indexOf('Speaker 1'));
    expect(text.indexOf('3 characters have no glyph')).toBeGreaterThan(0);
  });
});
