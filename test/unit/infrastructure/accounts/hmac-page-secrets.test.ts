import { ApiKeySettings, HmacApiKeys } from '#infrastructure/accounts/hmac-api-keys';
import { HmacPageSecrets } from '#infrastructure/accounts/hmac-page-secrets';

const settings = new ApiKeySettings('pepper', 'test');
const secrets = new HmacPageSecrets(settings);
const keys = new HmacApiKeys(settings);

describe('a secret of the page', () => {
  it('has its prefix, 43 characters of secret and 6 of checksum, all base62', () => {
    expect(secrets.mintToken().secret).toMatch(/^mbp_[0-9A-Za-z]{49}$/);
    expect(secrets.mintCookie().secret).toMatch(/^mbs_[0-9A-Za-z]{49}$/);
  });

  it('is never minted twice', () => {
    expect(new Set(Array.from({ length: 500 }, () => secrets.mintToken().secret)).size).toBe(500);
  });

  it('is kept as a hash under the pepper, in which nothing of it is left', () => {
    const { secret, hash } = secrets.mintToken();
    expect(secrets.tokenHashOf(secret)).toBe(hash);
    expect(new HmacPageSecrets(new ApiKeySettings('other', 'test')).tokenHashOf(secret)).not.toBe(hash);
    expect(hash).not.toContain(secret.slice(4, 16));
  });

  it('passes for no secret of another kind', () => {
    const [token, cookie, key] = [secrets.mintToken().secret, secrets.mintCookie().secret, keys.mint().secret];
    expect([secrets.cookieHashOf(token), keys.hashOf(token)]).toEqual([null, null]);
    expect([secrets.tokenHashOf(cookie), keys.hashOf(cookie)]).toEqual([null, null]);
    expect([secrets.tokenHashOf(key), secrets.cookieHashOf(key)]).toEqual([null, null]);
    expect(secrets.tokenHashOf(cookie.replace('mbs_', 'mbp_'))).toBeNull();
  });

  it.each([
    ['nothing', () => ''],
    ['a character too few', (secret: string) => secret.slice(0, -1)],
    ['a character too many', (secret: string) => `${secret}0`],
    ['a line after it', (secret: string) => `${secret}\n`],
    [
      'another letter in it',
      (secret: string) => secret.slice(0, 9) + (secret[9] === 'a' ? 'b' : 'a') + secret.slice(10),
    ],
  ])('is told from %s without a question to the database', (_, spoil) => {
    expect(secrets.tokenHashOf(spoil(secrets.mintToken().secret))).toBeNull();
  });
});
