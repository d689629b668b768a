import type { Log } from '#application/ports/log';

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly error: unknown;
}

export class RecordingLog implements Log {
  readonly lines: LogLine[] = [];

  info(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.lines.push({ level: 'info', message, fields, error: null });
  }

  warn(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.lines.push({ level: 'warn', message, fields, error: null });
  }

  error(error: unknown, fields: Readonly<Record<string, unknown>>, message: string): void {
    this.lines.push({ level: 'error', message, fields, error });
  }
}
