import { createHmac } from 'node:crypto';
import { findTelegramUserId, MOST_TELEGRAM_ID, TelegramInitData } from '#domain/accounts/telegram-init-data';
import { TelegramNotConfigured } from '#application/accounts/telegram-signatures';
import { HmacTelegramSignatures, TelegramSettings } from '#infrastructure/accounts/hmac-telegram-signatures';
import { anInitData, BOT_TOKEN } from '#test/support/telegram';

const NOW = new Date('2026-03-10T12:00:00.000Z');
const signatures = new HmacTelegramSignatures(new TelegramSettings(BOT_TOKEN));
const isSigned = (text: string): boolean => {
  const { checkString, hash } = TelegramInitData.of(text);
  return signatures.isSigned(checkString, hash);
};
const reasonOf = (deed: () => unknown): unknown => {
  try {
    return deed();
  } catch (error) {
    return (error as { reason?: unknown }).reason;
  }
};

describe('what Telegram says of who opened the Mini App', () => {
  it('is checked over every field but the hash, in the order of their names, one a line', () => {
    const text = 'user=%7B%22id%22%3A7%7D&hash=00&signature=s&auth_date=5&chat_type=a%20b&query_id=%3D';
    const lines = ['auth_date=5', 'chat_type=a b', 'query_id==', 'signature=s', 'user={"id":7}'];
    expect(TelegramInitData.of(text)).toMatchObject({ checkString: lines.join('\n'), hash: '00' });
  });

  it('is signed when its hash is that of the bot’s token', () => {
    const checkString = 'auth_date=1\nuser={"id":7}';
    const key = createHmac('sha256', 'WebAppData').update(BOT_TOKEN).digest();
    const hash = createHmac('sha256', key).update(checkString).digest('hex');
    expect(signatures.isSigned(checkString, hash)).toBe(true);
    expect(signatures.isSigned(`${checkString} `, hash)).toBe(false);
    for (const other of ['', hash.slice(0, -1), `${hash}0`, hash.toUpperCase(), `${hash.slice(0, -1)}g`]) {
      expect([other, signatures.isSigned(checkString, other)]).toEqual([other, false]);
    }
  });

  it('is not signed when a field was changed, added, left out, or signed for another bot', () => {
    const whole = anInitData({ at: NOW });
    expect(isSigned(whole)).toBe(true);
    expect(isSigned(whole.replace('279058397', '279058398'))).toBe(false);
    expect(isSigned(whole.replace(/auth_date=\d+/, 'auth_date=1773144001'))).toBe(false);
    expect(isSigned(`${whole}&is_premium=true`)).toBe(false);
    expect(isSigned(whole.replace(/signature=[^&]*&?/, ''))).toBe(false);
    expect(isSigned(anInitData({ at: NOW, botToken: '654321:another-token-of-another-bot-entirely' }))).toBe(false);
  });

  it('is nothing at all without a hash, and when it names a field twice', () => {
    for (const text of ['', 'hello', 'auth_date=1&user=x', 'hash=1&auth_date=1&auth_date=2', 'hash=1&hash=1']) {
      expect([text, reasonOf(() => TelegramInitData.of(text))]).toEqual([text, 'malformed']);
    }
  });

  it.each([
    ['just signed', 0, 279058397],
    ['an hour old', -3600, 279058397],
    ['a second older', -3601, 'expired'],
    ['of a clock that is a minute ahead', 60, 279058397],
    ['of one that is further ahead', 61, 'from_the_future'],
  ])('%s', (_, seconds, answer) => {
    const data = TelegramInitData.of(anInitData({ at: new Date(NOW.getTime() + seconds * 1000) }));
    expect(reasonOf(() => data.userAt(NOW))).toBe(answer);
  });

  it.each(['', '0', '-1', '1.5', '1e9', ' 1773144000', '99999999999999'])('has no auth_date %p', (date) => {
    const data = TelegramInitData.of(`hash=0&user=%7B%22id%22%3A7%7D&auth_date=${encodeURIComponent(date)}`);
    expect(reasonOf(() => data.userAt(NOW))).toBe('malformed');
  });

  it.each([
    '',
    'null',
    '7',
    '[7]',
    '{}',
    '{"id":"7"}',
    '{"id":0}',
    '{"id":-7}',
    '{"id":7.5}',
    '{"id":4503599627370496}',
    '{"id":null}',
    '{"id":7',
  ])('names no user: %s', (user) => {
    expect(reasonOf(() => TelegramInitData.of(anInitData({ at: NOW, user })).userAt(NOW))).toBe('malformed');
  });

  it('names users of up to 52 bits', () => {
    const data = TelegramInitData.of(anInitData({ at: NOW, user: `{"id":${MOST_TELEGRAM_ID}}` }));
    expect(data.userAt(NOW)).toBe(4_503_599_627_370_495);
    expect([findTelegramUserId(MOST_TELEGRAM_ID + 1), findTelegramUserId('7'), findTelegramUserId(null)]).toEqual([
      null,
      null,
      null,
    ]);
  });

  it('is nothing to an installation without a bot', () => {
    const none = new HmacTelegramSignatures(new TelegramSettings(null));
    expect(() => none.isSigned('auth_date=1', '')).toThrow(TelegramNotConfigured);
    expect(() => none.mustBeConfigured()).toThrow(TelegramNotConfigured);
  });
});
