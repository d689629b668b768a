import { InvalidValue } from '../shared/domain-exception.js';

/** What a transcript can be exported as. Which of them a plan allows is the plan's affair. */
export const EXPORT_FORMATS = ['json', 'txt', 'vtt', 'srt', 'docx', 'xlsx', 'pdf'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const LONGEST_ECHO = 40;

/** The format that `text` names, whatever its case and the space around it. Throws InvalidValue for anything else. */
export function exportFormat(text: unknown): ExportFormat {
  const wanted = typeof text === 'string' ? text.trim().toLowerCase() : null;
  const format = EXPORT_FORMATS.find((known) => known === wanted);
  if (format) return format;
  throw new InvalidValue('unknown_export_format', `The export formats are ${EXPORT_FORMATS.join(', ')}.`, {
    format: typeof text === 'string' ? text.slice(0, LONGEST_ECHO) : null,
    supported: EXPORT_FORMATS,
  });
}
