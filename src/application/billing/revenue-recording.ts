import { utcDay } from '#domain/billing/utc-day';
import { Clock } from '../ports/clock.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { GetRevenue } from './get-revenue.js';
import { RevenueSnapshots } from './revenue-snapshots.js';

/** Keeps the figures of a day (UTC), once: those at the first time that it is asked for. */
@UseCase()
export class RevenueRecording {
  constructor(
    private readonly revenue: GetRevenue,
    private readonly snapshots: RevenueSnapshots,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  /** The day that was kept; null when it had its figures. A day on which nobody asked has none: nothing is made up later. */
  async execute(): Promise<string | null> {
    const day = utcDay(this.clock.now());
    if (await this.snapshots.has(day)) return null;
    const revenue = await this.revenue.execute();
    return (await this.transaction.run(() => this.snapshots.addOnce({ day, revenue }))) ? day : null;
  }
}
