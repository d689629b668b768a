import { injectable } from 'inversify';
import { SandboxBilling } from '#application/billing/sandbox-billing';
import type { JobHandler } from '#application/ports/job-handler';

/** Every minute: renews, ends and fails what is due in the sandbox. Nothing happens when payments are real. */
@injectable()
export class SandboxBillingHandler implements JobHandler {
  readonly task = 'run_sandbox_billing';
  readonly schedule = { cron: '* * * * *', catchUp: false };

  constructor(private readonly billing: SandboxBilling) {}

  async handle(): Promise<void> {
    await this.billing.execute();
  }
}
