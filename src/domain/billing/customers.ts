import type { UserId } from '../accounts/user.js';

/** Which user a provider's customer is. */
export abstract class Customers {
  /** Null for a customer that was not made by us. */
  abstract findUser(gateway: string, customerId: string): Promise<UserId | null>;

  /**
   * The id of the user's customer, if the provider may be asked about it at `now`: from now on it may not for `pauseMs`. Null when it was
   * asked within that time before, whatever process did, and for who is no customer. Needs a running transaction.
   */
  abstract claimQuestion(userId: UserId, gateway: string, now: Date, pauseMs: number): Promise<string | null>;
}
