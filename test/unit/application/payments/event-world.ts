import type { GatewayCheckout } from '#application/payments/payment-gateway';
import { CreditLedger } from '#application/credits/credit-ledger';
import type { CustomerSynchronisation } from '#application/billing/customer-synchronisation';
import type { SubscriptionGateway } from '#application/billing/subscription-gateway';
import { PaymentEventHandling } from '#application/payments/payment-event-handling';
import { PaymentEventIntake } from '#application/payments/payment-event-intake';
import { PaymentEventReplay } from '#application/payments/payment-event-replay';
import { PaymentIdentification } from '#application/payments/payment-identification';
import { PaymentReconciliation } from '#application/payments/payment-reconciliation';
import type {
  PaymentReconciliationLog,
  PaymentReconciliationRun,
} from '#application/payments/payment-reconciliation-log';
import { PaymentSynchronisation } from '#application/payments/payment-synchronisation';
import type { UserId } from '#domain/accounts/user';
import { Payment } from '#domain/payments/payment';
import type { PaymentEvent, PaymentNotice } from '#domain/payments/payment-event';
import type { PaymentRepository } from '#domain/payments/payment-repository';
import { InMemoryCreditAccountRepository } from '#test/support/fakes/in-memory-credit-account-repository';
import { InMemoryPaymentEventRepository } from '#test/support/fakes/in-memory-payment-event-repository';
import { InMemoryPaymentRepository } from '#test/support/fakes/in-memory-payment-repository';
import { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { RecordingAuditLog } from '#test/support/fakes/recording-audit-log';
import { RecordingJobQueue } from '#test/support/fakes/recording-job-queue';
import { RecordingLog } from '#test/support/fakes/recording-log';
import { RecordingTelemetry } from '#test/support/fakes/recording-telemetry';
import { SequentialIds } from '#test/support/fakes/sequential-ids';
import { GATEWAY, WrittenPaymentGateway } from '#test/support/fakes/written-payment-gateway';

export { GATEWAY };

class KeptRuns implements PaymentReconciliationLog {
  readonly all: PaymentReconciliationRun[] = [];

  async append(run: PaymentReconciliationRun): Promise<void> {
    this.all.push(run);
  }

  async latest(): Promise<PaymentReconciliationRun | null> {
    return this.all.at(-1) ?? null;
  }
}

/** Everything that a provider's message meets, in memory. */
export class EventWorld {
  readonly transaction = new InMemoryTransaction();
  readonly clock = new ManualClock();
  readonly ids = new SequentialIds();
  readonly payments = new InMemoryPaymentRepository(this.transaction);
  readonly events = new InMemoryPaymentEventRepository(this.transaction);
  readonly accounts = new InMemoryCreditAccountRepository(this.transaction);
  readonly jobs = new RecordingJobQueue(this.transaction);
  readonly audit = new RecordingAuditLog(this.transaction);
  readonly telemetry = new RecordingTelemetry();
  readonly log = new RecordingLog();
  readonly runs = new KeptRuns();
  readonly gateway = new WrittenPaymentGateway(this.transaction);
  readonly user = this.ids.next<'User'>();
  readonly ledger = new CreditLedger(this.accounts, this.transaction, this.clock, this.ids);
  readonly intake = new PaymentEventIntake(this.events, this.jobs, this.transaction, this.clock);
  readonly replay = new PaymentEventReplay(this.events, this.audit, this.jobs, this.transaction);

  handling(payments: PaymentRepository = this.payments): PaymentEventHandling {
    return new PaymentEventHandling(
      this.events,
      this.gateway,
      new PaymentIdentification(payments, this.gateway),
      this.synchronisation(payments),
      { customerIn: () => null } as unknown as SubscriptionGateway,
      {} as CustomerSynchronisation,
      this.transaction,
      this.telemetry,
      this.clock,
      this.log,
    );
  }

  reconciliation(): PaymentReconciliation {
    return new PaymentReconciliation(
      this.payments,
      this.gateway,
      new PaymentIdentification(this.payments, this.gateway),
      this.synchronisation(this.payments),
      this.runs,
      this.audit,
      this.transaction,
      this.ids,
      this.clock,
      this.log,
    );
  }

  private synchronisation(payments: PaymentRepository): PaymentSynchronisation {
    return new PaymentSynchronisation(payments, this.ledger, this.transaction, this.clock);
  }

  /** A purchase of 10 US dollars for 1000 credits, with its checkout at the provider in this state. */
  async purchase(
    name: string,
    state: GatewayCheckout['state'],
    { opened = true, gateway = GATEWAY }: { readonly opened?: boolean; readonly gateway?: string } = {},
  ): Promise<Payment> {
    const now = this.clock.now();
    const order = Payment.ordered(
      {
        id: this.ids.next(),
        userId: this.user,
        gateway,
        requestKey: name,
        packageId: null,
        amountMinor: 1000,
        currency: 'usd',
        creditMicros: 10_000_000n,
        successUrl: 'https://app.example.com/yes',
        cancelUrl: 'https://app.example.com/no',
      },
      now,
    );
    const checkout: GatewayCheckout = {
      checkoutId: `cs_${name}`,
      paymentId: order.id,
      userId: order.userId,
      url: `https://pay.example.com/${name}`,
      expiresAt: order.expiresAt,
      state,
      amountMinor: 1000,
      currency: 'usd',
      paymentIntentId: state === 'paid' ? `pi_${name}` : null,
      failure: null,
      corrections: [],
    };
    this.gateway.checkouts.set(checkout.checkoutId, checkout);
    await this.transaction.run(async () => {
      await this.payments.addOnce(order);
      const held = await this.payments.hold(order.id);
      if (opened) await this.payments.save(held.opened({ ...checkout, url: checkout.url! }, now));
    });
    return (await this.payments.find(order.id))!;
  }

  async told(id: string, payload: object, changes: Partial<PaymentNotice> = {}): Promise<string> {
    await this.intake.execute({
      id,
      gateway: GATEWAY,
      type: 'checkout.session.completed',
      apiVersion: null,
      live: false,
      createdAt: this.clock.now(),
      payload,
      ...changes,
    });
    return id;
  }

  event(id: string): Promise<PaymentEvent> {
    return this.events.get(id);
  }

  async balance(userId: UserId = this.user): Promise<bigint> {
    return this.transaction.run(async () => {
      const account = await this.accounts.open(userId, null, this.clock.now());
      return account.balance.micros;
    });
  }
}
