import { PaymentReconciliation, type ReconciliationRequest } from '#application/payments/payment-reconciliation';
import type { PaymentReconciliationRun, PaymentRepair } from '#application/payments/payment-reconciliation-log';
import { aSystem } from '../a-system.js';
import { ran } from '../rehearsed-run.js';

const NOW = new Date('2026-03-10T12:00:00.000Z');
const FACTS = { checkout_id: 'cs_1', refunded_minor: 0, disputed_minor: 0, problem: null };
const REPAIR: PaymentRepair = {
  paymentId: 'pay-1' as PaymentRepair['paymentId'],
  before: { ...FACTS, standing: 'pending' },
  after: { ...FACTS, standing: 'completed' },
};

async function reconciled(args: readonly string[], outcome: Partial<PaymentReconciliationRun> = {}) {
  const asked: ReconciliationRequest[] = [];
  const reconciliation = {
    execute: async (request: ReconciliationRequest): Promise<PaymentReconciliationRun> => {
      asked.push(request);
      const { since, operator } = request;
      const id = 'run' as PaymentReconciliationRun['id'];
      const run = { id, actor: operator.actor, beganAt: NOW, endedAt: NOW, since, examined: 2, failed: 0, repairs: [] };
      return { ...run, ...outcome };
    },
  };
  const { system } = aSystem();
  const parts = [...system.parts!, [PaymentReconciliation, reconciliation] as const];
  return { ...(await ran(['payments', 'reconcile', ...args], { ...system, parts })), asked };
}

describe('payments reconcile', () => {
  it('looks three days back, and says what it repaired', async () => {
    const { exitCode, stdout, asked } = await reconciled(['--reason', 'case 812'], { repairs: [REPAIR] });
    expect(asked).toEqual([
      {
        since: new Date('2026-03-07T12:00:00.000Z'),
        operator: { actor: 'cli:tester', reason: 'case 812' },
        dryRun: false,
      },
    ]);
    expect([exitCode, stdout]).toEqual([
      0,
      'Payments compared with the provider since 2026-03-07T12:00:00.000Z: 2; 1 repaired; 0 failed.\n' +
        'payment pay-1\n  standing  pending → completed\n',
    ]);
  });

  it('answers scripts with the fields that differ', async () => {
    const { stdout } = await reconciled(['--since', '2026-03-01', '--dry-run', '--json'], { repairs: [REPAIR] });
    expect(JSON.parse(stdout)).toEqual({
      since: '2026-03-01T00:00:00.000Z',
      examined: 2,
      repaired: 1,
      failed: 0,
      repairs: [{ payment_id: 'pay-1', changes: { standing: { before: 'pending', after: 'completed' } } }],
      done: false,
    });
  });

  it('needs no reason for a dry run, and says that nothing was changed', async () => {
    const { exitCode, stdout, asked } = await reconciled(['--dry-run']);
    expect([exitCode, asked[0]!.dryRun]).toEqual([0, true]);
    expect(stdout).toContain('0 would be repaired, and nothing was changed');
  });

  it('is refused without a reason', async () => {
    const { exitCode, opened } = await reconciled([]);
    expect([exitCode, opened]).toEqual([64, []]);
  });

  it('ends with 69 when some could not be compared', async () => {
    const { exitCode, stderr } = await reconciled(['--reason', 'x'], { failed: 1 });
    expect(exitCode).toBe(69);
    expect(stderr).toContain('Run this again');
  });
});
