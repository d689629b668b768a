import { ProviderFault, ProviderRefusal } from '#application/gateway/ai-provider';

/** What a provider's settings say that nobody else may read. */
export interface UpstreamSecrets {
  readonly keys: readonly string[];
  readonly baseUrl: string;
}

/** Shorter ones would be found in ordinary words. */
const SHORTEST_KEY = 6;

/** Of a part of a key, between its hyphens and the like, that says enough of it. */
const SHORTEST_PART = 12;

/**
 * Takes out of the words of a server what stands in our own settings: keys, also in base64, URL-encoded and in hexadecimal, and
 * base addresses with their hosts. Providers quote what they were sent, and servers between us name each other.
 */
export class Concealment {
  private readonly keys: readonly string[];
  private readonly isKey: ReadonlySet<string>;
  private readonly pattern: RegExp | null;

  constructor(secrets: readonly UpstreamSecrets[]) {
    const addresses = secrets.flatMap(({ baseUrl }) => spellingsOfAddress(baseUrl));
    this.keys = secrets.flatMap(({ keys }) => keys.filter((key) => key.length >= SHORTEST_KEY).flatMap(spellingsOfKey));
    // The longest first: an address before its host alone.
    const all = [...new Set([...this.keys, ...addresses])].sort((one, other) => other.length - one.length);
    this.pattern = all.length === 0 ? null : new RegExp(all.map(escaped).join('|'), 'gi');
    this.isKey = new Set(this.keys.map((key) => key.toLowerCase()));
  }

  /** The same, without anything of ours. */
  of(text: string): string {
    const safe = this.pattern
      ? text.replace(this.pattern, (found) => (this.isKey.has(found.toLowerCase()) ? '[key]' : '[address]'))
      : text;
    return this.withoutHalfAKey(safe);
  }

  /** What is thrown in place of an error: itself, unless it says something of ours. */
  in(error: unknown): unknown {
    if (error instanceof ProviderFault) {
      const message = this.of(error.message);
      if (message === error.message) return error;
      return new ProviderFault(error.kind, message, error.status, error.retryAfterMs, { cause: error.cause });
    }
    if (error instanceof ProviderRefusal) {
      const { status, message, code, param } = error;
      const [safeCode, safeParam] = [code, param].map((name) => name && this.of(name)) as [typeof code, typeof param];
      return new ProviderRefusal(status, this.of(message), safeCode, safeParam);
    }
    return error;
  }

  /** Long messages are cut off, and that can be in the middle of a key. */
  private withoutHalfAKey(text: string): string {
    for (const key of this.keys) {
      for (let length = key.length - 1; length >= SHORTEST_KEY; length--) {
        if (text.endsWith(key.slice(0, length))) return `${text.slice(0, -length)}[key]`;
      }
    }
    return text;
  }
}

function spellingsOfKey(key: string): readonly string[] {
  const bytes = Buffer.from(key);
  const parts = key.split(/[-_.:]/).filter((part) => part.length >= SHORTEST_PART);
  const whole = [bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')];
  const within = [0, 1, 2].map((before) => base64After(before, bytes));
  const urlSafe = within.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  return [
    ...new Set([
      key,
      encodeURIComponent(key),
      JSON.stringify(key).slice(1, -1),
      ...parts,
      ...whole,
      ...within,
      ...urlSafe,
    ]),
  ];
}

/** The characters of base64 that say the key alone, when so many bytes stand before it: three of them make four characters. */
function base64After(before: number, bytes: Buffer): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
}

function spellingsOfAddress(baseUrl: string): readonly string[] {
  const { origin, host, hostname } = new URL(baseUrl);
  // A name of one word, as in a cluster, is an ordinary word elsewhere.
  const names = /[.:]/.test(hostname) ? [host, hostname] : [`//${host}`, ...(host === hostname ? [] : [host])];
  const spellings = [baseUrl.replace(/\/+$/, ''), origin, ...names];
  return [...spellings, ...spellings.map(encodeURIComponent)];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
