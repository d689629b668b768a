import type { UserId } from '#domain/accounts/user';

/** Who operates the product, and is told how it fares. */
export abstract class ActiveAdmins {
  /** Every admin who is not suspended, by id. */
  abstract list(): Promise<readonly UserId[]>;
}
