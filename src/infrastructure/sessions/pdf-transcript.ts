import { setImmediate } from 'node:timers/promises';
import PDFDocument from 'pdfkit';
import type { Transcript } from '#domain/sessions/transcript';
import {
  clockTime,
  headingFacts,
  headingTitle,
  spokenLines,
  type TranscriptHeading,
} from '#domain/sessions/transcript-formats';
import { installedPdfFonts, type FontRun, type PdfFonts } from './pdf-fonts.js';

const INK = '#111827';
const FAINT = '#6b7280';

/** Noto Sans' height above the base line. By its own, each font of a line would stand on another base line. */
const ASCENT = 1.069;

/** So many lines are worked on before others may use the process: about 10 ms. */
const LINES_AT_ONCE = 20;

/**
 * A PDF: title, facts, and a paragraph for each line. It embeds the characters it uses. Those that no font has are
 * marked in their place, and the first page says how many they are and which formats have them.
 */
export async function pdfTranscript(
  transcript: Transcript,
  heading: TranscriptHeading,
  fonts: PdfFonts = installedPdfFonts(),
): Promise<Buffer> {
  const title = headingTitle(heading);
  const titleLine = fonts.runs(title);
  const lines: ({ above: string } & ReturnType<PdfFonts['runs']>)[] = [];
  for (const { segment, label, text } of spokenLines(transcript)) {
    lines.push({ above: `${label}   ${clockTime(segment.startMs)}`, ...fonts.runs(text) });
    if (lines.length % LINES_AT_ONCE === 0) await setImmediate();
  }
  const unshown = [titleLine, ...lines].reduce((sum, line) => sum + line.unshown, 0);

  const document = new PDFDocument({
    size: 'A4',
    margin: 56,
    lang: heading.language,
    info: { Title: title, Creator: 'Minutebook', CreationDate: heading.createdAt },
  });
  const file = collect(document);
  const registered = new Set<string>();
  const write = (runs: readonly FontRun[], size: number, color: string) => {
    document.fontSize(size).fillColor(color);
    for (const [index, { font, text }] of runs.entries()) {
      // By its name: a font that is given as a file again is embedded again.
      if (font.file && !registered.has(font.name)) document.registerFont(font.name, font.file);
      registered.add(font.name);
      document.font(font.name).text(text, { continued: index < runs.length - 1, baseline: -ASCENT * size });
    }
  };

  write(titleLine.runs, 18, INK);
  document.moveDown(0.3);
  for (const [name, fact] of headingFacts(heading)) write(fonts.runs(`${name}: ${fact}`).runs, 9, FAINT);
  if (unshown > 0) {
    document.moveDown(0.3);
    write(fonts.runs(notice(unshown, fonts.mark)).runs, 9, INK);
  }
  for (const [index, { above, runs }] of lines.entries()) {
    document.moveDown(0.6);
    write(fonts.runs(above).runs, 8.5, FAINT);
    write(runs, 10.5, INK);
    if (index % LINES_AT_ONCE === 0) await setImmediate();
  }
  document.end();
  return file;
}

function notice(unshown: number, mark: string): string {
  const characters = unshown === 1 ? '1 character has' : `${unshown} characters have`;
  return `${characters} no glyph in the fonts of this PDF and stand as ${mark}. The DOCX, XLSX, TXT and JSON exports have them.`;
}

function collect(document: PDFKit.PDFDocument): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', () => resolve(Buffer.concat(chunks)));
    document.on('error', reject);
  });
}
