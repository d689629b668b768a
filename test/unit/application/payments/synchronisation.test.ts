import fc from 'fast-check';
import type { GatewayCheckout, GatewayCorrection } from '#application/payments/payment-gateway';
import { PaymentSynchronisation } from '#application/payments/payment-synchronisation';
import type { UserId } from '#domain/accounts/user';
import type { Payment, PaymentId } from '#domain/payments/payment';
import { Money } from '#domain/shared/money';
import { EventWorld } from './event-world.js';

/** Every purchase of this world costs 1000 cents and gives 10 000 000 micros. */
const CREDIT = 10_000_000n;
const STRANGER = '01900000-0000-7000-8000-00000000dead';

let world: EventWorld;
let synchronisation: PaymentSynchronisation;

beforeEach(() => begin());

function begin(): void {
  world = new EventWorld();
  synchronisation = new PaymentSynchronisation(world.payments, world.ledger, world.transaction, world.clock);
}

const checkoutOf = ({ checkoutId }: Payment): GatewayCheckout => world.gateway.checkouts.get(checkoutId!)!;

/** Brings the payment to what the provider says, with these changes of it. */
async function told(payment: Payment, says: Partial<GatewayCheckout> = {}): Promise<Payment> {
  return (await synchronisation.execute(payment.id, async () => ({ ...checkoutOf(payment), ...says }))).payment;
}

const account = () =>
  world.transaction.run(async () => {
    const { balance, held, debt, entries, sequence } = await world.accounts.open(world.user, null, world.clock.now());
    return { balance: balance.micros, held: held.micros, debt: debt.micros, sequence, entries };
  });

let serial = 0;
function correction(
  kind: GatewayCorrection['kind'],
  amountMinor: number,
  more: Partial<GatewayCorrection> = {},
): GatewayCorrection {
  const createdAt = new Date(world.clock.now().getTime() + ++serial * 1000);
  return { id: `${kind}_${serial}`, kind, amountMinor, status: 'succeeded', effective: true, createdAt, ...more };
}

describe('a payment that the provider calls paid', () => {
  it('is completed and gives its credit, once for a thousand who find out at the same time', async () => {
    const payment = await world.purchase('one', 'paid');
    const all = await Promise.all(Array.from({ length: 1000 }, () => told(payment)));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set(['completed']));
    expect(await account()).toMatchObject({ balance: CREDIT, sequence: 1 });
  });

  it.each<[string, Partial<GatewayCheckout>]>([
    ['another amount', { amountMinor: 999 }],
    ['a larger amount', { amountMinor: 100_000 }],
    ['another currency', { currency: 'eur' }],
    ['another user', { userId: STRANGER as UserId }],
    ['no user', { userId: null }],
    ['another payment', { paymentId: STRANGER as PaymentId }],
    ['no payment', { paymentId: null }],
    ['another checkout', { checkoutId: 'cs_other' }],
  ])('and that names %s waits for a person, and gives nothing', async (_, says) => {
    const payment = await world.purchase('one', 'paid');
    expect(await told(payment, says)).toMatchObject({ status: 'review', completedAt: null });
    expect(await account()).toMatchObject({ balance: 0n, sequence: 0 });
  });

  it('and that cost nothing waits for a person, and gives nothing', async () => {
    expect(await told(await world.purchase('one', 'free'))).toMatchObject({ status: 'review' });
    expect(await account()).toMatchObject({ balance: 0n, sequence: 0 });
  });

  it('leaves the review when what was wrong is right', async () => {
    const payment = await world.purchase('one', 'paid');
    await told(payment, { amountMinor: 1 });
    expect(await told(payment)).toMatchObject({ status: 'completed', problem: null });
    expect((await account()).balance).toBe(CREDIT);
  });

  it('stays completed, whatever is said later', async () => {
    const payment = await world.purchase('one', 'paid');
    await told(payment);
    for (const says of [{ state: 'failed' }, { state: 'expired' }, { amountMinor: 1 }] as const) {
      expect((await told(payment, says)).status).toBe('completed');
    }
    expect(await account()).toMatchObject({ balance: CREDIT, sequence: 1 });
  });

  it('is asked about again when it changed while the answer was on its way', async () => {
    const payment = await world.purchase('one', 'paid');
    const answers: GatewayCheckout[] = [
      { ...checkoutOf(payment), state: 'open' },
      { ...checkoutOf(payment), corrections: [correction('refund', 1000)] },
    ];
    let asked = 0;
    await synchronisation.execute(payment.id, async () => {
      const answer = answers[asked++]!;
      // Somebody else is told meanwhile, and is faster.
      if (asked === 1) await told(payment, { corrections: [correction('refund', 400, { id: 'refund_now' })] });
      return answer;
    });
    expect(asked).toBe(2);
    expect((await world.payments.find(payment.id))!.refundedMinor).toBe(1000);
  });
});

describe('a payment that is not paid', () => {
  it.each([
    ['open', 'pending'],
    ['processing', 'processing'],
    ['failed', 'failed'],
    ['expired', 'expired'],
  ] as const)('and whose checkout is %s is %s', async (state, status) => {
    const payment = await world.purchase('one', state);
    expect((await told(payment)).status).toBe(status);
    expect(await account()).toMatchObject({ balance: 0n, sequence: 0 });
    expect((await told(payment, { state: 'paid' })).status).toBe('completed');
    expect(await account()).toMatchObject({ balance: CREDIT, sequence: 1 });
  });
});

describe('money that goes back', () => {
  it('takes its share of the credit with it, and any partial refunds take together what one of all takes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 999 }), { minLength: 1, maxLength: 6 }), async (cuts) => {
        begin();
        const payment = await world.purchase('one', 'paid');
        const bounds = [0, ...new Set(cuts.sort((one, other) => one - other)), 1000];
        const parts = bounds.slice(1).map((bound, index) => correction('refund', bound - bounds[index]!));
        for (let known = 1; known <= parts.length; known++) await told(payment, { corrections: parts.slice(0, known) });
        expect(await account()).toMatchObject({ balance: 0n, debt: 0n });
        expect((await world.payments.find(payment.id))!.standing).toBe('refunded');
      }),
      { numRuns: 50 },
    );
  });

  it('takes a share that is rounded half up, on the total', async () => {
    const payment = await world.purchase('one', 'paid');
    await told(payment, { corrections: [correction('refund', 333)] });
    expect(await account()).toMatchObject({ balance: CREDIT - 3_330_000n, sequence: 2 });
  });

  it('comes once for each refund, however often it is told of', async () => {
    const payment = await world.purchase('one', 'paid');
    const corrections = [correction('refund', 400)];
    for (let times = 0; times < 3; times++) await told(payment, { corrections });
    expect(await account()).toMatchObject({ balance: 6_000_000n, sequence: 2 });
  });

  it('by a refund that fails comes back to the buyer as credit', async () => {
    const payment = await world.purchase('one', 'paid');
    const refund = correction('refund', 400, { status: 'pending' });
    await told(payment, { corrections: [refund] });
    const after = await told(payment, { corrections: [{ ...refund, status: 'failed', effective: false }] });
    expect(after).toMatchObject({ standing: 'completed', refundedMinor: 0 });
    expect(await account()).toMatchObject({ balance: CREDIT, debt: 0n, sequence: 3 });
  });

  it('by a dispute is gone while it is open and when it is lost, and back when it is won', async () => {
    for (const [status, effective, balance] of [
      ['lost', true, 0n],
      ['won', false, CREDIT],
    ] as const) {
      begin();
      const payment = await world.purchase('one', 'paid');
      const dispute = correction('dispute', 1000, { status: 'needs_response' });
      expect((await told(payment, { corrections: [dispute] })).standing).toBe('disputed');
      expect((await account()).balance).toBe(0n);
      await told(payment, { corrections: [{ ...dispute, status, effective }] });
      expect((await account()).balance).toBe(balance);
    }
  });

  it('by refund and dispute together never takes more than the purchase gave', async () => {
    const payment = await world.purchase('one', 'paid');
    await told(payment, { corrections: [correction('refund', 700), correction('dispute', 1000)] });
    expect(await account()).toMatchObject({ balance: 0n, debt: 0n });
  });

  it('and was spent is owed, and paid by the next purchase before anything is free', async () => {
    const payment = await world.purchase('one', 'paid');
    await told(payment);
    const details = { key: 'use', description: 'Use', metadata: {}, actor: 'test' };
    await world.ledger.spend(world.user, { ...details, type: 'api_usage', amount: Money.ofMicros(7_000_000n) });
    await told(payment, { corrections: [correction('refund', 1000)] });
    expect(await account()).toMatchObject({ balance: 0n, debt: 7_000_000n });
    await told(await world.purchase('next', 'paid'));
    expect(await account()).toMatchObject({ balance: 3_000_000n, debt: 0n });
  });
});
