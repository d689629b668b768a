import { ContainerModule } from 'inversify';
import { DataSource } from 'typeorm';
import { type AiProvider, AiProviders } from '#application/gateway/ai-provider';
import { ClockShift } from '#application/billing/clock-shift';
import { SubscriptionGateway } from '#application/billing/subscription-gateway';
import { BudgetSettings } from '#application/budgets/budget-settings';
import { GatewaySettings } from '#application/gateway/gateway-settings';
import { Clock } from '#application/ports/clock';
import { IdempotentAnswers } from '#application/ports/idempotent-answers';
import { IdGenerator } from '#application/ports/id-generator';
import { JobQueue } from '#application/ports/job-queue';
import { Log } from '#application/ports/log';
import { Outages } from '#application/ports/outages';
import { Telemetry } from '#application/ports/telemetry';
import { Tracing } from '#application/ports/tracing';
import { Transaction } from '#application/ports/transaction';
import type { Transcriber } from '#application/sessions/transcriber';
import { Transcribers } from '#application/sessions/transcribers';
import { TranscriptionCallback } from '#application/sessions/transcription-callback';
import { CreditGrantCaps } from '#application/credits/credit-grant-caps';
import { CheckoutSettings } from '#application/payments/checkout-settings';
import { PaymentGateway, PaymentWebhook } from '#application/payments/payment-gateway';
import { SandboxDesk } from '#application/payments/sandbox-desk';
import { CreditOffers } from '#domain/payments/credit-package';
import { SubscriptionPrices } from '#domain/billing/subscription-prices';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import { ApiKeySettings } from '#infrastructure/accounts/hmac-api-keys';
import { TelegramSettings } from '#infrastructure/accounts/hmac-telegram-signatures';
import { AccessTokenSettings } from '#infrastructure/accounts/jose-access-tokens';
import { SandboxPrices } from '#infrastructure/billing/sandbox-prices';
import { SandboxSubscriptionGateway } from '#infrastructure/billing/sandbox-subscription-gateway';
import { ConfiguredAiProviders } from '#infrastructure/gateway/configured-ai-providers';
import { GraphileJobQueue } from '#infrastructure/jobs/graphile-job-queue';
import { PostgresOutages } from '#infrastructure/persistence/postgres-outages';
import { SqlIdempotentAnswers } from '#infrastructure/persistence/sql-idempotent-answers';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { ClosedWebhook, SandboxPaymentGateway } from '#infrastructure/payments/sandbox-payment-gateway';
import { ConfiguredTranscribers } from '#infrastructure/providers/configured-transcribers';
import type { ResultDelivery } from '#infrastructure/providers/sandbox-transcriber';
import { DiskUploadSettings } from '#infrastructure/sessions/disk-upload-storage';
import { StandingClockShift } from '#infrastructure/system/standing-clock-shift';
import { SystemClock } from '#infrastructure/system/system-clock';
import { UuidGenerator } from '#infrastructure/system/uuid-generator';
import { NoTracing } from '#infrastructure/telemetry/no-tracing';
import { PrometheusTelemetry } from '#infrastructure/telemetry/prometheus-telemetry';
import { HttpApp, HttpSettings } from '#interfaces/http/app';
import { PageSettings } from '#interfaces/http/page/page-settings';
import { Execution } from '#interfaces/http/shared/execution';

/** What the process was started with: everything that a test puts something else in the place of. */
export interface Foundation {
  readonly database: DataSource;
  readonly log: Log;
  readonly plans: PlanCatalog;
  /** Made once the system is composed: providers that call back need somewhere to call. */
  readonly transcribers: (clock: Clock, deliver: ResultDelivery) => readonly Transcriber[];
  readonly keys: ApiKeySettings;
  readonly tokens: AccessTokenSettings;
  readonly uploads: DiskUploadSettings;
  readonly http: HttpSettings;
  readonly checkout: CheckoutSettings;
  readonly offers: CreditOffers;
  readonly creditGrantCaps: CreditGrantCaps;
  readonly aiProviders: readonly AiProvider[];
  readonly aiSettings: GatewaySettings;
  readonly budgets: BudgetSettings;
  /** None unless given. */
  readonly tracing?: Tracing;
  /** Not built, and in nobody's frame, unless given. */
  readonly page?: PageSettings;
  /** No bot unless given. */
  readonly telegram?: TelegramSettings;
  /** The sandbox unless given. */
  readonly gateway?: PaymentGateway;
  /** Given together, or the sandbox. */
  readonly subscriptions?: { readonly gateway: SubscriptionGateway; readonly prices: SubscriptionPrices };
  /** Refuses everything unless given. */
  readonly webhook?: PaymentWebhook;
  /** The system's clock unless given. */
  readonly clock?: Clock;
  /** What moves that clock; nothing does unless given. */
  readonly clockShift?: ClockShift;
}

export function system(foundation: Foundation): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(DataSource).toConstantValue(foundation.database);
    bind(Log).toConstantValue(foundation.log);
    bind(PlanCatalog).toConstantValue(foundation.plans);
    bind(TranscriptionCallback).toSelf();
    bind(Transcribers)
      .toDynamicValue((context) => {
        const deliver: ResultDelivery = (key, report) => context.get(TranscriptionCallback).execute(key, report);
        return new ConfiguredTranscribers(foundation.transcribers(context.get(Clock), deliver));
      })
      .inSingletonScope();
    bind(ApiKeySettings).toConstantValue(foundation.keys);
    bind(AccessTokenSettings).toConstantValue(foundation.tokens);
    bind(DiskUploadSettings).toConstantValue(foundation.uploads);
    bind(HttpSettings).toConstantValue(foundation.http);
    bind(PaymentGateway)
      .toDynamicValue((context) => foundation.gateway ?? context.get(SandboxPaymentGateway))
      .inSingletonScope();
    bind(SubscriptionGateway)
      .toDynamicValue((context) => foundation.subscriptions?.gateway ?? context.get(SandboxSubscriptionGateway))
      .inSingletonScope();
    bind(SubscriptionPrices)
      .toDynamicValue((context) => foundation.subscriptions?.prices ?? context.get(SandboxPrices))
      .inSingletonScope();
    bind(PaymentWebhook).toConstantValue(foundation.webhook ?? new ClosedWebhook());
    bind(CheckoutSettings).toConstantValue(foundation.checkout);
    bind(TelegramSettings).toConstantValue(foundation.telegram ?? new TelegramSettings(null));
    bind(PageSettings).toConstantValue(foundation.page ?? new PageSettings(foundation.checkout.publicUrl, [], null));
    bind(CreditOffers).toConstantValue(foundation.offers);
    bind(CreditGrantCaps).toConstantValue(foundation.creditGrantCaps);
    bind(AiProviders).toConstantValue(new ConfiguredAiProviders(foundation.aiProviders));
    bind(GatewaySettings).toConstantValue(foundation.aiSettings);
    bind(BudgetSettings).toConstantValue(foundation.budgets);
    bind(Tracing).toConstantValue(foundation.tracing ?? new NoTracing());
    bind(SandboxPaymentGateway).toSelf().inSingletonScope();
    bind(SandboxDesk).toService(SandboxPaymentGateway);
    bind(Clock).toConstantValue(foundation.clock ?? new SystemClock());
    bind(ClockShift).toConstantValue(foundation.clockShift ?? new StandingClockShift());
    bind(IdGenerator).to(UuidGenerator);
    bind(TypeOrmTransaction).toSelf().inSingletonScope();
    bind(Transaction).toService(TypeOrmTransaction);
    bind(JobQueue).to(GraphileJobQueue);
    bind(IdempotentAnswers).to(SqlIdempotentAnswers);
    bind(Outages).to(PostgresOutages);
    bind(Telemetry).to(PrometheusTelemetry).inSingletonScope();
    bind(Execution).toSelf();
    bind(HttpApp).toSelf().inSingletonScope();
  });
}
