/** An API key as it is shown once, and what may be kept of it. */
export interface MintedKey {
  /** `mb_live_` or `mb_test_`, 32 random bytes in base62, and a checksum of six characters. */
  readonly secret: string;
  readonly hash: string;
  readonly prefix: string;
  readonly lastFour: string;
}

/** Makes and recognises API keys. */
export abstract class ApiKeys {
  abstract mint(): MintedKey;

  /**
   * The hash under which a presented key is looked up, or null when it cannot be one of ours: wrong prefix, length,
   * alphabet or checksum. No database is asked about those.
   */
  abstract hashOf(presented: string): string | null;
}
