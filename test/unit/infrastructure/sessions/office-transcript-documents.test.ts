import type { DocumentFormat } from '#application/sessions/transcript-documents';
import type { TranscriptHeading } from '#domain/sessions/transcript-formats';
import { OfficeTranscriptDocuments } from '#infrastructure/sessions/office-transcript-documents';
import { pdfText } from '#test/support/pdf-text';
import { aTranscript, segmentId, spoken } from '#test/support/transcripts';
import { unzipped, xmlText } from '#test/support/zip';

const heading: TranscriptHeading = {
  title: 'First meeting <b>&amp;\n"two"',
  durationSeconds: 187,
  language: 'en-US',
  createdAt: new Date('2025-11-03T09:30:00.000Z'),
};

const conversation = aTranscript(
  spoken({ speaker: 'A', startMs: 0, endMs: 1500, text: 'How are you?', confidence: 0.91 }),
  spoken({ speaker: 'B', startMs: 1500, endMs: 61_000, text: 'Fine </w:t> & <you>?' }),
  spoken({ speaker: 'B', startMs: 3_661_000, endMs: 3_662_000, text: 'a\n\nb' }),
);

const anonymous = conversation.withSpeakerRoles({ 1: 'unknown', 2: 'unknown' });

const render = (format: DocumentFormat, transcript = conversation, of: Partial<TranscriptHeading> = {}) =>
  new OfficeTranscriptDocuments().render(format, transcript, { ...heading, ...of });

const paragraphsOf = (file: Buffer) =>
  [...unzipped(file)['word/document.xml']!.matchAll(/<w:p>.*?<\/w:p>/gs)].map(([paragraph]) => xmlText(paragraph));

/** The rows of a sheet: texts through the shared strings, numbers as they stand. */
const rowsOf = (file: Buffer, sheet: 1 | 2 = 1) => {
  const files = unzipped(file);
  const strings = [...(files['xl/sharedStrings.xml'] ?? '').matchAll(/<si>.*?<\/si>/gs)].map(([si]) => xmlText(si));
  return [...files[`xl/worksheets/sheet${sheet}.xml`]!.matchAll(/<row .*?<\/row>/gs)].map(([row]) =>
    [...row.matchAll(/<c ([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)].map(([, attributes, value = '']) =>
      attributes!.includes('t="s"') ? strings[Number(xmlText(value))] : Number(xmlText(value)),
    ),
  );
};

describe('a transcript as docx', () => {
  it('has a title, the session’s facts and a paragraph for each line', async () => {
    expect(paragraphsOf(await render('docx'))).toEqual([
      'First meeting <b>&amp; "two"',
      'Date: 2025-11-03T09:30:00.000Z',
      'Duration: 00:03:07',
      'Language: en-US',
      'Coach 00:00:00 How are you?',
      'Client 00:00:01 Fine </w:t> & <you>?',
      'Client 01:01:01 a b',
    ]);
  });

  it('keeps every character that a text can have', async () => {
    const text = '會談 😀 Łódź ไทย 한국어 \u202eabc';
    expect(paragraphsOf(await render('docx', aTranscript(spoken({ text })))).at(-1)).toBe(`Speaker 1 00:00:00 ${text}`);
  });
});

describe('a transcript as xlsx', () => {
  it('has a row for each line and the session’s facts on a second sheet', async () => {
    const file = await render('xlsx');
    const day = 24 * 60 * 60;
    expect(rowsOf(file)).toEqual([
      ['Start', 'End', 'Speaker', 'Text', 'Confidence'],
      [0, 1.5 / day, 'Coach', 'How are you?', 0.91],
      [1.5 / day, 61 / day, 'Client', 'Fine </w:t> & <you>?'],
      [3661 / day, 3662 / day, 'Client', 'a b'],
    ]);
    expect(rowsOf(file, 2)).toEqual([
      ['Title', 'First meeting <b>&amp; "two"'],
      ['Date', '2025-11-03T09:30:00.000Z'],
      ['Duration', '00:03:07'],
      ['Language', 'en-US'],
    ]);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '=HYPERLINK("http://x","y")', '\t=1+1', "'=1", '=cmd|’/c calc’!A0'])(
    'shows %j and does not compute it',
    async (text) => {
      const file = await render('xlsx', aTranscript(spoken({ text })), { title: text });
      expect(rowsOf(file)[1]?.[3]).toBe(text.trim());
      expect(rowsOf(file, 2)[0]?.[1]).toBe(text.trim());
      const sheets = Object.entries(unzipped(file)).filter(([name]) => name.startsWith('xl/worksheets/sheet'));
      expect(sheets.map(([, sheet]) => /<f[ >]/.test(sheet))).toEqual([false, false]);
    },
  );

  it('splits a text that is too long for a cell, between characters', async () => {
    const text = '😀'.repeat(40_000);
    const parts = rowsOf(await render('xlsx', aTranscript(spoken({ text }))))
      .slice(1)
      .map((row) => String(row[3]));
    // Not toBe: a failure would print all of it.
    expect(parts.join('') === text).toBe(true);
    expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(32_767);
  });
});

describe('a transcript as pdf', () => {
  it('has a title, the session’s facts and each line under its label', async () => {
    const file = await render('pdf');
    expect(file.subarray(0, 5).toString()).toBe('%PDF-');
    expect(file.subarray(-6).toString()).toContain('%%EOF');
    const text = pdfText(file).replace(/\s+/g, ' ');
    for (const part of [
      'First meeting <b>&amp; "two" Date: 2025-11-03T09:30:00.000Z Duration: 00:03:07 Language: en-US',
      'Coach 00:00:00 How are you?',
      'Client 00:00:01 Fine </w:t> & <you>?',
      'Client 01:01:01 a b',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain('no glyph');
  });

  it('goes on over as many pages as it needs', async () => {
    const lines = Array.from({ length: 120 }, (_, n) =>
      spoken({ startMs: n * 1000, endMs: n * 1000 + 900, text: `No ${n}.` }),
    );
    const file = await render('pdf', aTranscript(...lines));
    expect(file.toString('latin1').match(/\/Type \/Page\n/g)?.length).toBeGreaterThan(2);
    const text = pdfText(file);
    expect(lines.filter((line) => !text.includes(line.text))).toEqual([]);
  });

  it('lets others use the process while a long one is written', async () => {
    const lines = Array.from({ length: 400 }, (_, n) => spoken({ startMs: n * 1000, endMs: n * 1000 + 900 }));
    let turns = 0;
    const turn = () => void (turns++, (next = setImmediate(turn)));
    let next = setImmediate(turn);
    await render('pdf', aTranscript(...lines));
    clearImmediate(next);
    expect(turns).toBeGreaterThan(30);
  });

  it('prints Western, Central European, Greek, Cyrillic, Vietnamese, Chinese and Japanese', async () => {
    const text = 'naïve “Œuvre” Łódź Ελλάδα Русский Việt 會談 会谈 かな';
    const painted = pdfText(await render('pdf', aTranscript(spoken({ text })), { title: text }));
    expect(painted.replace(/\s+/g, '').split(text.replace(/\s+/g, ''))).toHaveLength(3);
    expect(painted).not.toContain('no glyph');
  });
});

describe.each(['docx', 'xlsx', 'pdf'] as const)('a transcript as %s', (format) => {
  const words = async (file: Promise<Buffer>) => {
    const content = await file;
    return format === 'pdf' ? pdfText(content) : Object.values(unzipped(content)).map(xmlText).join(' ');
  };

  it('calls a speaker without a role Speaker N, never a client', async () => {
    const text = await words(render(format, anonymous));
    expect(text).toContain('Speaker 1');
    expect(text).toContain('Speaker 2');
    expect(text).not.toMatch(/Client|Coach/);
  });

  it('leaves out what an edit has emptied', async () => {
    const text = await words(render(format, conversation.withSegmentTexts({ [segmentId(1)]: '' })));
    expect(text).not.toContain('Coach');
    expect(text).toContain('Client');
  });

  it('can be written without a word, a title and a duration', async () => {
    expect((await render(format, aTranscript(), { title: '', durationSeconds: null })).length).toBeGreaterThan(500);
  });
});
