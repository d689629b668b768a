/** A secret of the page as it is given away once, and what may be kept of it. */
export interface MintedPageSecret {
  /** Its prefix, 32 random bytes in base62, and a checksum of six characters. */
  readonly secret: string;
  readonly hash: string;
}

/** Makes and recognises what signs somebody in to the page: the token of a link (`mbp_…`), and a cookie (`mbs_…`). */
export abstract class PageSecrets {
  abstract mintToken(): MintedPageSecret;
  abstract mintCookie(): MintedPageSecret;

  /** The hash under which a presented token is looked up, or null when it cannot be one of ours; likewise of a cookie. */
  abstract tokenHashOf(presented: string): string | null;
  abstract cookieHashOf(presented: string): string | null;
}
