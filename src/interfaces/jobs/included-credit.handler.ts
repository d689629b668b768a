import { injectable } from 'inversify';
import { IncludedCreditGrant } from '#application/billing/included-credit-grant';
import type { JobHandler } from '#application/ports/job-handler';
import { Log } from '#application/ports/log';

/** Every five minutes: whoever just subscribed waits no longer for the credit of the plan. */
@injectable()
export class IncludedCreditHandler implements JobHandler {
  readonly task = 'grant_included_credit';
  readonly schedule = { cron: '*/5 * * * *', catchUp: true };

  constructor(
    private readonly grant: IncludedCreditGrant,
    private readonly log: Log,
  ) {}

  async handle(): Promise<void> {
    const { done, failed } = await this.grant.execute();
    if (done > 0) this.log.info({ subscriptions: done }, 'credit that plans include was granted');
    if (failed > 0) throw new Error(`The credit of ${failed} subscriptions could not be granted.`);
  }
}
