import type { LongContextRates, Modality, ModelTraits, Rates } from '#domain/providers/model-price';
import { DomainException } from '#domain/shared/domain-exception';

/** A price that a published table names, before anybody has decided to charge it. */
export interface PriceCandidate {
  readonly provider: string;
  /** The provider's own name. */
  readonly model: string;
  readonly modality: Modality;
  readonly rates: Rates;
  readonly longContext: LongContextRates | null;
  /** What the table does not say is null, or no feature. */
  readonly traits: ModelTraits;
  readonly source: string;
  /** Fields of the table that were no whole micro-USD for a million units, and were rounded half up. */
  readonly rounded: readonly string[];
}

/** An entry that makes no price, and why. */
export interface LeftOutEntry {
  readonly entry: string;
  /** Null: of a provider that is not served. */
  readonly provider: string | null;
  readonly model: string;
  readonly reason: string;
}

export interface PriceTableContents {
  readonly candidates: readonly PriceCandidate[];
  readonly leftOut: readonly LeftOutEntry[];
}

/** Reads a table of prices as it is published. */
export abstract class PriceTable {
  /**
   * Of `text`, the whole file, with the entries of `own`: providers of the operator's that the public table does not know.
   * Nothing is guessed: what cannot be read is left out, with the reason. Throws PriceTableUnreadable.
   */
  abstract read(text: string, own: readonly string[]): PriceTableContents;
}

export class PriceTableUnreadable extends DomainException {
  constructor(because: string) {
    super(
      'price_table_unreadable',
      `The file is not a table of prices: ${because}. Give LiteLLM's model_prices_and_context_window.json, or a part of it.`,
      {},
      'invalid',
    );
  }
}
