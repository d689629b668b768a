import { PaymentGateway } from '#application/payments/payment-gateway';
import { SandboxDesk } from '#application/payments/sandbox-desk';
import { Transaction } from '#application/ports/transaction';
import { CHECKOUT_LIFETIME_MS, Payment, type PaymentId } from '#domain/payments/payment';
import { PaymentRepository } from '#domain/payments/payment-repository';
import type { UserId } from '#domain/accounts/user';
import { CommandLine } from '../cli/command-line.js';

let cli: CommandLine;

beforeEach(async () => {
  cli = await CommandLine.start();
});
afterEach(() => cli.cleanUp());

/** A purchase in the sandbox: its checkout is opened unless told otherwise, and paid if told so. Nobody tells us of it. */
async function purchase({ opened = true, paid = false } = {}): Promise<{ id: PaymentId; email: string }> {
  const email = `${crypto.randomUUID()}@example.com`;
  const { user } = await cli.json(['user', 'create', '--email', email, '--name', 'Ada', '--reason', 'test']);
  const id = crypto.randomUUID() as PaymentId;
  const order = { id, userId: user.id as UserId, gateway: 'sandbox', requestKey: id, packageId: null };
  const price = { amountMinor: 1000, currency: 'usd', creditMicros: 10_000_000n };
  const addresses = { successUrl: 'https://app.example.com/yes', cancelUrl: 'https://app.example.com/no' };
  const now = cli.clock.now();
  const payment = Payment.ordered({ ...order, ...price, ...addresses }, now);
  const system = await cli.open('current');
  try {
    const payments = system.get(PaymentRepository);
    const transaction = system.get(Transaction);
    await transaction.run(() => payments.addOnce(payment));
    if (!opened) return { id, email };
    const { checkoutId, url, expiresAt } = await system.get(PaymentGateway).openCheckout(payment, 'cus', 'Credit');
    await transaction.run(async () => {
      const held = await payments.hold(id);
      await payments.save(held.opened({ checkoutId, url: url!, expiresAt }, now));
    });
    if (paid) await system.get(SandboxDesk).act(checkoutId, 'pay');
    return { id, email };
  } finally {
    await system.close();
  }
}

async function anEvent(id: string, status: string, receivedAt: Date): Promise<void> {
  await cli.rows(
    `insert into payment_events (id, gateway, type, live, created_at, payload, received_at, status, failures, last_error)
     values ($1, 'sandbox', 'sandbox.pay', false, $2, '{"checkout_id": "cs_none"}', $2, $3, 8, 'Error: broken')`,
    [id, receivedAt, status],
  );
}

async function finding(check: string): Promise<any> {
  const { stdout } = await cli.run(['doctor', '--json']);
  return JSON.parse(stdout).findings.find((found: { check: string }) => found.check === check);
}

const standing = (id: PaymentId): Promise<unknown[]> => cli.rows(`select status from payments where id = $1`, [id]);

describe('minutebook payments reconcile', () => {
  it('shows in a dry run what it would repair, and changes nothing', async () => {
    const { id } = await purchase({ paid: true });
    const before = await cli.everything();
    const answer = await cli.json(['payments', 'reconcile', '--dry-run']);
    expect(answer).toMatchObject({ examined: 1, repaired: 1, failed: 0, done: false });
    expect(answer.repairs).toEqual([
      { payment_id: id, changes: { standing: { before: 'pending', after: 'completed' } } },
    ]);
    expect(await cli.everything()).toBe(before);
  });

  it('gives the credit of what was paid, once, and keeps what it did, who asked and why', async () => {
    const { id } = await purchase({ paid: true });
    for (const repaired of [1, 0]) {
      expect(await cli.json(['payments', 'reconcile', '--reason', 'case 812'])).toMatchObject({
        examined: 1,
        repaired,
      });
    }
    expect(await standing(id)).toEqual([{ status: 'completed' }]);
    expect(await cli.rows(`select type, amount_micros::int as amount from credit_transactions`)).toEqual([
      { type: 'purchase', amount: 10_000_000 },
    ]);
    const runs = await cli.rows(
      `select actor, examined, repaired, failed, repairs->0->>'payment_id' as payment from payment_reconciliations order by id`,
    );
    expect(runs).toEqual([
      { actor: 'cli:tester', examined: 1, repaired: 1, failed: 0, payment: id },
      { actor: 'cli:tester', examined: 1, repaired: 0, failed: 0, payment: null },
    ]);
    expect(await cli.rows(`select reason from audit_log where action = 'payments.reconcile'`)).toHaveLength(2);
  });

  it('lets expire what was never opened, once its time is over', async () => {
    const { id } = await purchase({ opened: false });
    cli.clock.advance(CHECKOUT_LIFETIME_MS / 1000 - 1);
    await cli.json(['payments', 'reconcile', '--reason', 'test']);
    expect(await standing(id)).toEqual([{ status: 'pending' }]);
    cli.clock.advance(1);
    await cli.json(['payments', 'reconcile', '--reason', 'test']);
    expect(await standing(id)).toEqual([{ status: 'expired' }]);
  });
});

describe('minutebook webhooks', () => {
  it('lists events by what became of them, and has one handled again, with an entry in the audit log', async () => {
    await anEvent('evt_dead', 'dead', cli.clock.now());
    await anEvent('evt_fine', 'applied', cli.clock.now());
    const listed = await cli.json(['webhooks', 'list', '--status', 'dead']);
    expect(listed).toMatchObject({ total: 1, data: [{ id: 'evt_dead', last_error: 'Error: broken' }] });

    const before = await cli.everything();
    await cli.json(['webhooks', 'replay', 'evt_dead', '--dry-run']);
    expect(await cli.everything()).toBe(before);

    expect(await cli.json(['webhooks', 'replay', 'evt_dead', '--reason', 'mended'])).toMatchObject({
      changes: { status: { before: 'dead', after: 'received' } },
      done: true,
    });
    expect(await cli.rows(`select key from graphile_worker.jobs`)).toEqual([{ key: 'payment_event:evt_dead' }]);
    expect(await cli.rows(`select actor, reason from audit_log where action = 'payment_event.replay'`)).toEqual([
      { actor: 'cli:tester', reason: 'mended' },
    ]);
  });
});

describe('minutebook doctor, about payments', () => {
  const CHECKS = ['dead_webhooks', 'late_webhooks', 'reviews', 'checkouts', 'reconciler'];

  it('finds nothing where nothing was sold', async () => {
    for (const check of CHECKS) expect(await finding(check)).toMatchObject({ verdict: 'ok' });
  });

  it('counts what needs somebody, and nothing else', async () => {
    await purchase({ opened: false });
    const review = await purchase();
    await cli.rows(`update payments set status = 'review', problem = 'odd' where id = $1`, [review.id]);
    cli.clock.advance(27 * 3600 + 1);
    await purchase({ opened: false });
    const [now, late] = [cli.clock.now(), new Date(cli.clock.now().getTime() - 15 * 60_000 - 1)];
    await anEvent('evt_1', 'dead', now);
    await anEvent('evt_2', 'received', late);
    await anEvent('evt_3', 'received', now);
    await anEvent('evt_4', 'applied', late);
    for (const [check, summary] of [
      ['dead_webhooks', '1 event '],
      ['late_webhooks', `1 event, the oldest since ${late.toISOString()}`],
      ['reviews', '1 payment.'],
      ['checkouts', '1 payment.'],
      ['reconciler', 'never compared'],
    ] as const) {
      expect(await finding(check)).toMatchObject({ summary: expect.stringContaining(summary) });
    }
  });

  it('says what the last comparison with the provider repaired, and when it is long ago', async () => {
    await purchase({ paid: true });
    await cli.json(['payments', 'reconcile', '--reason', 'test']);
    expect(await finding('reconciler')).toMatchObject({
      verdict: 'warning',
      summary: expect.stringContaining('1 repaired'),
    });
    await cli.json(['payments', 'reconcile', '--reason', 'test']);
    expect(await finding('reconciler')).toMatchObject({ verdict: 'ok' });
    cli.clock.advance(3 * 3600 + 1);
    expect(await finding('reconciler')).toMatchObject({ verdict: 'warning', next: expect.stringContaining('worker') });
  });
});
