import { injectable } from 'inversify';
import { RECONCILED_MS, SubscriptionReconciliation } from '#application/billing/subscription-reconciliation';
import { Clock } from '#application/ports/clock';
import type { JobHandler } from '#application/ports/job-handler';
import { Log } from '#application/ports/log';

const HOURS = 24;

/** Once an hour, at a minute that nobody else is likely to have chosen: what is quiet is asked for once a day, an hour's share each. */
@injectable()
export class SubscriptionReconciliationHandler implements JobHandler {
  readonly task = 'reconcile_subscriptions';
  readonly schedule = { cron: '37 * * * *', catchUp: true };

  constructor(
    private readonly reconciliation: SubscriptionReconciliation,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async handle(): Promise<void> {
    const now = this.clock.now();
    const { examined, repairs, failed } = await this.reconciliation.execute({
      since: new Date(now.getTime() - RECONCILED_MS),
      share: { part: now.getUTCHours(), of: HOURS },
      dryRun: false,
    });
    if (repairs.length > 0) this.log.warn({ repairs }, 'subscriptions were not what the provider says of them');
    if (failed > 0) throw new Error(`${failed} customers could not be reconciled; ${examined} were examined.`);
  }
}
