import { injectable } from 'inversify';
import type { MintedPageSecret, PageSecrets } from '#application/accounts/page-secrets';
import { ApiKeySettings } from './hmac-api-keys.js';
import { hashOfSecret, isSecretOf, mintSecret } from './secret-format.js';

const TOKEN = 'mbp_';
const COOKIE = 'mbs_';

/** Tokens and cookies of the page in the format of API keys, under the same pepper; the prefix keeps one from passing for another. */
@injectable()
export class HmacPageSecrets implements PageSecrets {
  constructor(private readonly settings: ApiKeySettings) {}

  mintToken(): MintedPageSecret {
    return this.mint(TOKEN);
  }

  mintCookie(): MintedPageSecret {
    return this.mint(COOKIE);
  }

  tokenHashOf(presented: string): string | null {
    return this.hashOf(TOKEN, presented);
  }

  cookieHashOf(presented: string): string | null {
    return this.hashOf(COOKIE, presented);
  }

  private mint(prefix: string): MintedPageSecret {
    const secret = mintSecret(prefix);
    return { secret, hash: hashOfSecret(secret, this.settings.pepper) };
  }

  private hashOf(prefix: string, presented: string): string | null {
    return isSecretOf([prefix], presented) ? hashOfSecret(presented, this.settings.pepper) : null;
  }
}
