import { ExitCode } from './exit-code.js';

/** What a command answers, for scripts and for people. */
export interface Answer {
  /** One object in snake_case, whose fields stay: what `--json` prints. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** For the person who reads along, beside an answer that is text. */
  readonly note?: string;
  /** 0 unless the answer itself is bad news. */
  readonly exitCode?: ExitCode;
}

/** Names and values, one a line, the values in one column. */
export function fields(entries: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

/** Columns as wide as their widest cell; cells that are all numbers stand to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = header.map((name, index) => [name, ...rows.map((row) => row[index] ?? '')]);
  const widths = columns.map((cells) => Math.max(...cells.map((cell) => cell.length)));
  const numeric = columns.map(([, ...cells]) => cells.length > 0 && cells.every((cell) => /^[\d ./%-]*$/.test(cell)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => (numeric[index] ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!)))
      .join('  ')
      .trimEnd();
  return [header.map((name) => name.toUpperCase()), ...rows].map(line).join('\n');
}

/** Each field that differs, before and after, one a line. */
export function difference(before: Facts, after: Facts): string {
  const differing = Object.entries(after).filter(([name, value]) => before[name] !== value);
  const width = Math.max(0, ...differing.map(([name]) => name.length));
  return differing
    .map(([name, value]) => `  ${name.padEnd(width)}  ${shown(before[name])} → ${shown(value)}`)
    .join('\n');
}

/** The same for scripts: `{field: {before, after}}`. */
export function changes(before: Facts, after: Facts): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(after)
      .filter(([name, value]) => before[name] !== value)
      .map(([name, value]) => [name, { before: before[name] ?? null, after: value }]),
  );
}

export type Facts = Readonly<Record<string, string | number | boolean | null>>;

function shown(value: Facts[string] | undefined): string {
  return value === null || value === undefined ? 'none' : String(value);
}
