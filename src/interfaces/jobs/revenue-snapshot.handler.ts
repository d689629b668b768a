import { injectable } from 'inversify';
import { RevenueRecording } from '#application/billing/revenue-recording';
import type { JobHandler } from '#application/ports/job-handler';

/** Tried every hour, so that a day on which a worker ran at all has its figures; kept by the first. */
@injectable()
export class RevenueSnapshotHandler implements JobHandler {
  readonly task = 'take_revenue_snapshot';
  readonly schedule = { cron: '3 * * * *', catchUp: true };

  constructor(private readonly recording: RevenueRecording) {}

  async handle(): Promise<void> {
    await this.recording.execute();
  }
}
