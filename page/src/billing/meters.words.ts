import type { Level } from './meters-reckoning';
import { wordsOf } from '../words/page-words';

export interface MeterWords {
  readonly title: string;
  readonly sessions: string;
  readonly minutes: string;
  readonly transcriptions: string;
  readonly of: (used: string, limit: string) => string;
  readonly unlimited: (used: string) => string;
  readonly held: (held: string) => string;
  readonly left: (left: string) => string;
  readonly level: Readonly<Record<Exclude<Level, 'fine'>, string>>;
  readonly resets: string;
  readonly openPeriod: string;
  readonly pace: (projected: string, limit: string, by: string) => string;
  readonly paceUnlimited: (projected: string, by: string) => string;
  readonly meets: (day: string) => string;
  readonly noPace: string;
  readonly running: string;
  readonly runningOf: (running: string, limit: string) => string;
  readonly fileSize: string;
  readonly formats: string;
  readonly retention: string;
}

export const METERS = wordsOf('meters');
