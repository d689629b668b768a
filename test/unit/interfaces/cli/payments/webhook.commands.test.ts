import { ListPaymentEvents } from '#application/payments/list-payment-events';
import { PaymentEventReplay } from '#application/payments/payment-event-replay';
import { PaymentEvent, PaymentEventNotFound } from '#domain/payments/payment-event';
import type { Operator } from '#application/accounts/user-change';
import { aSystem } from '../a-system.js';
import { ran } from '../rehearsed-run.js';

const NOW = new Date('2026-03-10T12:00:00.000Z');
const RECEIVED = PaymentEvent.received(
  {
    id: 'evt_1',
    gateway: 'stripe-test',
    type: 'refund.created',
    apiVersion: null,
    live: false,
    createdAt: NOW,
    payload: { secret: 'of the buyer' },
  },
  NOW,
);
const DEAD = RECEIVED.failed('Error: broken', 1, NOW);

describe('webhooks list', () => {
  async function listed(args: readonly string[], events: readonly PaymentEvent[], total = events.length) {
    const asked: unknown[] = [];
    const list = {
      execute: async (...given: unknown[]) => {
        asked.push(...given);
        return { items: events, total };
      },
    };
    return { ...(await ran(['webhooks', 'list', ...args], { parts: [[ListPaymentEvents, list]] })), asked };
  }

  it('shows what came, what became of it and why, and never what was in it', async () => {
    const { exitCode, stdout, asked } = await listed(['--status', 'dead', '--type', 'refund.created'], [DEAD]);
    expect(exitCode).toBe(0);
    expect(asked).toEqual([
      { status: 'dead', type: 'refund.created' },
      { limit: 20, offset: 0 },
    ]);
    expect(stdout).toMatch(/evt_1 +refund\.created +dead +2026-03-10T12:00:00\.000Z +1 +Error: broken/);
    expect((await listed(['--json'], [DEAD])).stdout).not.toContain('of the buyer');
  });

  it('says how to go on when there is more', async () => {
    expect((await listed(['--limit', '1'], [DEAD], 3)).stderr).toContain('--offset 1');
    expect((await listed([], [])).stdout).toBe('No event.\n');
  });

  it('knows the statuses that there are', async () => {
    expect(await listed(['--status', 'lost'], [])).toMatchObject({ exitCode: 64, opened: [] });
  });
});

describe('webhooks replay', () => {
  async function replayed(args: readonly string[]) {
    const asked: unknown[] = [];
    const { system, transaction } = aSystem();
    const replay = {
      execute: async (id: string, operator: Operator) => {
        expect(transaction.isRunning).toBe(true);
        if (id !== 'evt_1') throw new PaymentEventNotFound(id);
        asked.push(id, operator);
        return { before: DEAD, after: DEAD.replayed() };
      },
    };
    const parts = [...system.parts!, [PaymentEventReplay, replay] as const];
    return { ...(await ran(['webhooks', 'replay', ...args], { ...system, parts })), asked };
  }

  it('has it handled again, under the name of who asked and why', async () => {
    const { exitCode, stdout, asked } = await replayed(['evt_1', '--reason', 'mended']);
    expect([exitCode, asked]).toEqual([0, ['evt_1', { actor: 'cli:tester', reason: 'mended' }]]);
    expect(stdout).toBe(
      'Event evt_1 (refund.created) is handled again by a worker within seconds.\n' +
        '  status      dead → received\n  failures    1 → 0\n  last_error  Error: broken → none\n',
    );
  });

  it('says in a dry run what would change, and that nothing was', async () => {
    const { stdout } = await replayed(['evt_1', '--dry-run', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      event: { id: 'evt_1', status: 'received' },
      changes: { status: { before: 'dead', after: 'received' } },
      done: false,
    });
  });

  it('of an unknown event ends with 66, and says where to look', async () => {
    const { exitCode, stderr } = await replayed(['evt_0', '--reason', 'x']);
    expect(exitCode).toBe(66);
    expect(stderr).toContain('minutebook webhooks list');
  });

  it('is refused without a reason', async () => {
    expect(await replayed(['evt_1'])).toMatchObject({ exitCode: 64, opened: [] });
  });
});
