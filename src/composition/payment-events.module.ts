import { ContainerModule } from 'inversify';
import { GetPaymentEvent } from '#application/payments/get-payment-event';
import { ListPaymentEvents } from '#application/payments/list-payment-events';
import { PaymentEventHandling } from '#application/payments/payment-event-handling';
import { PaymentEventIntake } from '#application/payments/payment-event-intake';
import { PaymentEventReplay } from '#application/payments/payment-event-replay';
import { PaymentIdentification } from '#application/payments/payment-identification';
import { PaymentReconciliation } from '#application/payments/payment-reconciliation';
import { PaymentReconciliationLog } from '#application/payments/payment-reconciliation-log';
import { SqlPaymentReconciliationLog } from '#infrastructure/payments/sql-payment-reconciliation-log';
import { PaymentEventController } from '#interfaces/http/payments/payment-event.controller';
import { WebhookRoutes } from '#interfaces/http/payments/webhook.routes';
import { Controller } from '#interfaces/http/shared/operation';
import { RawRoutes } from '#interfaces/http/shared/raw-routes';

/** What payment providers tell us, and what they forgot to. */
export const paymentEvents = new ContainerModule(({ bind }) => {
  bind(PaymentIdentification).toSelf();
  bind(PaymentEventIntake).toSelf();
  bind(PaymentEventHandling).toSelf();
  bind(PaymentEventReplay).toSelf();
  bind(ListPaymentEvents).toSelf();
  bind(GetPaymentEvent).toSelf();
  bind(PaymentReconciliationLog).to(SqlPaymentReconciliationLog);
  bind(PaymentReconciliation).toSelf();
  bind(Controller).to(PaymentEventController);
  bind(RawRoutes).to(WebhookRoutes);
});
