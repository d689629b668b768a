import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Container } from 'inversify';
import { BudgetSettings } from '#application/budgets/budget-settings';
import { GatewaySettings } from '#application/gateway/gateway-settings';
import { RunningRequests } from '#application/gateway/running-requests';
import type { Clock } from '#application/ports/clock';
import type { Log } from '#application/ports/log';
import type { Transcriber } from '#application/sessions/transcriber';
import { type Config, BadSetting } from '#config';
import { VERSION } from '#application/system/version';
import { CreditGrantCaps } from '#application/credits/credit-grant-caps';
import { CheckoutSettings } from '#application/payments/checkout-settings';
import { moneyOfCredits } from '#domain/credits/credit';
import { Money } from '#domain/shared/money';
import type { CreditOffer } from '#domain/payments/credit-package';
import { DEFAULT_OFFER } from '#domain/payments/default-offer';
import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import { ApiKeySettings } from '#infrastructure/accounts/hmac-api-keys';
import { TelegramSettings } from '#infrastructure/accounts/hmac-telegram-signatures';
import { AccessTokenSettings } from '#infrastructure/accounts/jose-access-tokens';
import { ConfiguredSubscriptionPrices, PricesInvalid } from '#infrastructure/billing/configured-subscription-prices';
import { StripeSubscriptionGateway } from '#infrastructure/billing/stripe-subscription-gateway';
import { AnthropicProvider } from '#infrastructure/gateway/anthropic-provider';
import { OpenAiCompatibleProvider } from '#infrastructure/gateway/openai-compatible-provider';
import { SandboxProvider } from '#infrastructure/gateway/sandbox-provider';
import { dataSource } from '#infrastructure/persistence/data-source';
import { EmbeddedPostgres } from '#infrastructure/persistence/embedded-postgres';
import { migrate } from '#infrastructure/persistence/migrate';
import { creditOfferOf } from '#infrastructure/payments/offer-file';
import { StripePaymentGateway } from '#infrastructure/payments/stripe-payment-gateway';
import { StripeSettings } from '#infrastructure/payments/stripe-settings';
import { StripeWebhook } from '#infrastructure/payments/stripe-webhook';
import { planCatalogOf } from '#infrastructure/plans/catalog-file';
import { FixedPlanCatalog } from '#infrastructure/plans/fixed-plan-catalog';
import { OPENAI_MAX_BYTES, OpenAiCompatibleTranscriber } from '#infrastructure/providers/openai-compatible-transcriber';
import { type ResultDelivery, sandboxTranscribers } from '#infrastructure/providers/sandbox-transcriber';
import { DiskUploadSettings, uploadSigningKey } from '#infrastructure/sessions/disk-upload-storage';
import { OpenTelemetryTracing } from '#infrastructure/telemetry/open-telemetry-tracing';
import { ShiftedClock } from '#infrastructure/system/shifted-clock';
import { SystemClock } from '#infrastructure/system/system-clock';
import { HttpSettings } from '#interfaces/http/app';
import { PageSettings } from '#interfaces/http/page/page-settings';
import { compose } from './container.js';
import type { Foundation } from './system.module.js';

/** Beside the built program: dist/page. */
const BUILT_PAGE = fileURLToPath(new URL('../../page', import.meta.url));

/** A database that cannot be reached; the message says which, and what to do. */
export class DatabaseUnreachable extends Error {}

/** The composed system and what it stands on, from opening to closing. */
export class Application {
  private constructor(
    readonly config: Config,
    readonly foundation: Foundation,
    readonly container: Container,
    readonly databaseUrl: string,
    private readonly embedded: EmbeddedPostgres | null,
    /** Ends what goes on with services outside. */
    private readonly disconnect: () => Promise<void>,
  ) {}

  /**
   * Starts or finds the database, brings it to the newest schema if `migrating`, and composes the system on it.
   * Throws BadSetting and DatabaseUnreachable.
   */
  static async open(
    config: Config,
    { log, migrating, clock }: { readonly log: Log; readonly migrating: boolean; readonly clock?: Clock },
  ): Promise<Application> {
    const plans = new FixedPlanCatalog(config.plansFile === null ? DEFAULT_CATALOG : catalogFrom(config.plansFile));
    const embedded =
      config.databaseUrl === null
        ? await EmbeddedPostgres.start({ dataDir: join(config.dataDir, 'postgres'), durable: true })
        : null;
    const url = embedded?.url ?? config.databaseUrl!;
    try {
      if (migrating) await migrate(url);
      const database = await dataSource({ url, poolSize: config.databasePoolSize }).initialize();
      const world = clock ?? new SystemClock();
      const shifted = isSandbox(config) ? await ShiftedClock.start(database, world, log) : null;
      const time = shifted ?? world;
      const real = realAiProviders(config, time);
      const tracing =
        config.tracing && (await OpenTelemetryTracing.start({ ...config.tracing, serviceVersion: VERSION }, log));
      const foundation: Foundation = {
        database,
        log,
        plans,
        transcribers: (time, deliver) => transcribersOf(config, time, deliver),
        keys: new ApiKeySettings(config.keyPepper, config.production ? 'live' : 'test'),
        tokens: new AccessTokenSettings(
          config.tokens.secret,
          config.tokens.jwksUrl,
          config.tokens.issuer,
          config.tokens.audience,
        ),
        uploads: new DiskUploadSettings(
          join(config.dataDir, 'uploads'),
          config.publicUrl,
          uploadSigningKey(config.keyPepper),
        ),
        http: new HttpSettings(config.allowedOrigins, config.metricsToken),
        checkout: new CheckoutSettings(config.publicUrl, config.allowedOrigins),
        telegram: new TelegramSettings(config.telegramBotToken),
        page: new PageSettings(config.publicUrl, config.embedOrigins, BUILT_PAGE),
        offers: { offer: config.packagesFile === null ? DEFAULT_OFFER : offerFrom(config.packagesFile) },
        creditGrantCaps: capsOf(config),
        aiProviders: [...real, ...(config.aiSandbox ? [new SandboxProvider(time)] : [])],
        aiSettings: aiSettingsOf(config),
        budgets: budgetsOf(config),
        ...(tracing && { tracing }),
        ...paymentsOf(config, log),
        clock: time,
        ...(shifted && { clockShift: shifted }),
      };
      const disconnect = async (): Promise<void> => {
        await Promise.all(real.map((provider) => provider.close()));
        await tracing?.shutdown();
        await shifted?.stop();
      };
      return new Application(config, foundation, compose(foundation), url, embedded, disconnect);
    } catch (error) {
      await embedded?.stop();
      throw isUnreachable(error) ? new DatabaseUnreachable(unreachable(url, error as Error)) : error;
    }
  }

  /** What was begun is settled first, as far as the database lets it be. */
  async close(): Promise<void> {
    await within(SETTLING_MS, this.container.get(RunningRequests).idle());
    await this.disconnect();
    await this.foundation.database.destroy();
    await this.embedded?.stop();
  }
}

/** OpenAI answers a recording of an hour in minutes; beyond this it is lost. */
const TRANSCRIPTION_TIMEOUT_MS = 20 * 60 * 1000;

function transcribersOf({ openai, sandbox }: Config, clock: Clock, deliver: ResultDelivery): readonly Transcriber[] {
  const real = openai && {
    provider: 'openai',
    baseUrl: openai.baseUrl,
    apiKey: openai.apiKey,
    apiKeySetting: 'OPENAI_API_KEY',
    model: openai.transcriptionModel,
    timeoutMs: TRANSCRIPTION_TIMEOUT_MS,
    maxBytes: OPENAI_MAX_BYTES,
  };
  return [
    ...(real ? [new OpenAiCompatibleTranscriber(real, clock)] : []),
    ...(sandbox ? sandboxTranscribers(clock, deliver) : []),
  ];
}

/** Settling what was cut off takes one round trip each; a database that is away is not waited for. */
const SETTLING_MS = 5_000;

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, late]);
  clearTimeout(timer);
}

/** A user's requests at once are limited; these are those of all users to one provider. */
const CONNECTIONS_PER_PROVIDER = 512;
const CONNECT_MS = 5_000;

function realAiProviders(
  { aiProviders, gateway }: Config,
  clock: Clock,
): readonly (AnthropicProvider | OpenAiCompatibleProvider)[] {
  const { firstByteMs, idleMs } = gateway;
  const limits = { connectMs: CONNECT_MS, firstByteMs, idleMs, connections: CONNECTIONS_PER_PROVIDER };
  return aiProviders.map((one) =>
    one.dialect === 'anthropic'
      ? new AnthropicProvider({ ...one, ...limits }, clock)
      : new OpenAiCompatibleProvider({
          ...one,
          tasks: ['chat', 'image', 'transcription'],
          extraHeaders: {},
          ...limits,
        }),
  );
}

/** The answer to a caller who left is waited for this long. */
const DRAIN_MS = 30_000;

function aiSettingsOf({ gateway }: Config): GatewaySettings {
  const { markupBasisPoints, longestMs, requestsPerMinute, requestsAtOnce } = gateway;
  return new GatewaySettings(markupBasisPoints, longestMs, DRAIN_MS, requestsPerMinute, requestsAtOnce);
}

function budgetsOf({ budgets: { monthlyMicros, microAllowanceMicros, webhook } }: Config): BudgetSettings {
  return new BudgetSettings(Money.ofMicros(monthlyMicros), Money.ofMicros(microAllowanceMicros), webhook);
}

/** Where an operator may move the clock: no money is taken, and nobody relies on it. */
function isSandbox({ stripe, production }: Config): boolean {
  return stripe === null && !production;
}

function capsOf({ creditGrantCaps: { perGrantUsd, perDayUsd } }: Config): CreditGrantCaps {
  const [perGrant, perDay] = [perGrantUsd, perDayUsd].map((usd) => moneyOfCredits(usd * 100)) as [Money, Money];
  return new CreditGrantCaps(perGrant, perDay);
}

function paymentsOf(
  { stripe, stripePrices }: Config,
  log: Log,
): Pick<Foundation, 'gateway' | 'webhook' | 'subscriptions'> {
  if (stripe === null) return {};
  const settings = new StripeSettings(stripe.secretKey, stripe.webhookSecrets, stripe.apiBase);
  return {
    gateway: new StripePaymentGateway(settings),
    webhook: new StripeWebhook(settings),
    subscriptions: {
      gateway: new StripeSubscriptionGateway(settings, new SystemClock(), log),
      prices: pricesOf(stripePrices),
    },
  };
}

function pricesOf(prices: Config['stripePrices']): ConfiguredSubscriptionPrices {
  try {
    return new ConfiguredSubscriptionPrices(prices);
  } catch (error) {
    throw error instanceof PricesInvalid ? new BadSetting(`STRIPE_PRICES: ${error.message}`) : error;
  }
}

function catalogFrom(file: string): ReturnType<typeof planCatalogOf> {
  try {
    return planCatalogOf(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new BadSetting(`MINUTEBOOK_PLANS: ${file}: ${(error as Error).message}`);
  }
}

function offerFrom(file: string): CreditOffer {
  try {
    return creditOfferOf(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new BadSetting(`MINUTEBOOK_PACKAGES: ${file}: ${(error as Error).message}`);
  }
}

/** SQLSTATE classes 08, 28, 3D and 57P, and the socket's own codes: nobody there, not let in, or no such database. */
function isUnreachable(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return (
    (typeof code === 'string' && /^(08|28|3D|57P|ECONN|ENOTFOUND|ENOENT|ETIMEDOUT|EAI_|EHOSTUNREACH)/.test(code)) ||
    /timeout|terminated|SSL/i.test((error as Error).message)
  );
}

function unreachable(url: string, error: Error): string {
  const shown = new URL(url.replace(/^postgres(ql)?:\/\/([^@/]*@)?\//, 'postgres://$2localhost/'));
  shown.password = '';
  const reason = error.message || (error as NodeJS.ErrnoException).code;
  return `DATABASE_URL: ${shown.host}${shown.pathname} cannot be used: ${reason}. Check that the server runs, and the address, user and database in DATABASE_URL.`;
}
