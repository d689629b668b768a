import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { base64url, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { IdentityProviderUnavailable } from '#application/accounts/access-tokens';
import { AccessTokenSettings, JoseAccessTokens } from '#infrastructure/accounts/jose-access-tokens';
import { ManualClock } from '#test/support/fakes/manual-clock';

const SUBJECT = '018f4e9a-0000-7000-8000-000000000001';
const SECRET = 'a secret of thirty-two bytes, or more';
const NOW = new Date('2026-03-10T12:00:00Z');
const seconds = (offset: number) => NOW.getTime() / 1000 + offset;

const clock = new ManualClock(NOW);
const settings = (more: Partial<AccessTokenSettings> = {}) => {
  const { secret, jwksUrl, issuer, audience } = {
    secret: SECRET,
    jwksUrl: null,
    issuer: null,
    audience: null,
    ...more,
  };
  return new AccessTokenSettings(secret, jwksUrl, issuer, audience);
};
const tokensOf = (more: Partial<AccessTokenSettings> = {}) => new JoseAccessTokens(settings(more), clock);
const signed = (claims: Record<string, unknown>, secret = SECRET, alg = 'HS256') =>
  new SignJWT({ sub: SUBJECT, exp: seconds(60), ...claims }).setProtectedHeader({ alg }).sign(Buffer.from(secret));

describe('a token signed with the shared secret', () => {
  it('names its user', async () => {
    expect(await tokensOf().subjectOf(await signed({}))).toBe(SUBJECT);
  });

  it.each([
    ['it has expired', { exp: seconds(-60) }],
    ['it never expires', { exp: undefined }],
    ['it is not valid yet', { nbf: seconds(60) }],
    ['it names nobody', { sub: undefined }],
    ['it names somebody who cannot be a user', { sub: 'ada@example.com' }],
    ['its subject is no text', { sub: 7 }],
  ])('is nobody’s when %s', async (_, claims) => {
    expect(await tokensOf().subjectOf(await signed(claims))).toBeNull();
  });

  it('is nobody’s when it was signed with another secret', async () => {
    expect(await tokensOf().subjectOf(await signed({}, 'another secret of thirty-two bytes!!'))).toBeNull();
  });

  it('is nobody’s when it was changed', async () => {
    const [header, , signature] = (await signed({})).split('.');
    const payload = base64url.encode(JSON.stringify({ sub: SUBJECT, exp: seconds(6000) }));
    expect(await tokensOf().subjectOf(`${header}.${payload}.${signature}`)).toBeNull();
  });

  it('is nobody’s when it is signed in a way that is not on the list, or not at all', async () => {
    expect(await tokensOf().subjectOf(await signed({}, SECRET.repeat(2), 'HS512'))).toBeNull();
    const parts = [{ alg: 'none' }, { sub: SUBJECT, exp: seconds(60) }].map((part) =>
      base64url.encode(JSON.stringify(part)),
    );
    expect(await tokensOf().subjectOf(`${parts.join('.')}.`)).toBeNull();
  });

  it.each(['', 'x', 'a.b', 'a.b.c', 'mb_test_x', 'ÿ.ÿ.ÿ', '..'])('is not %j', async (text) => {
    expect(await tokensOf().subjectOf(text)).toBeNull();
  });

  it('must come from the issuer and be meant for the audience, where they are configured', async () => {
    const tokens = tokensOf({ issuer: 'https://id.example.com', audience: 'minutebook' });
    const right = { iss: 'https://id.example.com', aud: ['minutebook', 'other'] };
    expect(await tokens.subjectOf(await signed(right))).toBe(SUBJECT);
    expect(await tokens.subjectOf(await signed({ ...right, iss: 'https://evil.example.com' }))).toBeNull();
    expect(await tokens.subjectOf(await signed({ ...right, aud: 'other' }))).toBeNull();
    expect(await tokens.subjectOf(await signed({}))).toBeNull();
  });

  it('is nobody’s where no issuer is configured', async () => {
    expect(await tokensOf({ secret: null }).subjectOf(await signed({}))).toBeNull();
  });

  it('needs a secret of 32 bytes', () => {
    expect(() => tokensOf({ secret: 'x'.repeat(31) })).toThrow(RangeError);
  });
});

describe('a token signed by the identity provider', () => {
  let provider: Server;
  let jwksUrl: string;
  let answer: { status: number; body: string };
  let asked: number;
  let sign: (claims?: Record<string, unknown>, kid?: string) => Promise<string>;
  let publicKey: JWK;

  beforeAll(async () => {
    const pair = await generateKeyPair('ES256');
    publicKey = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
    sign = (claims = {}, kid = 'one') =>
      new SignJWT({ sub: SUBJECT, exp: seconds(60), ...claims })
        .setProtectedHeader({ alg: 'ES256', kid })
        .sign(pair.privateKey);
    provider = createServer((_request, response) => {
      asked++;
      response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(answer.body);
    }).listen(0, '127.0.0.1');
    await once(provider, 'listening');
    jwksUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/jwks.json`;
  });
  afterAll(() => {
    provider.close();
    provider.closeAllConnections();
  });
  beforeEach(() => {
    asked = 0;
    answer = { status: 200, body: JSON.stringify({ keys: [publicKey] }) };
  });

  it('names its user, and its keys are fetched once', async () => {
    const tokens = tokensOf({ secret: null, jwksUrl });
    expect(await tokens.subjectOf(await sign())).toBe(SUBJECT);
    expect(await tokens.subjectOf(await sign())).toBe(SUBJECT);
    expect(asked).toBe(1);
  });

  it('is nobody’s when its key is not among the published ones', async () => {
    expect(await tokensOf({ jwksUrl }).subjectOf(await sign({}, 'two'))).toBeNull();
  });

  it('is nobody’s when the public key was used as a shared secret', async () => {
    const forged = await signed({}, JSON.stringify(publicKey));
    expect(await tokensOf({ secret: null, jwksUrl }).subjectOf(forged)).toBeNull();
    expect(await tokensOf({ jwksUrl }).subjectOf(forged)).toBeNull();
  });

  it('may stand beside tokens of the shared secret', async () => {
    const tokens = tokensOf({ jwksUrl });
    expect(await tokens.subjectOf(await signed({}))).toBe(SUBJECT);
    expect(await tokens.subjectOf(await sign())).toBe(SUBJECT);
  });

  it.each([
    ['answers 500', { status: 500, body: '{}' }],
    ['answers no JSON', { status: 200, body: '<html>' }],
    ['answers no key set', { status: 200, body: '{"keys":7}' }],
  ])('is an outage, not a stranger, when the provider %s', async (_, broken) => {
    answer = broken;
    await expect(tokensOf({ jwksUrl }).subjectOf(await sign())).rejects.toThrow(IdentityProviderUnavailable);
  });

  it('is an outage when nobody is there to ask', async () => {
    const nowhere = tokensOf({ jwksUrl: 'http://127.0.0.1:1/jwks.json' });
    const failure = nowhere.subjectOf(await sign());
    await expect(failure).rejects.toThrow(IdentityProviderUnavailable);
    await expect(failure).rejects.toHaveProperty('cause');
  });
});
