import type { Revenue } from '#domain/billing/revenue';
import type { Page, PageOf } from '#domain/shared/page';

/** The figures of one day. */
export interface RevenueSnapshot {
  /** A UTC date: `2026-11-01`. */
  readonly day: string;
  readonly revenue: Revenue;
}

/** One for each day on which somebody took it: written once, and never again. */
export abstract class RevenueSnapshots {
  /** False, and nothing happens, when the day has one. Needs a running transaction. */
  abstract addOnce(snapshot: RevenueSnapshot): Promise<boolean>;

  abstract has(day: string): Promise<boolean>;

  /** From the first day to the last, both included; oldest first. */
  abstract list(from: string, to: string, page: Page): Promise<PageOf<RevenueSnapshot>>;
}
