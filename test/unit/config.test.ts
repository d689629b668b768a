import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BadSetting, loadConfig } from '#config';

const directory = mkdtempSync(join(tmpdir(), 'minutebook-config-'));
const load = (given: Record<string, string>) => loadConfig({ MINUTEBOOK_DATA_DIR: directory, ...given });
const PRODUCTION = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://me@db:5432/minutebook',
  KEY_PEPPER: 'a pepper of at least thirty-two characters',
  PUBLIC_URL: 'https://api.example.com',
  OPENAI_API_KEY: 'sk-something',
};

describe('the settings of payments', () => {
  it('are those of the sandbox when no key of Stripe is given', () => {
    expect(load({}).stripe).toBeNull();
  });

  it('take several signing secrets, so that one can be rotated', () => {
    const { stripe } = load({
      STRIPE_SECRET_KEY: 'sk_test_abc',
      STRIPE_WEBHOOK_SECRETS: 'whsec_12345678, whsec_87654321',
    });
    expect(stripe).toEqual({
      secretKey: 'sk_test_abc',
      webhookSecrets: ['whsec_12345678', 'whsec_87654321'],
      apiBase: null,
    });
  });

  it.each([
    ['a publishable key', { STRIPE_SECRET_KEY: 'pk_live_abc' }, /STRIPE_SECRET_KEY: not a secret or restricted key/],
    [
      'an empty secret in the list',
      { STRIPE_SECRET_KEY: 'sk_test_a', STRIPE_WEBHOOK_SECRETS: 'whsec_12345678,' },
      /whsec_/,
    ],
    ['a secret of something else', { STRIPE_SECRET_KEY: 'sk_test_a', STRIPE_WEBHOOK_SECRETS: 'secret' }, /whsec_/],
  ])('refuse %s', (_, given, message) => {
    expect(() => load(given)).toThrow(BadSetting);
    expect(() => load(given)).toThrow(message);
  });

  it('are required in production', () => {
    expect(() => load(PRODUCTION)).toThrow(/STRIPE_SECRET_KEY: production needs it/);
    expect(() => load({ ...PRODUCTION, STRIPE_SECRET_KEY: 'sk_live_abc' })).toThrow(
      /STRIPE_WEBHOOK_SECRETS: production/,
    );
  });

  it('may be those of the sandbox in production when it is asked for by name', () => {
    expect(load({ ...PRODUCTION, MINUTEBOOK_SANDBOX: 'true' }).stripe).toBeNull();
  });

  it('never show a secret in what they refuse', () => {
    const secret = 'sk_wrong_verysecret';
    expect(() => load({ STRIPE_SECRET_KEY: secret })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(secret) }) as Error,
    );
  });
});

describe('the settings of traces', () => {
  const ENDPOINT = 'http://collector:4318';

  it('make none without a collector', () => {
    expect(load({}).tracing).toBeNull();
    expect(load({ OTEL_EXPORTER_OTLP_HEADERS: 'a=b', OTEL_SERVICE_NAME: 'minutes' }).tracing).toBeNull();
  });

  it('need an address alone', () => {
    const { tracing } = load({ OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT });
    expect(tracing).toEqual({ endpoint: ENDPOINT, headers: {}, serviceName: 'minutebook' });
  });

  it('take headers as OpenTelemetry writes them, and the name of the service', () => {
    const { tracing } = load({
      OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT,
      OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Basic%20YTpi==, x-tenant = minutes%2Cbooks,empty=',
      OTEL_SERVICE_NAME: 'minutes',
    });
    expect(tracing).toEqual({
      endpoint: ENDPOINT,
      headers: { authorization: 'Basic YTpi==', 'x-tenant': 'minutes,books', empty: '' },
      serviceName: 'minutes',
    });
  });

  it.each(['collector:4318', 'grpc://collector:4317', 'http://', 'collector'])('refuse the address %s', (endpoint) => {
    expect(() => load({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toThrow(
      /OTEL_EXPORTER_OTLP_ENDPOINT: not an address/,
    );
  });

  it.each(['hushed', '=hushed', 'a b=hushed', 'a=hushed%', 'a=hushed%0Ab', 'a=hushed,'])(
    'refuse the headers %s without repeating them',
    (headers) => {
      const refused = () => load({ OTEL_EXPORTER_OTLP_HEADERS: headers });
      expect(refused).toThrow(/^OTEL_EXPORTER_OTLP_HEADERS: not a comma-separated list/);
      expect(refused).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining('hushed') as string }) as Error,
      );
    },
  );
});

describe('the origins that settings name', () => {
  it('are none unless given, for reading answers and for having the billing page in a frame', () => {
    expect(load({})).toMatchObject({ allowedOrigins: [], embedOrigins: [] });
  });

  it('are lists of their own', () => {
    const given = { ALLOWED_ORIGINS: 'https://a.example', EMBED_ORIGINS: 'https://b.example, http://localhost:5173' };
    expect(load(given)).toMatchObject({
      allowedOrigins: ['https://a.example'],
      embedOrigins: ['https://b.example', 'http://localhost:5173'],
    });
  });

  it('are written as browsers send them, in small letters', () => {
    const given = { EMBED_ORIGINS: 'HTTPS://App.Example:8443,http://[::1]:5173' };
    expect(load(given).embedOrigins).toEqual(['https://app.example:8443', 'http://[::1]:5173']);
  });

  it.each([
    ...['https://b.example/', 'https://b.example/app', 'b.example', '*', "'self'", 'https://*.example'],
    ...['https://a;script-src', "https://a'b", 'ftp://a', 'https://a b', 'https://ä.example', 'https://u@a.example'],
    ...['https://a.example:443', 'https://', 'null', 'https://a%3bb', 'wss://a.example', 'https://a_b.example'],
  ])('of frames refuse %s, which is no origin', (origin) => {
    expect(() => load({ EMBED_ORIGINS: origin })).toThrow(BadSetting);
    expect(() => load({ EMBED_ORIGINS: origin })).toThrow(`EMBED_ORIGINS: "${origin}" is not an origin`);
  });
});

describe('the bot at Telegram', () => {
  it('is none unless its token is given, and then Telegram may have the billing page in a frame', () => {
    const none = load({ EMBED_ORIGINS: 'https://app.example.com' });
    expect([none.telegramBotToken, none.embedOrigins]).toEqual([null, ['https://app.example.com']]);
    const token = '123456789:AAExampleTokenOfABotThatDoesNotExist00';
    const { telegramBotToken, embedOrigins } = load({ TELEGRAM_BOT_TOKEN: token });
    expect([telegramBotToken, embedOrigins]).toEqual([token, ['https://web.telegram.org']]);
  });

  it.each(['123456789', 'a token', '123456789:short'])('has a token that looks like one: not %s', (token) => {
    expect(() => load({ TELEGRAM_BOT_TOKEN: token })).toThrow(/TELEGRAM_BOT_TOKEN: not the token of a bot/);
  });
});

describe('production', () => {
  const WHOLE = { ...PRODUCTION, STRIPE_SECRET_KEY: 'sk_live_abc', STRIPE_WEBHOOK_SECRETS: 'whsec_12345678' };

  it('starts with all that it needs', () => {
    expect(load(WHOLE)).toMatchObject({ production: true, sandbox: false, aiSandbox: false });
  });

  it.each([
    ['a database', { DATABASE_URL: '' }, /^DATABASE_URL: production needs one/],
    ['a pepper', { KEY_PEPPER: '' }, /^KEY_PEPPER: production needs a secret/],
    ['a pepper of 32 characters', { KEY_PEPPER: 'x'.repeat(31) }, /^KEY_PEPPER: production needs a secret/],
    ['the address of its clients', { PUBLIC_URL: '' }, /^PUBLIC_URL: production needs/],
    ['a transcriber', { OPENAI_API_KEY: '' }, /^OPENAI_API_KEY: production needs/],
  ])('is refused without %s', (_, less, message) => {
    expect(() => load({ ...WHOLE, ...less })).toThrow(BadSetting);
    expect(() => load({ ...WHOLE, ...less })).toThrow(message);
  });

  it('runs on the embedded database, and without a transcriber, when it is asked for by name', () => {
    const given = { ...WHOLE, DATABASE_URL: '', MINUTEBOOK_EMBEDDED_DATABASE: 'true' };
    expect(load(given).databaseUrl).toBeNull();
    expect(load({ ...WHOLE, OPENAI_API_KEY: '', MINUTEBOOK_SANDBOX: 'true' })).toMatchObject({ sandbox: true });
  });
});

describe('the secret of access tokens', () => {
  it('has 32 bytes at least, also outside of production', () => {
    expect(() => load({ JWT_SECRET: 'x'.repeat(31) })).toThrow(/^JWT_SECRET: HS256 needs at least 32 bytes/);
    expect(load({ JWT_SECRET: 'x'.repeat(32) }).tokens.secret).toBe('x'.repeat(32));
  });
});
