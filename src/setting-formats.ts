import { validateHeaderName, validateHeaderValue } from 'node:http';
import { EnvError } from 'envalid';

// How a single setting is written. Each of these reads its text, whatever else is set, and throws EnvError, which quotes no secret.

export function wholeNumber(text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new EnvError(`"${text}" is not a whole number from ${least} to ${most}.`);
  }
  return value;
}

/** Dollars, to six decimals: exact. */
export function microsOfUsd(text: string, most: number): bigint {
  const [, whole, part = ''] = /^(\d{1,7})(?:\.(\d{1,6}))?$/.exec(text) ?? [];
  const micros = whole === undefined ? null : BigInt(whole) * 1_000_000n + BigInt(part.padEnd(6, '0'));
  if (micros === null || micros > BigInt(most) * 1_000_000n) {
    throw new EnvError(`"${text}" is not an amount in US dollars from 0 to ${most}`);
  }
  return micros;
}

export function percent(text: string): number {
  if (!/^\d{1,4}(\.\d{1,2})?$/.test(text)) throw new EnvError(`"${text}" is not a percentage such as 25 or 12.5.`);
  return Number(text);
}

/** Comma-separated. */
export function origins(text: string): readonly string[] {
  return text
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '')
    .map((origin) => {
      // It is written into a policy: URL lets characters into a host that would end it there, and browsers take an asterisk for every
      // host beneath.
      const lower = origin.toLowerCase();
      const isOrigin =
        /^https?:\/\/[a-z0-9.:[\]-]+$/.test(lower) && URL.canParse(lower) && new URL(lower).origin === lower;
      if (!isOrigin) throw new EnvError(`"${origin}" is not an origin such as https://app.example.com.`);
      return lower;
    });
}

export function botToken(text: string): string {
  if (!/^\d{5,16}:[\w-]{30,}$/.test(text)) {
    throw new EnvError('not the token of a bot, such as 123456:ABC-DEF…, which @BotFather gives.');
  }
  return text;
}

export function stripeKey(text: string): string {
  if (!/^(sk|rk)_(test|live)_\w+$/.test(text)) {
    throw new EnvError('not a secret or restricted key of Stripe, such as sk_test_… or rk_live_….');
  }
  return text;
}

export function webhookSecrets(text: string): readonly string[] {
  const secrets = text.split(',').map((secret) => secret.trim());
  if (secrets.some((secret) => !/^whsec_\S{8,}$/.test(secret))) {
    throw new EnvError('not a comma-separated list of signing secrets such as whsec_….');
  }
  return secrets;
}

export interface StripePrice {
  readonly plan: string;
  readonly cycle: string;
  readonly priceId: string;
}

/** `pro:month=price_…,pro:year=price_…`: what a plan and a cycle are, the catalogue of prices says. */
export function stripePrices(text: string): readonly StripePrice[] {
  return text.split(',').map((one) => {
    const [, plan, cycle, priceId] = /^([a-z_]+):([a-z]+)=([\w-]+)$/.exec(one.trim()) ?? [];
    if (!plan || !cycle || !priceId) {
      throw new EnvError(`"${one.trim()}" is not a price such as pro:month=price_1Abc, in a comma-separated list.`);
    }
    return { plan, cycle, priceId };
  });
}

export function httpAddress(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) throw new EnvError('not an address such as http://host:4318.');
  return text;
}

/** https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables */
export function headerList(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').map((pair): readonly [string, string] => {
    const at = pair.indexOf('=');
    try {
      const name = pair.slice(0, Math.max(at, 0)).trim().toLowerCase();
      const value = decodeURIComponent(pair.slice(at + 1).trim());
      validateHeaderName(name);
      validateHeaderValue(name, value);
      return [name, value];
    } catch {
      // What was wrong with it would quote it, and it is a secret.
      throw new EnvError('not a comma-separated list such as name=value,other=value, each value percent-encoded.');
    }
  });
  return Object.fromEntries(pairs);
}

export function postgresUrl(text: string): string {
  // A socket's address has no host (postgres://user@/database?host=/run/postgresql), which URL itself does not accept.
  const withHost = text.replace(/^(postgres(?:ql)?:\/\/)([^@/]*@)?\//, '$1$2localhost/');
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(withHost)) {
    throw new EnvError('not a PostgreSQL address such as postgres://user:password@host:5432/database.');
  }
  return text;
}
