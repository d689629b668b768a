import type { User } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import type { Page, PageOf } from '#domain/shared/page';
import { UseCase } from '../use-case.js';

/** All users, newest first, for the operator. */
@UseCase()
export class ListUsers {
  constructor(private readonly users: UserRepository) {}

  /** `search` finds parts of the e-mail address and the name. */
  execute(search: string | null, page: Page): Promise<PageOf<User>> {
    return this.users.list({ search, page });
  }
}
