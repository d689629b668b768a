import { setImmediate as otherWork } from 'node:timers/promises';
import { type Options, stringify } from 'csv-stringify/sync';
import { injectable } from 'inversify';
import writeExcelFile, { type Row } from 'write-excel-file/node';
import type { UsageDocuments, UsageFormat } from '#application/usage/usage-documents';
import type { LogLine } from '#application/usage/usage-evidence';

type Value = string | number | boolean | null;

/** One column of each document, in this order; its name is the field of the JSON too. */
const COLUMNS: readonly (readonly [name: string, value: (line: LogLine) => Value])[] = [
  ['completed_at', ({ completedAt }) => completedAt.toISOString()],
  ['started_at', ({ startedAt }) => startedAt.toISOString()],
  ['period_start', ({ periodStart }) => periodStart?.toISOString() ?? null],
  ['id', ({ id }) => id],
  ['session_id', ({ sessionId }) => sessionId],
  ['attempt', ({ attempt }) => attempt],
  ['transcription_type', ({ transcriptionType }) => transcriptionType],
  ['outcome', ({ outcome }) => outcome],
  ['billable', ({ billable }) => billable],
  ['billing_reason', ({ billingReason }) => billingReason],
  ['audio_seconds', ({ audioSeconds }) => audioSeconds],
  ['counted_seconds', ({ countedSeconds }) => countedSeconds],
  ['counted_transcriptions', ({ countedTranscriptions }) => countedTranscriptions],
  ['cost_micros', ({ costMicros }) => Number(costMicros)],
  ['provider', ({ provider }) => provider],
  ['model', ({ model }) => model],
  ['plan', ({ plan }) => plan],
  ['plan_version', ({ planVersion }) => planVersion],
  ['language', ({ language }) => language],
  ['filename', ({ filename }) => filename],
];

/** Requests go on between two parts of a document: so many rows take some milliseconds. */
const ROWS_AT_ONCE = 500;

@injectable()
export class TabularUsageDocuments implements UsageDocuments {
  async render(format: UsageFormat, lines: readonly LogLine[]): Promise<Buffer | string> {
    switch (format) {
      case 'csv':
        return csv(lines);
      case 'json':
        return json(lines);
      case 'xlsx':
        return xlsx(lines);
    }
  }
}

const CSV: Options = { escape_formulas: true, record_delimiter: 'windows', cast: { boolean: String } };
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * RFC 4180, with a byte order mark, by which spreadsheets know that it is UTF-8. What would begin a formula is given an
 * apostrophe in front (https://owasp.org/www-community/attacks/CSV_Injection).
 */
async function csv(lines: readonly LogLine[]): Promise<string> {
  const header = BYTE_ORDER_MARK + stringify([COLUMNS.map(([name]) => name)], CSV);
  return header + (await inParts(lines, (part) => stringify(part.map(valuesOf), CSV))).join('');
}

async function json(lines: readonly LogLine[]): Promise<string> {
  const parts = await inParts(lines, (part) => part.map((line) => JSON.stringify(objectOf(line))).join(',\n'));
  return `[${parts.join(',\n')}]`;
}

async function inParts(lines: readonly LogLine[], render: (part: readonly LogLine[]) => string): Promise<string[]> {
  const parts: string[] = [];
  for (let at = 0; at < lines.length; at += ROWS_AT_ONCE) {
    parts.push(render(lines.slice(at, at + ROWS_AT_ONCE)));
    await otherWork();
  }
  return parts;
}

/** Text stays text here, whatever it begins with: a cell says what it holds. */
function xlsx(lines: readonly LogLine[]): Promise<Buffer> {
  const header: Row = COLUMNS.map(([name]) => ({ value: name, fontWeight: 'bold' }));
  const rows = lines.map((line): Row => valuesOf(line).map((value) => (value === null ? null : { value })));
  return writeExcelFile([header, ...rows], { sheet: 'Usage', stickyRowsCount: 1 }).toBuffer();
}

function valuesOf(line: LogLine): Value[] {
  return COLUMNS.map(([, value]) => value(line));
}

function objectOf(line: LogLine): Readonly<Record<string, Value>> {
  return Object.fromEntries(COLUMNS.map(([name, value]) => [name, value(line)]));
}
