import writeXlsxFile, { type Row } from 'write-excel-file/node';
import type { Transcript } from '#domain/sessions/transcript';
import { headingFacts, headingTitle, spokenLines, type TranscriptHeading } from '#domain/sessions/transcript-formats';

const MS_PER_DAY = 24 * 60 * 60 * 1000;

/** Excel refuses a file with a longer text in a cell. */
const LONGEST_CELL = 32_767;

/**
 * A workbook with a row for each line, and the session's facts on a second sheet. Every text is stored as a text: one
 * that begins with `=`, `+`, `-` or `@` is shown, not computed.
 */
export async function xlsxTranscript(transcript: Transcript, heading: TranscriptHeading): Promise<Buffer> {
  const lines = spokenLines(transcript).flatMap(({ segment, label, text }) =>
    cellsOf(text).map((part) => [
      time(segment.startMs),
      time(segment.endMs),
      words(label),
      { ...words(part), wrap: true },
      segment.confidence === null ? null : { type: Number, value: segment.confidence, format: '0.00' },
    ]),
  );
  const facts = [['Title', headingTitle(heading)], ...headingFacts(heading)].map(([name = '', fact = '']) => [
    { ...words(name), fontWeight: 'bold' as const },
    words(fact),
  ]);
  return writeXlsxFile([
    {
      sheet: 'Transcript',
      data: [headRow('Start', 'End', 'Speaker', 'Text', 'Confidence'), ...lines],
      columns: [{ width: 12 }, { width: 12 }, { width: 12 }, { width: 90 }, { width: 11 }],
      stickyRowsCount: 1,
    },
    { sheet: 'Session', data: facts, columns: [{ width: 12 }, { width: 60 }] },
  ]).toBuffer();
}

function headRow(...names: readonly string[]): Row {
  return names.map((name) => ({ ...words(name), fontWeight: 'bold' as const }));
}

function words(value: string) {
  return { type: String, value };
}

/** A part of a day, which Excel adds, compares and sorts. */
function time(ms: number) {
  return { type: Number, value: ms / MS_PER_DAY, format: '[hh]:mm:ss.000' };
}

function cellsOf(text: string): readonly string[] {
  if (text.length <= LONGEST_CELL) return [text];
  const characters = [...text];
  const each = Math.floor(LONGEST_CELL / 2);
  return Array.from({ length: Math.ceil(characters.length / each) }, (_, part) =>
    characters.slice(part * each, (part + 1) * each).join(''),
  );
}
