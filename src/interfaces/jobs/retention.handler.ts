import { injectable } from 'inversify';
import { PageSessionRemoval } from '#application/accounts/page-session-removal';
import type { JobHandler } from '#application/ports/job-handler';
import { Log } from '#application/ports/log';
import { RetentionSweep } from '#application/sessions/retention-sweep';
import { RefusalSweep } from '#application/usage/refusal-sweep';

/** Once a day, at an hour and a minute that nobody else is likely to have chosen. */
@injectable()
export class RetentionHandler implements JobHandler {
  readonly task = 'enforce_retention';
  readonly schedule = { cron: '41 2 * * *', catchUp: true };

  constructor(
    private readonly sweep: RetentionSweep,
    private readonly refusalSweep: RefusalSweep,
    private readonly pageSessions: PageSessionRemoval,
    private readonly log: Log,
  ) {}

  async handle(): Promise<void> {
    const sessions = await this.sweep.execute();
    if (sessions > 0) this.log.info({ sessions }, 'recordings and transcripts beyond retention were removed');
    const refusals = await this.refusalSweep.execute();
    if (refusals > 0) this.log.info({ refusals }, 'refusals beyond retention were removed');
    const pageSessions = await this.pageSessions.execute();
    if (pageSessions > 0)
      this.log.info({ page_sessions: pageSessions }, 'sessions of the page that are over were removed');
  }
}
