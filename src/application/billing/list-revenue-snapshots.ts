import { utcDay } from '#domain/billing/utc-day';
import { InvalidValue } from '#domain/shared/domain-exception';
import type { Page, PageOf } from '#domain/shared/page';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { type RevenueSnapshot, RevenueSnapshots } from './revenue-snapshots.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Of a span: no more days than that are ever listed. */
export const LONGEST_DAYS = 3_660;
const USUAL_DAYS = 90;

/** The figures that were kept, day by day. */
@UseCase()
export class ListRevenueSnapshots {
  constructor(
    private readonly snapshots: RevenueSnapshots,
    private readonly clock: Clock,
  ) {}

  /**
   * Days are UTC dates, both included: today and the ninety days before it where they are null. Throws InvalidValue
   * `invalid_span`.
   */
  async execute(from: string | null, to: string | null, page: Page): Promise<PageOf<RevenueSnapshot>> {
    const last = to ?? utcDay(this.clock.now());
    const first = from ?? utcDay(new Date(Date.parse(last) - USUAL_DAYS * DAY_MS));
    const days = (Date.parse(last) - Date.parse(first)) / DAY_MS;
    if (!(days >= 0 && days <= LONGEST_DAYS)) {
      throw new InvalidValue('invalid_span', `From ${first} to ${last} is no span of 0 to ${LONGEST_DAYS} days.`, {
        from: first,
        to: last,
      });
    }
    return this.snapshots.list(first, last, page);
  }
}
