import type { UserId } from '../accounts/user.js';

/** Which user a provider's customer is. */
export abstract class Customers {
  /** Null for a customer that was not made by us. */
  abstract findUser(gateway: string, customerId: string): Promise<UserId | null>;
}
