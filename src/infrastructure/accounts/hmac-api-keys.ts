import { injectable } from 'inversify';
import type { ApiKeys, MintedKey } from '#application/accounts/api-keys';
import { hashOfSecret, isSecretOf, mintSecret } from './secret-format.js';

const PREFIXES = ['mb_live_', 'mb_test_'];

export class ApiKeySettings {
  constructor(
    /** Secret of the installation; without it the stored hashes are useless. */
    readonly pepper: string,
    readonly environment: 'live' | 'test',
  ) {}
}

/** Keys in the format of secret-format.ts, whose prefix says which environment they are for. */
@injectable()
export class HmacApiKeys implements ApiKeys {
  constructor(private readonly settings: ApiKeySettings) {}

  mint(): MintedKey {
    const prefix = `mb_${this.settings.environment}_`;
    const secret = mintSecret(prefix);
    return { secret, hash: hashOfSecret(secret, this.settings.pepper), prefix, lastFour: secret.slice(-4) };
  }

  hashOf(presented: string): string | null {
    return isSecretOf(PREFIXES, presented) ? hashOfSecret(presented, this.settings.pepper) : null;
  }
}
