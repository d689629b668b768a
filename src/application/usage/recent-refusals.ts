import type { UserId } from '#domain/accounts/user';

/** What this process kept a moment ago. */
export abstract class RecentRefusals {
  /** Whether this user was refused by this cause within the last second, as far as this process knows; from now on it was. */
  abstract isRepeated(userId: UserId, cause: string, now: Date): boolean;
}
