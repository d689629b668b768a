import { DomainException, type Facts } from '../shared/domain-exception.js';
import type { TelegramUserId } from './telegram-account.js';

const MINUTE_MS = 60 * 1000;
/** For so long it signs in. */
const LIFE_MS = 60 * MINUTE_MS;
/** Clocks differ, but not by more. */
const AHEAD_MS = MINUTE_MS;

/** Telegram promises at most 52 significant bits (https://core.telegram.org/bots/api#user). */
export const MOST_TELEGRAM_ID = 2 ** 52 - 1;

/**
 * What Telegram tells a Mini App about who opened it, and signs with the token of the bot
 * (https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app). Nothing in it is worth anything before
 * somebody who has that token has compared `hash` with the signature of `checkString`.
 */
export class TelegramInitData {
  private constructor(
    /** Every field but `hash`, `signature` included, as `key=value` in the order of the keys, one a line. */
    readonly checkString: string,
    /** Hexadecimal digits, as they were sent. */
    readonly hash: string,
    private readonly fields: ReadonlyMap<string, string>,
  ) {}

  /** Throws TelegramInitDataRefused for what is no init data, or says a thing twice: which of the two was signed? */
  static of(text: string): TelegramInitData {
    const pairs = [...new URLSearchParams(text)];
    const fields = new Map(pairs);
    if (fields.size !== pairs.length) throw refused('malformed', 'names a field twice');
    const hash = fields.get('hash');
    if (hash === undefined) throw refused('malformed', 'has no hash');
    fields.delete('hash');
    const lines = [...fields].sort(([one], [other]) => (one < other ? -1 : 1)).map(([key, value]) => `${key}=${value}`);
    return new TelegramInitData(lines.join('\n'), hash, fields);
  }

  /** Who opened the Mini App. Throws TelegramInitDataRefused when it was too long ago, is yet to come, or nobody is named. */
  userAt(now: Date): TelegramUserId {
    const authDate = this.fields.get('auth_date') ?? '';
    if (!/^[1-9]\d{0,11}$/.test(authDate)) throw refused('malformed', 'has no auth_date');
    const signedAt = new Date(Number(authDate) * 1000);
    const facts = { signed_at: signedAt.toISOString(), now: now.toISOString() };
    const age = now.getTime() - signedAt.getTime();
    if (age > LIFE_MS) throw refused('expired', `was signed at ${facts.signed_at}, over an hour ago`, facts);
    if (age < -AHEAD_MS)
      throw refused('from_the_future', `was signed at ${facts.signed_at}, which is yet to come`, facts);
    const id = idOf(this.fields.get('user') ?? '');
    if (id === null) throw refused('malformed', 'names no user');
    return id;
  }
}

/** The id that a number spells: a whole one, above zero, of up to 52 bits; or null. */
export function findTelegramUserId(value: unknown): TelegramUserId | null {
  const isId = typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MOST_TELEGRAM_ID;
  return isId ? (value as TelegramUserId) : null;
}

function idOf(user: string): TelegramUserId | null {
  try {
    const parsed: unknown = JSON.parse(user);
    const isObject = typeof parsed === 'object' && parsed !== null && Object.hasOwn(parsed, 'id');
    return isObject ? findTelegramUserId((parsed as { readonly id: unknown }).id) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Nobody is signed in by it. */
export class TelegramInitDataRefused extends DomainException {
  constructor(
    readonly reason: 'malformed' | 'signature' | 'expired' | 'from_the_future',
    why: string,
    facts: Facts = {},
  ) {
    super(
      'telegram_init_data_refused',
      `What Telegram is to have said ${why}. Close the Mini App, and open it again from the bot of this service.`,
      { reason, ...facts },
    );
  }
}

function refused(...given: ConstructorParameters<typeof TelegramInitDataRefused>): TelegramInitDataRefused {
  return new TelegramInitDataRefused(...given);
}
