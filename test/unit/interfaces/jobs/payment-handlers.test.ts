import { PaymentEventHandling } from '#application/payments/payment-event-handling';
import type { PaymentReconciliation, ReconciliationRequest } from '#application/payments/payment-reconciliation';
import { PaymentEventHandler } from '#interfaces/jobs/payment-event.handler';
import { PaymentReconciliationHandler } from '#interfaces/jobs/payment-reconciliation.handler';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { RecordingLog } from '#test/support/fakes/recording-log';

describe('the job apply_payment_event', () => {
  const handled: string[] = [];
  const handler = new PaymentEventHandler({
    execute: async (id: string) => void handled.push(id),
  } as unknown as PaymentEventHandling);

  it('handles the event that it names', async () => {
    await handler.handle({ eventId: 'evt_1' });
    expect(handled).toEqual(['evt_1']);
  });

  it.each([null, {}, { eventId: 7 }, { eventId: '' }])('cannot be done when it names none: %j', async (payload) => {
    await expect(handler.handle(payload)).rejects.toThrow('names none');
  });
});

describe('the job reconcile_payments', () => {
  const asked: ReconciliationRequest[] = [];
  const log = new RecordingLog();
  const handler = (failed: number, repairs: readonly unknown[] = []) => {
    const execute = async (request: ReconciliationRequest) => {
      asked.push(request);
      return { examined: 3, failed, repairs };
    };
    const reconciliation = { execute } as unknown as PaymentReconciliation;
    return new PaymentReconciliationHandler(reconciliation, new ManualClock('2026-03-10T12:00:00.000Z'), log);
  };

  it('looks three days back every hour, made up for when no worker ran, and says what it repaired', async () => {
    await handler(0, [{ paymentId: 'one' }]).handle();
    expect(asked).toEqual([
      {
        since: new Date('2026-03-07T12:00:00.000Z'),
        operator: { actor: 'system', reason: null },
        dryRun: false,
      },
    ]);
    expect(handler(0).schedule).toEqual({ cron: '23 * * * *', catchUp: true });
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { repairs: [{ paymentId: 'one' }] } }]);
  });

  it('fails when some could not be reconciled', async () => {
    await expect(handler(2).handle()).rejects.toThrow('2 payments could not be reconciled');
  });
});
