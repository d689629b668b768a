import { injectable } from 'inversify';
import { PaymentReconciliation, RECONCILED_MS } from '#application/payments/payment-reconciliation';
import { Clock } from '#application/ports/clock';
import type { JobHandler } from '#application/ports/job-handler';
import { Log } from '#application/ports/log';

/** Once an hour, at a minute that nobody else is likely to have chosen. */
@injectable()
export class PaymentReconciliationHandler implements JobHandler {
  readonly task = 'reconcile_payments';
  readonly schedule = { cron: '23 * * * *', catchUp: true };

  constructor(
    private readonly reconciliation: PaymentReconciliation,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async handle(): Promise<void> {
    const { examined, repairs, failed } = await this.reconciliation.execute({
      since: new Date(this.clock.now().getTime() - RECONCILED_MS),
      operator: { actor: 'system', reason: null },
      dryRun: false,
    });
    if (repairs.length > 0) this.log.warn({ repairs }, 'payments were not what the provider says of them');
    if (failed > 0) throw new Error(`${failed} payments could not be reconciled; ${examined} were examined.`);
  }
}
