import type { Money } from '#domain/shared/money';

/** How much credit each operator gave away on each day. */
export abstract class CreditAllowances {
  /**
   * Adds `amount`, which is above zero, to what `actor` gave on the day (UTC) of `at`, in the running transaction. False when
   * that would be more than `most`: nothing was added. Until the transaction ends, whoever asks for the same actor and
   * day waits.
   */
  abstract take(actor: string, at: Date, amount: Money, most: Money): Promise<boolean>;

  /** What `actor` gave on the day (UTC) of `at`. */
  abstract grantedOn(actor: string, at: Date): Promise<Money>;
}
