import type { Command } from 'commander';
import { PaymentReconciliation, RECONCILED_MS } from '#application/payments/payment-reconciliation';
import { Clock } from '#application/ports/clock';
import { type ChangeOptions, instant, reasonOf, takesChange } from '../shared/options.js';
import type { Run } from '../shared/run.js';
import { paymentsReconciled } from './payment.answer.js';

interface ReconcileOptions extends ChangeOptions {
  readonly since?: Date;
}

export function paymentCommands(program: Command, run: Run): void {
  const payments = program
    .command('payments')
    .summary('purchases of credit')
    .description('Purchases of credit, and what the payment provider says of them.');

  takesChange(payments.command('reconcile').summary('compare with the provider, and repair what was missed'))
    .option('--since <instant>', 'look at what moved since then; three days ago unless given', instant)
    .description(
      'Asks the payment provider about every purchase, refund and dispute that moved lately and about every purchase without ' +
        'an end, and repairs what no message told. A worker does the same every hour. Ends with 69 when some could not be compared.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ minutebook payments reconcile --dry-run\n' +
        '  $ minutebook payments reconcile --since 2026-11-01 --reason "webhooks were closed for a week"',
    )
    .action(async (options: ReconcileOptions, command: Command) => {
      const operator = { actor: run.surroundings.actor, reason: reasonOf(command, options) };
      const { dryRun = false } = options;
      await run.answer(async (system) => {
        const since = options.since ?? new Date(system.get(Clock).now().getTime() - RECONCILED_MS);
        return paymentsReconciled(await system.get(PaymentReconciliation).execute({ since, operator, dryRun }), dryRun);
      });
    });
}
