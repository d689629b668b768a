import { AuditLog } from '#domain/accounts/audit-log';
import type { Payment, PaymentId } from '#domain/payments/payment';
import { PaymentRepository } from '#domain/payments/payment-repository';
import type { Operator } from '../accounts/user-change.js';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { Log } from '../ports/log.js';
import { Transaction } from '../ports/transaction.js';
import { rehearsed } from '../rehearsal.js';
import { UseCase } from '../use-case.js';
import { PaymentGateway } from './payment-gateway.js';
import { PaymentIdentification } from './payment-identification.js';
import {
  paymentFacts,
  PaymentReconciliationLog,
  type PaymentReconciliationRun,
  type PaymentRepair,
} from './payment-reconciliation-log.js';
import { PaymentSynchronisation } from './payment-synchronisation.js';

/** So far back the reconciler looks unless told otherwise: as long as Stripe goes on delivering an event. */
export const RECONCILED_MS = 3 * 24 * 60 * 60 * 1000;

/** A payment is left to its buyer and to the provider's own messages for so long. */
const PATIENCE_MS = 15 * 60 * 1000;

/** More unfinished payments than any hour leaves; the rest is looked at by the next run. */
const MOST_UNFINISHED = 5000;

export interface ReconciliationRequest {
  readonly since: Date;
  readonly operator: Operator;
  /** Says what would be repaired, and repairs nothing. */
  readonly dryRun: boolean;
}

/**
 * Asks the provider about everything that moved lately and about every purchase without an end, and repairs what no message told
 * us, by the same deed that messages lead to.
 */
@UseCase()
export class PaymentReconciliation {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly gateway: PaymentGateway,
    private readonly identification: PaymentIdentification,
    private readonly synchronisation: PaymentSynchronisation,
    private readonly runs: PaymentReconciliationLog,
    private readonly audit: AuditLog,
    private readonly transaction: Transaction,
    private readonly ids: IdGenerator,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * One that cannot be repaired is counted and logged, and does not keep the others from it. Throws PaymentProviderUnavailable
   * when not even the list can be had.
   */
  async execute({ since, operator, dryRun }: ReconciliationRequest): Promise<PaymentReconciliationRun> {
    const beganAt = this.clock.now();
    const [examined, repairs] = [new Set<string>(), [] as PaymentRepair[]];
    let failed = 0;
    const isKnown = (id: PaymentId, checkoutId: string | null): boolean => {
      const before = examined.size;
      return examined.add(`${id} ${checkoutId}`).size === before;
    };
    const examine = async (name: string, look: () => Promise<PaymentRepair | null>): Promise<void> => {
      try {
        const repair = await look();
        if (repair) repairs.push(repair);
      } catch (error) {
        failed++;
        this.log.error(error, { of: name }, 'a payment could not be reconciled');
      }
    };

    for await (const reference of this.gateway.checkoutsTouchedSince(since)) {
      await examine(reference.checkoutId ?? reference.paymentIntentId ?? reference.chargeId ?? 'unnamed', async () => {
        const found = await this.identification.execute(reference);
        if (!found || isKnown(found.payment.id, found.checkoutId)) return null;
        return this.synchronised(found.payment, found.checkoutId, dryRun);
      });
    }
    const before = new Date(beganAt.getTime() - PATIENCE_MS);
    for (const payment of await this.payments.listUnfinished(this.gateway.name, before, MOST_UNFINISHED)) {
      const { id, checkoutId } = payment;
      if (isKnown(id, checkoutId)) continue;
      await examine(id, () =>
        checkoutId === null ? this.neverOpened(id, dryRun) : this.synchronised(payment, checkoutId, dryRun),
      );
    }

    const run: PaymentReconciliationRun = {
      id: this.ids.next(),
      actor: operator.actor,
      beganAt,
      endedAt: this.clock.now(),
      since,
      examined: examined.size,
      failed,
      repairs,
    };
    if (!dryRun) await this.keep(run, operator);
    return run;
  }

  private async synchronised(seen: Payment, checkoutId: string, dryRun: boolean): Promise<PaymentRepair | null> {
    if (!dryRun) {
      const ask = () => this.gateway.getCheckout(checkoutId);
      const { payment, changed } = await this.synchronisation.execute(seen.id, ask);
      return changed ? repairOf(seen, payment) : null;
    }
    const checkout = await this.gateway.getCheckout(checkoutId);
    const { payment, changed } = await rehearsed(this.transaction, () =>
      this.synchronisation.execute(seen.id, () => Promise.resolve(checkout)),
    );
    return changed ? repairOf(seen, payment) : null;
  }

  /** Nobody can pay what has no checkout; that it has one after all, the provider's list would have told. */
  private neverOpened(id: PaymentId, dryRun: boolean): Promise<PaymentRepair | null> {
    const expire = async (): Promise<PaymentRepair | null> => {
      const [held, now] = [await this.payments.hold(id), this.clock.now()];
      if (held.status !== 'pending' || held.checkoutId !== null || held.expiresAt > now) return null;
      const expired = held.moved('expired', null, now);
      await this.payments.save(expired);
      return repairOf(held, expired);
    };
    return dryRun ? rehearsed(this.transaction, expire) : this.transaction.run(expire);
  }

  private keep(run: PaymentReconciliationRun, { actor, reason }: Operator): Promise<void> {
    return this.transaction.run(async () => {
      await this.runs.append(run);
      if (reason === null) return;
      const after = { id: run.id, examined: run.examined, repaired: run.repairs.length, failed: run.failed };
      await this.audit.append({ actor, action: 'payments.reconcile', userId: null, reason, before: null, after });
    });
  }
}

function repairOf(before: Payment, after: Payment): PaymentRepair {
  return { paymentId: after.id, before: paymentFacts(before), after: paymentFacts(after) };
}
