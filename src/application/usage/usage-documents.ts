import type { LogLine } from './usage-evidence.js';

export const USAGE_FORMATS = ['csv', 'json', 'xlsx'] as const;
export type UsageFormat = (typeof USAGE_FORMATS)[number];

/** Turns log entries into a file. What a user named a thing can never become a formula in a spreadsheet. */
export abstract class UsageDocuments {
  abstract render(format: UsageFormat, lines: readonly LogLine[]): Promise<Buffer | string>;
}
