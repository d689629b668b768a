import type { RevenueSnapshot } from './revenue-snapshots.js';

/** Figures of revenue as files. */
export abstract class RevenueDocuments {
  /** CSV (RFC 4180): one line for each day and currency, and one without money for a day on which nobody paid. */
  abstract csv(snapshots: readonly RevenueSnapshot[]): string;
}
