import type { Payment, PaymentId } from '#domain/payments/payment';
import type { Id } from '#domain/shared/id';

/** A payment that was not what the provider says of it. */
export interface PaymentRepair {
  readonly paymentId: PaymentId;
  readonly before: PaymentFacts;
  readonly after: PaymentFacts;
}

/** What of a payment a reconciliation can change, as it is kept and shown. */
export type PaymentFacts = {
  readonly standing: string;
  readonly checkout_id: string | null;
  readonly refunded_minor: number;
  readonly disputed_minor: number;
  readonly problem: string | null;
};

export function paymentFacts({ standing, checkoutId, refundedMinor, disputedMinor, problem }: Payment): PaymentFacts {
  return {
    standing,
    checkout_id: checkoutId,
    refunded_minor: refundedMinor,
    disputed_minor: disputedMinor,
    problem,
  };
}

/** One comparison of our payments with the provider's. */
export interface PaymentReconciliationRun {
  readonly id: Id<'PaymentReconciliation'>;
  readonly actor: string;
  readonly beganAt: Date;
  readonly endedAt: Date;
  /** Checkouts touched since then were looked at, and every payment without an end. */
  readonly since: Date;
  readonly examined: number;
  readonly failed: number;
  readonly repairs: readonly PaymentRepair[];
}

/** Every reconciliation, kept for ever. */
export abstract class PaymentReconciliationLog {
  /** Needs a running transaction. */
  abstract append(run: PaymentReconciliationRun): Promise<void>;

  /** The one that ended last; null when there was none. */
  abstract latest(): Promise<PaymentReconciliationRun | null>;
}
