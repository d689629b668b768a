import { injectable } from 'inversify';
import type { JobHandler } from '#application/ports/job-handler';
import { Log } from '#application/ports/log';
import { RetentionSweep } from '#application/sessions/retention-sweep';

/** Once a day, at an hour and a minute that nobody else is likely to have chosen. */
@injectable()
export class RetentionHandler implements JobHandler {
  readonly task = 'enforce_retention';
  readonly schedule = { cron: '41 2 * * *', catchUp: true };

  constructor(
    private readonly sweep: RetentionSweep,
    private readonly log: Log,
  ) {}

  async handle(): Promise<void> {
    const sessions = await this.sweep.execute();
    if (sessions > 0) this.log.info({ sessions }, 'recordings and transcripts beyond retention were removed');
  }
}
