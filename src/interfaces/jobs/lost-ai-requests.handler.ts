import { injectable } from 'inversify';
import { LostRequestSweep } from '#application/gateway/lost-request-sweep';
import type { JobHandler } from '#application/ports/job-handler';
import { Log } from '#application/ports/log';

/** Every ten minutes: what it finds happened an hour ago or longer. */
@injectable()
export class LostAiRequestsHandler implements JobHandler {
  readonly task = 'close_lost_ai_requests';
  readonly schedule = { cron: '*/10 * * * *', catchUp: false };

  constructor(
    private readonly sweep: LostRequestSweep,
    private readonly log: Log,
  ) {}

  async handle(): Promise<void> {
    const lost = await this.sweep.execute();
    if (lost > 0) this.log.warn({ requests: lost }, 'AI requests were lost with their process, and cost nothing');
  }
}
