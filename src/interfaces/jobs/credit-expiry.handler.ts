import { injectable } from 'inversify';
import { CreditExpirySweep } from '#application/credits/credit-expiry-sweep';
import type { JobHandler } from '#application/ports/job-handler';
import { Log } from '#application/ports/log';

/** Every minute: a hold of a request lasts no longer than minutes, and its owner's list should show it over. */
@injectable()
export class CreditExpiryHandler implements JobHandler {
  readonly task = 'expire_credits';
  readonly schedule = { cron: '* * * * *', catchUp: false };

  constructor(
    private readonly sweep: CreditExpirySweep,
    private readonly log: Log,
  ) {}

  async handle(): Promise<void> {
    const { swept, failed } = await this.sweep.execute();
    if (swept > 0) this.log.info({ accounts: swept }, 'credit that ran out was closed');
    if (failed > 0) throw new Error(`${failed} accounts have credit that ran out and could not be closed.`);
  }
}
