import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bool, cleanEnv, EnvError, host, makeValidator, num, str, url } from 'envalid';
import {
  botToken,
  headerList,
  httpAddress,
  microsOfUsd,
  origins,
  percent,
  postgresUrl,
  stripeKey,
  type StripePrice,
  stripePrices,
  webhookSecrets,
  wholeNumber,
} from './setting-formats.js';

/** A setting that cannot be worked with. The message is the one line that the operator reads: which, and what to do. */
export class BadSetting extends Error {}

/** Everything the process is told from outside, typed and checked. */
export interface Config {
  readonly production: boolean;
  readonly role: 'api' | 'worker' | 'all';
  readonly host: string;
  readonly port: number;
  /** Where clients reach this service; signed upload addresses begin with it. */
  readonly publicUrl: string;
  readonly allowedOrigins: readonly string[];
  /** Whose pages may have the billing page in a frame. */
  readonly embedOrigins: readonly string[];
  /** Null: nobody signs in from Telegram. */
  readonly telegramBotToken: string | null;
  /** Null: the embedded database under the data directory. */
  readonly databaseUrl: string | null;
  readonly databasePoolSize: number;
  readonly dataDir: string;
  readonly keyPepper: string;
  readonly logLevel: string;
  readonly workerConcurrency: number;
  /** An operator's own catalogue of plans, or null for the default one. */
  readonly plansFile: string | null;
  readonly metricsToken: string | null;
  readonly tokens: {
    readonly secret: string | null;
    readonly jwksUrl: string | null;
    readonly issuer: string | null;
    readonly audience: string | null;
  };
  /** Answer transcriptions with made-up text that says so; refused in production unless asked for by name. */
  readonly sandbox: boolean;
  readonly openai: {
    readonly apiKey: string;
    readonly baseUrl: string;
    readonly transcriptionModel: string;
  } | null;
  /** Answer AI requests with made-up text that says so; where a real provider is set up, only if asked for by name. */
  readonly aiSandbox: boolean;
  /** Services that answer AI requests, in no order: routes say who is preferred. */
  readonly aiProviders: readonly AiProviderSettings[];
  readonly gateway: {
    /** On top of the providers' prices, in hundredths of a percent. */
    readonly markupBasisPoints: number;
    readonly longestMs: number;
    readonly firstByteMs: number;
    readonly idleMs: number;
    readonly requestsPerMinute: number;
    readonly requestsAtOnce: number;
  };
  /** Null: payments go to the sandbox, which takes no money and says so. */
  readonly stripe: {
    readonly secretKey: string;
    readonly webhookSecrets: readonly string[];
    readonly apiBase: string | null;
  } | null;
  /** Which price of Stripe stands for which plan. Of several for the same one the first is sold, and the others once were. */
  readonly stripePrices: readonly StripePrice[];
  /** An operator's own offer of credit, or null for the default one. */
  readonly packagesFile: string | null;
  /** What one operator may give away in one grant, and on one day; in whole US dollars. */
  readonly creditGrantCaps: { readonly perGrantUsd: number; readonly perDayUsd: number };
  readonly budgets: {
    /** Of the global budget, a month. */
    readonly monthlyMicros: bigint;
    readonly microAllowanceMicros: bigint;
    /** Where alerts are posted to. */
    readonly webhook: { readonly url: string; readonly secret: string } | null;
  };
  /** Null: no traces are made. */
  readonly tracing: {
    /** Of an OpenTelemetry collector, without the path of a signal. */
    readonly endpoint: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly serviceName: string;
  } | null;
}

export type AiProviderSettings = {
  /** As it stands in prices and routes. */
  readonly name: string;
  readonly baseUrl: string;
} & (
  | { readonly dialect: 'anthropic'; readonly apiKey: string }
  /** Null for servers that ask for none. */
  | { readonly dialect: 'openai'; readonly apiKey: string | null }
);

/** Services with an address of their own: a key is all that has to be set. */
const KNOWN_AI_PROVIDERS = {
  OPENAI: 'https://api.openai.com/v1',
  ANTHROPIC: 'https://api.anthropic.com/v1',
  OPENROUTER: 'https://openrouter.ai/api/v1',
  FIREWORKS: 'https://api.fireworks.ai/inference/v1',
  TOGETHER: 'https://api.together.xyz/v1',
  MISTRAL: 'https://api.mistral.ai/v1',
  DASHSCOPE: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
} as const;

const SETTINGS = {
  NODE_ENV: str({ default: 'development' }),
  MINUTEBOOK_ROLE: str({ choices: ['api', 'worker', 'all'] as const, default: 'all' }),
  HOST: host({ default: '127.0.0.1' }),
  PORT: makeValidator((text) => wholeNumber(text, 0, 65_535))({ default: 3000 }),
  PUBLIC_URL: url({ default: undefined }),
  ALLOWED_ORIGINS: makeValidator(origins)({ default: [] }),
  EMBED_ORIGINS: makeValidator(origins)({ default: [] }),
  TELEGRAM_BOT_TOKEN: makeValidator(botToken)({ default: undefined }),
  DATABASE_URL: makeValidator(postgresUrl)({ default: undefined }),
  DATABASE_POOL_SIZE: makeValidator((text) => wholeNumber(text, 2, 500))({ default: 12 }),
  MINUTEBOOK_DATA_DIR: str({ default: '.data' }),
  MINUTEBOOK_EMBEDDED_DATABASE: bool({ default: false }),
  MINUTEBOOK_PLANS: str({ default: '' }),
  MINUTEBOOK_SANDBOX: bool({ default: undefined }),
  KEY_PEPPER: str({ default: '' }),
  LOG_LEVEL: str({ choices: ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const, default: 'info' }),
  WORKER_CONCURRENCY: num({ default: 4 }),
  METRICS_TOKEN: str({ default: '' }),
  JWT_SECRET: str({ default: '' }),
  JWT_JWKS_URL: url({ default: undefined }),
  JWT_ISSUER: str({ default: '' }),
  JWT_AUDIENCE: str({ default: '' }),
  OPENAI_API_KEY: str({ default: '' }),
  OPENAI_BASE_URL: url({ default: KNOWN_AI_PROVIDERS.OPENAI }),
  OPENAI_TRANSCRIPTION_MODEL: str({ default: 'whisper-1' }),
  ANTHROPIC_API_KEY: str({ default: '' }),
  ANTHROPIC_BASE_URL: url({ default: KNOWN_AI_PROVIDERS.ANTHROPIC }),
  OPENROUTER_API_KEY: str({ default: '' }),
  OPENROUTER_BASE_URL: url({ default: KNOWN_AI_PROVIDERS.OPENROUTER }),
  FIREWORKS_API_KEY: str({ default: '' }),
  FIREWORKS_BASE_URL: url({ default: KNOWN_AI_PROVIDERS.FIREWORKS }),
  TOGETHER_API_KEY: str({ default: '' }),
  TOGETHER_BASE_URL: url({ default: KNOWN_AI_PROVIDERS.TOGETHER }),
  MISTRAL_API_KEY: str({ default: '' }),
  MISTRAL_BASE_URL: url({ default: KNOWN_AI_PROVIDERS.MISTRAL }),
  DASHSCOPE_API_KEY: str({ default: '' }),
  DASHSCOPE_BASE_URL: url({ default: KNOWN_AI_PROVIDERS.DASHSCOPE }),
  AI_COMPATIBLE_PROVIDERS: makeValidator(compatibleProviders)({ default: undefined }),
  AI_MARKUP_PERCENT: makeValidator(percent)({ default: 0 }),
  AI_REQUEST_TIMEOUT_SECONDS: makeValidator((text) => wholeNumber(text, 1, 3600))({ default: 600 }),
  AI_FIRST_BYTE_TIMEOUT_SECONDS: makeValidator((text) => wholeNumber(text, 1, 3600))({ default: 120 }),
  AI_IDLE_TIMEOUT_SECONDS: makeValidator((text) => wholeNumber(text, 1, 3600))({ default: 60 }),
  AI_REQUESTS_PER_MINUTE: makeValidator((text) => wholeNumber(text, 1, 1_000_000_000))({ default: 600 }),
  AI_REQUESTS_AT_ONCE: makeValidator((text) => wholeNumber(text, 1, 100_000))({ default: 64 }),
  STRIPE_SECRET_KEY: makeValidator(stripeKey)({ default: undefined }),
  STRIPE_WEBHOOK_SECRETS: makeValidator(webhookSecrets)({ default: undefined }),
  STRIPE_API_BASE: url({ default: undefined }),
  STRIPE_PRICES: makeValidator(stripePrices)({ default: undefined }),
  MINUTEBOOK_PACKAGES: str({ default: '' }),
  CREDIT_GRANT_CAP_USD: makeValidator((text) => wholeNumber(text, 0, 1_000_000))({ default: 1000 }),
  CREDIT_GRANT_DAILY_CAP_USD: makeValidator((text) => wholeNumber(text, 0, 10_000_000))({ default: 5000 }),
  MONTHLY_BUDGET_USD: makeValidator((text) => microsOfUsd(text, 10_000))({ default: 30_000_000n }),
  BUDGET_MICRO_ALLOWANCE_USD: makeValidator((text) => microsOfUsd(text, 1))({ default: 0n }),
  BUDGET_WEBHOOK_URL: makeValidator(httpAddress)({ default: undefined }),
  BUDGET_WEBHOOK_SECRET: str({ default: '' }),
  OTEL_EXPORTER_OTLP_ENDPOINT: makeValidator(httpAddress)({ default: undefined }),
  OTEL_EXPORTER_OTLP_HEADERS: makeValidator(headerList)({ default: undefined }),
  OTEL_SERVICE_NAME: str({ default: 'minutebook' }),
};

/** Reads the environment and an `.env` beside the process, which never overrides it. Throws BadSetting. */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  if (environment === process.env && existsSync('.env')) process.loadEnvFile('.env');
  const filled = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const env = cleanEnv(filled, SETTINGS, {
    reporter: ({ errors }) => {
      const [name, error] = Object.entries(errors)[0] ?? [];
      if (error) throw new BadSetting(`${name}: ${error instanceof EnvError ? error.message : String(error)}`);
    },
  });
  const production = env.NODE_ENV === 'production';
  const dataDir = resolve(env.MINUTEBOOK_DATA_DIR);
  const sandbox = env.MINUTEBOOK_SANDBOX ?? (!production && env.OPENAI_API_KEY === '');
  if (production) refuseInProduction(env, sandbox);
  if (env.JWT_SECRET !== '' && Buffer.byteLength(env.JWT_SECRET) < 32) {
    throw new BadSetting(
      'JWT_SECRET: HS256 needs at least 32 bytes (RFC 7518, 3.2); generate one with "openssl rand -hex 32".',
    );
  }

  const aiProviders = aiProvidersOf(env, filled);
  return {
    production,
    role: env.MINUTEBOOK_ROLE,
    host: env.HOST,
    port: env.PORT,
    publicUrl: (env.PUBLIC_URL ?? `http://${env.HOST === '0.0.0.0' ? 'localhost' : env.HOST}:${env.PORT}`).replace(
      /\/$/,
      '',
    ),
    allowedOrigins: env.ALLOWED_ORIGINS,
    embedOrigins: [...env.EMBED_ORIGINS, ...(env.TELEGRAM_BOT_TOKEN ? [TELEGRAM_WEB] : [])],
    telegramBotToken: env.TELEGRAM_BOT_TOKEN ?? null,
    databaseUrl: env.DATABASE_URL ?? null,
    databasePoolSize: env.DATABASE_POOL_SIZE,
    dataDir,
    keyPepper: env.KEY_PEPPER || pepperOf(dataDir),
    logLevel: env.LOG_LEVEL,
    workerConcurrency: env.WORKER_CONCURRENCY,
    plansFile: env.MINUTEBOOK_PLANS || null,
    metricsToken: env.METRICS_TOKEN || null,
    tokens: {
      secret: env.JWT_SECRET || null,
      jwksUrl: env.JWT_JWKS_URL ?? null,
      issuer: env.JWT_ISSUER || null,
      audience: env.JWT_AUDIENCE || null,
    },
    sandbox,
    openai: env.OPENAI_API_KEY
      ? { apiKey: env.OPENAI_API_KEY, baseUrl: env.OPENAI_BASE_URL, transcriptionModel: env.OPENAI_TRANSCRIPTION_MODEL }
      : null,
    aiSandbox: env.MINUTEBOOK_SANDBOX ?? (!production && aiProviders.length === 0),
    aiProviders,
    gateway: {
      markupBasisPoints: Math.round(env.AI_MARKUP_PERCENT * 100),
      longestMs: env.AI_REQUEST_TIMEOUT_SECONDS * 1000,
      firstByteMs: env.AI_FIRST_BYTE_TIMEOUT_SECONDS * 1000,
      idleMs: env.AI_IDLE_TIMEOUT_SECONDS * 1000,
      requestsPerMinute: env.AI_REQUESTS_PER_MINUTE,
      requestsAtOnce: env.AI_REQUESTS_AT_ONCE,
    },
    stripe: env.STRIPE_SECRET_KEY
      ? {
          secretKey: env.STRIPE_SECRET_KEY,
          webhookSecrets: env.STRIPE_WEBHOOK_SECRETS ?? [],
          apiBase: env.STRIPE_API_BASE ?? null,
        }
      : null,
    stripePrices: env.STRIPE_PRICES ?? [],
    packagesFile: env.MINUTEBOOK_PACKAGES || null,
    creditGrantCaps: { perGrantUsd: env.CREDIT_GRANT_CAP_USD, perDayUsd: env.CREDIT_GRANT_DAILY_CAP_USD },
    budgets: {
      monthlyMicros: env.MONTHLY_BUDGET_USD,
      microAllowanceMicros: env.BUDGET_MICRO_ALLOWANCE_USD,
      webhook: webhookOf(env.BUDGET_WEBHOOK_URL, env.BUDGET_WEBHOOK_SECRET),
    },
    tracing: env.OTEL_EXPORTER_OTLP_ENDPOINT
      ? {
          endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
          headers: env.OTEL_EXPORTER_OTLP_HEADERS ?? {},
          serviceName: env.OTEL_SERVICE_NAME,
        }
      : null,
  };
}

/** Of the Standard Webhooks specification: whoever listens must be able to tell ours from another's. */
function webhookOf(url: string | undefined, secret: string): { readonly url: string; readonly secret: string } | null {
  if (url === undefined) return null;
  if (/^whsec_(?:[A-Za-z0-9+/]{4}){8,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(secret)) return { url, secret };
  throw new BadSetting(
    'BUDGET_WEBHOOK_SECRET: what is posted to BUDGET_WEBHOOK_URL is signed with it; make one with "echo whsec_$(openssl rand -base64 32)".',
  );
}

function refuseInProduction(
  env: {
    DATABASE_URL?: string;
    MINUTEBOOK_EMBEDDED_DATABASE: boolean;
    KEY_PEPPER: string;
    MINUTEBOOK_SANDBOX?: boolean;
    OPENAI_API_KEY: string;
    STRIPE_SECRET_KEY?: string;
    STRIPE_WEBHOOK_SECRETS?: readonly string[];
    PUBLIC_URL?: string;
  },
  sandbox: boolean,
): void {
  if (!env.DATABASE_URL && !env.MINUTEBOOK_EMBEDDED_DATABASE) {
    throw new BadSetting(
      'DATABASE_URL: production needs one; set MINUTEBOOK_EMBEDDED_DATABASE=true to run on the embedded database on purpose.',
    );
  }
  if (env.KEY_PEPPER.length < 32) {
    throw new BadSetting(
      'KEY_PEPPER: production needs a secret of at least 32 characters; generate one with "openssl rand -hex 32".',
    );
  }
  if (!env.PUBLIC_URL)
    throw new BadSetting('PUBLIC_URL: production needs the address that clients reach this service at.');
  if (!sandbox && env.OPENAI_API_KEY === '') {
    throw new BadSetting(
      'OPENAI_API_KEY: production needs a transcriber; set MINUTEBOOK_SANDBOX=true to run without one on purpose.',
    );
  }
  if (!sandbox && !env.STRIPE_SECRET_KEY) {
    throw new BadSetting(
      'STRIPE_SECRET_KEY: production needs it to take payments; set MINUTEBOOK_SANDBOX=true to run without on purpose.',
    );
  }
  if (env.STRIPE_SECRET_KEY && !env.STRIPE_WEBHOOK_SECRETS) {
    throw new BadSetting(
      'STRIPE_WEBHOOK_SECRETS: production needs the signing secret of the endpoint <PUBLIC_URL>/webhooks/stripe, or two, comma-separated, while it is rotated.',
    );
  }
}

/** Made once per data directory, so that keys handed out in development stay valid over restarts. */
function pepperOf(dataDir: string): string {
  const file = join(dataDir, 'key-pepper');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  mkdirSync(dataDir, { recursive: true });
  const pepper = randomBytes(32).toString('hex');
  try {
    writeFileSync(file, `${pepper}\n`, { mode: 0o600, flag: 'wx' });
    return pepper;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return readFileSync(file, 'utf8').trim();
  }
}

type AiProviderEnvironment = Readonly<
  Record<`${keyof typeof KNOWN_AI_PROVIDERS}_${'API_KEY' | 'BASE_URL'}`, string>
> & { readonly AI_COMPATIBLE_PROVIDERS?: readonly { readonly name: string; readonly baseUrl: string }[] };

function aiProvidersOf(
  env: AiProviderEnvironment,
  filled: Readonly<Record<string, string | undefined>>,
): readonly AiProviderSettings[] {
  return [
    ...(Object.keys(KNOWN_AI_PROVIDERS) as (keyof typeof KNOWN_AI_PROVIDERS)[])
      .filter((name) => env[`${name}_API_KEY`] !== '')
      .map((name) => ({
        name: name.toLowerCase(),
        dialect: name === 'ANTHROPIC' ? ('anthropic' as const) : ('openai' as const),
        baseUrl: env[`${name}_BASE_URL`],
        apiKey: env[`${name}_API_KEY`],
      })),
    ...(env.AI_COMPATIBLE_PROVIDERS ?? []).map(({ name, baseUrl }) => ({
      name,
      dialect: 'openai' as const,
      baseUrl,
      apiKey: filled[`AI_${name.toUpperCase().replaceAll('-', '_')}_API_KEY`] ?? null,
    })),
  ];
}

/** `name=https://host/v1,other=…`: any servers that speak OpenAI's protocol. */
function compatibleProviders(text: string): readonly { readonly name: string; readonly baseUrl: string }[] {
  return text.split(',').map((one) => {
    const [name, ...rest] = one.trim().split('=');
    const baseUrl = rest.join('=');
    const isTaken = name !== undefined && Object.hasOwn(KNOWN_AI_PROVIDERS, name.toUpperCase());
    if (
      !/^[a-z][a-z0-9-]{0,30}$/.test(name ?? '') ||
      name === 'sandbox' ||
      isTaken ||
      !/^https?:\/\//.test(baseUrl) ||
      !URL.canParse(baseUrl)
    ) {
      throw new EnvError(`"${one}" is not a provider such as local=http://127.0.0.1:11434/v1, with a name of its own.`);
    }
    return { name: name!, baseUrl };
  });
}

/** Where Telegram shows Mini Apps in a browser, in a frame of its own page. */
const TELEGRAM_WEB = 'https://web.telegram.org';
