import type { UserId } from '#domain/accounts/user';
import { DomainException } from '#domain/shared/domain-exception';

/** Access tokens (JWT, RFC 9068) of the product's own identity provider. */
export abstract class AccessTokens {
  /**
   * The user a token was issued to; null when it is not valid, or when no issuer is configured.
   * Throws IdentityProviderUnavailable when nobody can tell just now.
   */
  abstract subjectOf(token: string): Promise<UserId | null>;
}

/** The keys that tokens are checked by cannot be had: whether a token is valid is not known. */
export class IdentityProviderUnavailable extends DomainException {
  constructor(cause: unknown) {
    super(
      'identity_provider_unavailable',
      'The keys of the identity provider cannot be fetched just now, so nobody was recognised. Try again in a moment.',
      {},
      'unavailable',
    );
    this.cause = cause;
  }
}
