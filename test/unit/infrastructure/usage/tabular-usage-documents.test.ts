import type { LogLine } from '#application/usage/usage-evidence';
import { TabularUsageDocuments } from '#infrastructure/usage/tabular-usage-documents';
import { unzipped } from '#test/support/zip';

const documents = new TabularUsageDocuments();

const aLine = (of: Partial<LogLine> = {}): LogLine =>
  ({
    id: '0197a000-0000-7000-8000-00000000000a',
    sessionId: '0197a000-0000-7000-8000-00000000000b',
    attempt: 1,
    periodStart: new Date('2026-03-15T09:30:00.000Z'),
    transcriptionType: 'original',
    outcome: 'completed',
    audioSeconds: 61,
    countedSeconds: 61,
    countedTranscriptions: 1,
    billable: true,
    billingReason: 'transcription_completed',
    costMicros: 6100n,
    provider: 'sandbox',
    model: 'sandbox-1',
    plan: 'free',
    planVersion: '2026-11-01',
    language: 'en-US',
    filename: 'monday.mp3',
    startedAt: new Date('2026-03-20T12:00:00.000Z'),
    completedAt: new Date('2026-03-20T12:01:00.000Z'),
    ...of,
  }) as LogLine;

const HEADER =
  'completed_at,started_at,period_start,id,session_id,attempt,transcription_type,outcome,billable,billing_reason,' +
  'audio_seconds,counted_seconds,counted_transcriptions,cost_micros,provider,model,plan,plan_version,language,filename';

const csv = async (...lines: LogLine[]): Promise<string> => (await documents.render('csv', lines)) as string;
const lastField = async (filename: string): Promise<string> => {
  const text = await csv(aLine({ filename }));
  return text.slice(text.indexOf('en-US,') + 'en-US,'.length, -2);
};

describe('usage as CSV', () => {
  it('is a header and a row for each entry, in UTF-8 that spreadsheets recognise', async () => {
    expect(await csv(aLine())).toBe(
      `\uFEFF${HEADER}\r\n` +
        '2026-03-20T12:01:00.000Z,2026-03-20T12:00:00.000Z,2026-03-15T09:30:00.000Z,0197a000-0000-7000-8000-00000000000a,' +
        '0197a000-0000-7000-8000-00000000000b,1,original,completed,true,transcription_completed,61,61,1,6100,sandbox,' +
        'sandbox-1,free,2026-11-01,en-US,monday.mp3\r\n',
    );
  });

  it('of nothing is the header alone', async () => {
    expect(await csv()).toBe(`\uFEFF${HEADER}\r\n`);
  });

  it('leaves empty what is not known', async () => {
    expect(await csv(aLine({ periodStart: null, filename: null }))).toMatch(/Z,,0197a000.*en-US,\r\n$/);
  });

  it.each(['=HYPERLINK("http://x")', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '\uFF1D1+1'])(
    'never lets a name begin a formula: %j',
    async (filename) => {
      const field = await lastField(filename);
      expect(field.replace(/^"|"$/g, '').replaceAll('""', '"')).toBe(`'${filename}`);
    },
  );

  it('quotes what would break a row', async () => {
    expect(await lastField('a,b "c"\nd')).toBe('"a,b ""c""\nd"');
  });
});

describe('usage as JSON', () => {
  it('has the same fields with their types', async () => {
    const [entry, ...more] = JSON.parse(
      (await documents.render('json', [aLine({ filename: '=1+1' })])) as string,
    ) as object[];
    expect(more).toEqual([]);
    expect(Object.keys(entry!).join(',')).toBe(HEADER);
    expect(entry).toMatchObject({ cost_micros: 6100, billable: true, filename: '=1+1', counted_seconds: 61 });
  });
});

describe('a long document', () => {
  const lines = Array.from({ length: 1_201 }, (_, index) => aLine({ attempt: index + 1 }));

  it.each(['csv', 'json'] as const)(
    'as %s has every entry once, in order, and lets other work go on',
    async (format) => {
      let turns = 0;
      let others = setImmediate(function turn() {
        turns++;
        others = setImmediate(turn);
      });
      const text = (await documents.render(format, lines)) as string;
      clearImmediate(others);
      const attempts =
        format === 'csv'
          ? text
              .trim()
              .split('\r\n')
              .slice(1)
              .map((row) => Number(row.split(',')[5]))
          : (JSON.parse(text) as { attempt: number }[]).map(({ attempt }) => attempt);
      expect(attempts).toEqual(lines.map(({ attempt }) => attempt));
      expect(turns).toBeGreaterThan(0);
    },
  );

  it('of nothing is an empty list', async () => {
    expect(await documents.render('json', [])).toBe('[]');
  });
});

describe('usage as a spreadsheet', () => {
  it('has text as text and numbers as numbers, and no formula, whatever a name begins with', async () => {
    const file = (await documents.render('xlsx', [aLine({ filename: '=1+1' }), aLine({ filename: null })])) as Buffer;
    const parts = unzipped(file);
    const sheet = parts['xl/worksheets/sheet1.xml']!;
    expect(sheet).not.toMatch(/<f[ >]/);
    expect(sheet.match(/<row /g)).toHaveLength(3);
    expect(sheet).toMatch(/<c r="N2"[^>]*><v>6100<\/v>/);
    const texts = Object.values(parts).join('');
    expect(texts).toContain('=1+1');
    for (const name of HEADER.split(',')) expect(texts).toContain(name);
  });
});
