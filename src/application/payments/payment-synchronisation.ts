import { CreditLedger } from '../credits/credit-ledger.js';
import { Clock } from '../ports/clock.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import {
  creditToTakeBack,
  type Payment,
  PaymentCorrection,
  type PaymentId,
  PaymentNotFound,
} from '#domain/payments/payment';
import { PaymentRepository } from '#domain/payments/payment-repository';
import { creditsOf } from '#domain/credits/credit';
import { Money } from '#domain/shared/money';
import type { GatewayCheckout, GatewayCorrection } from './payment-gateway.js';

/** The key of the entry that a payment brings: one of each, whoever found out first. */
const purchaseKey = (id: PaymentId): string => `payment:${id}`;

export interface Synchronised {
  readonly payment: Payment;
  readonly changed: boolean;
}

/**
 * Brings a payment to what the provider says of it now: the one fulfilment, called by the webhook, by the buyer's return and by the
 * reconciler, a thousand times at once if need be. It looks at the whole state and not at what happened, so that the order
 * of messages does not matter, and neither does one that was lost.
 */
@UseCase()
export class PaymentSynchronisation {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly ledger: CreditLedger,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  /**
   * `ask` fetches the checkout from the provider, outside any transaction, and is called again when the payment changed
   * while the answer was on its way: an answer may be older than what is known already. Answers the payment as it is then,
   * and whether this changed it. Throws PaymentNotFound, and what `ask` throws.
   */
  async execute(id: PaymentId, ask: () => Promise<GatewayCheckout>): Promise<Synchronised> {
    for (;;) {
      const seen = await this.payments.find(id);
      if (!seen) throw new PaymentNotFound(id);
      const checkout = await ask();
      const synchronised = await this.transaction.run(() => this.apply(id, seen.version, checkout));
      if (synchronised) return synchronised;
    }
  }

  /** Null when the payment has changed since `version`. */
  private async apply(id: PaymentId, version: number, checkout: GatewayCheckout): Promise<Synchronised | null> {
    const before = await this.payments.hold(id);
    if (before.version !== version) return null;
    const problem = contradiction(before, checkout);
    // What is somebody else's checkout tells nothing about this payment, except that a person must look.
    const payment =
      problem === null ? await this.followed(before, checkout) : before.moved('review', problem, this.clock.now());
    if (payment !== before) await this.payments.save(payment);
    return { payment, changed: payment !== before };
  }

  private async followed(payment: Payment, checkout: GatewayCheckout): Promise<Payment> {
    const known = payment.knownAs(checkout, this.clock.now());
    const moved = known.status === 'completed' ? known : await this.moved(known, checkout);
    return moved.status === 'completed' ? this.corrected(moved, checkout.corrections) : moved;
  }

  private async moved(known: Payment, checkout: GatewayCheckout): Promise<Payment> {
    const now = this.clock.now();
    switch (checkout.state) {
      case 'open':
        return known;
      case 'processing':
        return known.moved('processing', null, now);
      case 'failed':
        return known.moved('failed', checkout.failure ?? 'The payment failed.', now);
      case 'expired':
        return known.moved('expired', null, now);
      case 'free':
        return known.moved('review', 'The provider asked for no money.', now);
      case 'paid':
        await this.grant(known);
        return known.completed(now);
    }
  }

  private async grant(payment: Payment): Promise<void> {
    const { id, userId, credit, amountMinor, currency, gateway, packageId, checkoutId, paymentIntentId } = payment;
    await this.ledger.grant(userId, {
      type: 'purchase',
      amount: credit,
      category: 'paid',
      expiresAt: null,
      key: purchaseKey(id),
      description: `Purchase of ${creditsOf(credit)} credits`,
      metadata: {
        payment_id: id,
        gateway,
        package_id: packageId,
        amount_minor: amountMinor,
        currency,
        checkout_id: checkoutId,
        payment_intent_id: paymentIntentId,
      },
      actor: 'system',
    });
  }

  /** Takes back, and gives back, what refunds and disputes make of the credit: each by what it has taken already. */
  private async corrected(payment: Payment, found: readonly GatewayCorrection[]): Promise<Payment> {
    const known = new Map((await this.payments.correctionsOf(payment.id)).map((one) => [one.id, one]));
    const all = [...found].sort(byAge);
    let [returnedMinor, takenBack, changed] = [0, Money.zero, false];
    for (const correction of all) {
      if (correction.effective) returnedMinor += correction.amountMinor;
      const upToHere = creditToTakeBack(payment.credit, payment.amountMinor, returnedMinor);
      const target = correction.effective ? upToHere.minus(takenBack) : Money.zero;
      takenBack = takenBack.plus(target);
      changed = (await this.correct(payment, correction, known.get(correction.id) ?? null, target)) || changed;
    }
    const sum = (kind: GatewayCorrection['kind']): number =>
      all.filter((one) => one.kind === kind && one.effective).reduce((total, one) => total + one.amountMinor, 0);
    return changed ? payment.returned(sum('refund'), sum('dispute'), this.clock.now()) : payment;
  }

  /** False when nothing of this refund or dispute is new. */
  private async correct(
    payment: Payment,
    { id, kind, amountMinor, status, effective }: GatewayCorrection,
    known: PaymentCorrection | null,
    target: Money,
  ): Promise<boolean> {
    const difference = target.minus(Money.ofMicros(known?.takenMicros ?? 0n));
    if (known && difference.isZero && known.status === status && known.amountMinor === amountMinor) return false;
    const moves = (known?.moves ?? 0) + (difference.isZero ? 0 : 1);
    const now = this.clock.now();
    const [since, taken] = [known?.createdAt ?? now, target.micros];
    await this.payments.saveCorrection(
      new PaymentCorrection(id, payment.id, kind, amountMinor, status, effective, taken, moves, since, now),
    );
    if (difference.isPositive) await this.takeBack(payment, kind, id, moves, difference);
    if (difference.negated().isPositive) await this.giveBack(payment, kind, id, moves, difference.negated());
    return true;
  }

  private async takeBack(
    payment: Payment,
    kind: PaymentCorrection['kind'],
    id: string,
    move: number,
    amount: Money,
  ): Promise<void> {
    const purchase = await this.ledger.find(payment.userId, purchaseKey(payment.id));
    await this.ledger.clawBack(payment.userId, {
      type: kind === 'refund' ? 'refund' : 'chargeback',
      amount,
      from: purchase?.id ?? null,
      key: `${kind}:${id}:${move}`,
      description: kind === 'refund' ? 'Refund of a purchase' : 'Disputed purchase',
      metadata: { payment_id: payment.id, [`${kind}_id`]: id },
      actor: 'system',
    });
  }

  private async giveBack(
    payment: Payment,
    kind: PaymentCorrection['kind'],
    id: string,
    move: number,
    amount: Money,
  ): Promise<void> {
    await this.ledger.grant(payment.userId, {
      type: 'reversal',
      amount,
      category: 'paid',
      expiresAt: null,
      key: `${kind}:${id}:${move}`,
      description: kind === 'refund' ? 'The refund did not go through' : 'The dispute was decided for us',
      metadata: { payment_id: payment.id, [`${kind}_id`]: id },
      actor: 'system',
    });
  }
}

/** What of the provider's answer is not what was ordered; null when all of it is. */
function contradiction(payment: Payment, checkout: GatewayCheckout): string | null {
  if (checkout.paymentId !== payment.id) return `The checkout belongs to payment ${checkout.paymentId ?? 'none'}.`;
  if (checkout.userId !== payment.userId) return `The checkout belongs to user ${checkout.userId ?? 'none'}.`;
  if (payment.checkoutId !== null && checkout.checkoutId !== payment.checkoutId) {
    return `The payment has checkout ${payment.checkoutId}, this is ${checkout.checkoutId}.`;
  }
  if (checkout.currency !== payment.currency || checkout.amountMinor !== payment.amountMinor) {
    const [ordered, asked] = [payment, checkout].map((one) => `${one.amountMinor} ${one.currency}`);
    return `Ordered were ${ordered}, the checkout is over ${asked}.`;
  }
  return null;
}

function byAge(one: GatewayCorrection, other: GatewayCorrection): number {
  return one.createdAt.getTime() - other.createdAt.getTime() || (one.id < other.id ? -1 : 1);
}
