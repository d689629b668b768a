import { createSecretKey, type KeyObject } from 'node:crypto';
import { injectable } from 'inversify';
import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { type AccessTokens, IdentityProviderUnavailable } from '#application/accounts/access-tokens';
import { Clock } from '#application/ports/clock';
import type { UserId } from '#domain/accounts/user';
import { findId } from '#domain/shared/id';

export class AccessTokenSettings {
  constructor(
    /** Shared secret for HS256, at least 32 bytes (RFC 7518, 3.2). */
    readonly secret: string | null,
    /** Where the identity provider publishes its public keys (RFC 7517). */
    readonly jwksUrl: string | null,
    readonly issuer: string | null,
    readonly audience: string | null,
  ) {}
}

const LEAST_SECRET_BYTES = 32;
const SYMMETRIC = ['HS256'];
const ASYMMETRIC = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];

/** A request waits no longer than this for keys that are not in memory; a fetched set is kept for ten minutes. */
const KEY_FETCH_MS = 2000;

/** Clocks of two machines are never equal. */
const TOLERANCE_SECONDS = 5;

/**
 * Tokens signed with the shared secret or by the identity provider's published keys, each with its own algorithms: a
 * public key can never be taken for a shared secret (RFC 8725, 3.1). A token must expire, and name a user by UUID.
 */
@injectable()
export class JoseAccessTokens implements AccessTokens {
  private readonly secret: KeyObject | null;
  private readonly published: JWTVerifyGetKey | null;
  private readonly algorithms: string[];

  constructor(
    private readonly settings: AccessTokenSettings,
    private readonly clock: Clock,
  ) {
    const { secret, jwksUrl } = settings;
    if (secret !== null && Buffer.byteLength(secret) < LEAST_SECRET_BYTES) {
      throw new RangeError(`The secret for access tokens has fewer than ${LEAST_SECRET_BYTES} bytes.`);
    }
    this.secret = secret === null ? null : createSecretKey(secret, 'utf8');
    this.published = jwksUrl === null ? null : createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: KEY_FETCH_MS });
    this.algorithms = [...(this.secret ? SYMMETRIC : []), ...(this.published ? ASYMMETRIC : [])];
  }

  async subjectOf(token: string): Promise<UserId | null> {
    if (this.algorithms.length === 0) return null;
    const { issuer, audience } = this.settings;
    try {
      const { payload } = await jwtVerify(token, this.keyOf, {
        algorithms: this.algorithms,
        requiredClaims: ['exp', 'sub'],
        ...(issuer !== null && { issuer }),
        ...(audience !== null && { audience }),
        clockTolerance: TOLERANCE_SECONDS,
        currentDate: this.clock.now(),
      });
      return findId(payload.sub);
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  }

  private readonly keyOf: JWTVerifyGetKey = async (header, token) => {
    if (SYMMETRIC.includes(header.alg)) return this.secret!;
    try {
      return await this.published!(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      throw new IdentityProviderUnavailable(error);
    }
  };
}
