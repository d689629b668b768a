import { DomainException } from '../shared/domain-exception.js';
import type { Page, PageOf } from '../shared/page.js';
import type { User, UserId } from './user.js';

export abstract class UserRepository {
  /** Throws UserNotFound. */
  abstract get(id: UserId): Promise<User>;

  /** Throws UserNotFound. Case does not matter. */
  abstract getByEmail(email: string): Promise<User>;

  /**
   * Like get, but perhaps a second old: enough to phrase a claim that names the version it was decided by, and for
   * nothing else. Throws UserNotFound.
   */
  abstract recent(id: UserId): Promise<User>;

  /**
   * Like get, and nobody else may hold the same user until the running transaction ends: two requests cannot both
   * spend the last of one allowance. Throws UserNotFound.
   */
  abstract hold(id: UserId): Promise<User>;

  /**
   * All active admins, held like one user is by `hold`: while one of them is stripped of the role nobody can strip
   * another. Comes before any `hold` of the same transaction, so that two of them wait for each other in one order.
   */
  abstract holdActiveAdmins(): Promise<readonly User[]>;

  /** Throws EmailTaken. */
  abstract add(user: User): Promise<void>;

  /** Only for a user held in the running transaction. */
  abstract save(user: User): Promise<void>;

  /** Newest first; `search` finds parts of the e-mail address and the name. */
  abstract list(filter: { readonly search: string | null; readonly page: Page }): Promise<PageOf<User>>;
}

export class UserNotFound extends DomainException {
  constructor(user: string) {
    super('user_not_found', `There is no user ${user}.`, { user }, 'not_found');
  }
}

export class EmailTaken extends DomainException {
  constructor(email: string) {
    super('email_taken', `A user with the e-mail address ${email} exists already.`, { email }, 'conflict');
  }
}
