import type { PaymentReconciliationRun } from '#application/payments/payment-reconciliation-log';
import { type Answer, changes, difference } from '../shared/answer.js';
import { ExitCode } from '../shared/exit-code.js';

export function paymentsReconciled(run: PaymentReconciliationRun, dryRun: boolean): Answer {
  const { since, examined, failed, repairs } = run;
  const repaired = `${repairs.length} ${dryRun ? 'would be repaired, and nothing was changed' : 'repaired'}`;
  return {
    json: {
      since: since.toISOString(),
      examined,
      repaired: repairs.length,
      failed,
      repairs: repairs.map(({ paymentId, before, after }) => ({
        payment_id: paymentId,
        changes: changes(before, after),
      })),
      done: !dryRun,
    },
    text: [
      `Payments compared with the provider since ${since.toISOString()}: ${examined}; ${repaired}; ${failed} failed.`,
      ...repairs.map(({ paymentId, before, after }) => `payment ${paymentId}\n${difference(before, after)}`),
    ].join('\n'),
    ...(failed > 0 && {
      note: 'The log says why some could not be compared. Run this again: what is repaired already is left as it is.',
      exitCode: ExitCode.unavailable,
    }),
  };
}
