import { ApiKeySettings, HmacApiKeys } from '#infrastructure/accounts/hmac-api-keys';

const keys = new HmacApiKeys(new ApiKeySettings('pepper', 'test'));
const live = new HmacApiKeys(new ApiKeySettings('pepper', 'live'));

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('a minted key', () => {
  it('has its prefix, 43 characters of secret and 6 of checksum, all base62', () => {
    expect(keys.mint().secret).toMatch(/^mb_test_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/);
    expect(live.mint().secret).toMatch(/^mb_live_[0-9A-Za-z]{49}$/);
  });

  it('is never minted twice', () => {
    const secrets = new Set(Array.from({ length: 1000 }, () => keys.mint().secret));
    expect(secrets.size).toBe(1000);
  });

  it('is random in every character of its secret', () => {
    const minted = Array.from({ length: 4000 }, () => keys.mint().secret.slice(8, 51));
    // 62^43 is 1.02 times 2^256: the first character too has all values but the last.
    for (let place = 0; place < 43; place++) {
      expect(new Set(minted.map((secret) => secret[place])).size).toBeGreaterThanOrEqual(61);
    }
  });

  it('is kept as a hash, its beginning and its last four characters', () => {
    const { secret, hash, prefix, lastFour } = keys.mint();
    expect([prefix, lastFour]).toEqual(['mb_test_', secret.slice(-4)]);
    expect(hash).toBe(keys.hashOf(secret));
    expect(Buffer.from(hash, 'base64url')).toHaveLength(32);
    expect(hash).not.toContain(secret.slice(8, 20));
  });

  it('has another hash under another pepper: a stolen table cannot be searched without it', () => {
    const { secret, hash } = keys.mint();
    expect(new HmacApiKeys(new ApiKeySettings('other', 'test')).hashOf(secret)).not.toBe(hash);
  });

  it('is recognised whatever environment it was minted for', () => {
    expect(keys.hashOf(live.mint().secret)).not.toBeNull();
  });
});

describe('a key that cannot be one of ours', () => {
  const { secret } = keys.mint();

  it.each([
    ['nothing', ''],
    ['another prefix', secret.replace('mb_test_', 'mb_prod_')],
    ['a character too few', secret.slice(0, -1)],
    ['a character too many', `${secret}0`],
    ['another alphabet', `${secret.slice(0, 20)}-${secret.slice(21)}`],
    ['a line after it', `${secret}\n`],
    ['the environment exchanged', secret.replace('mb_test_', 'mb_live_')],
    ['a token of another kind', 'eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl'],
  ])('is told by %s', (_, presented) => {
    expect(keys.hashOf(presented)).toBeNull();
  });

  it('is told by any one character that was mistyped', () => {
    for (let place = 8; place < secret.length; place++) {
      const other = ALPHABET[(ALPHABET.indexOf(secret[place]!) + 1) % 62]!;
      expect(keys.hashOf(secret.slice(0, place) + other + secret.slice(place + 1))).toBeNull();
    }
  });

  it('is told by any two neighbours that were exchanged', () => {
    for (let place = 8; place < secret.length - 1; place++) {
      const [one, two] = [secret[place]!, secret[place + 1]!];
      if (one !== two) expect(keys.hashOf(secret.slice(0, place) + two + one + secret.slice(place + 2))).toBeNull();
    }
  });
});
