import {
  type PageSession,
  PageSessionAlreadyOpened,
  PageSessionOfAnother,
  PageSessionRepository,
  PageSessionUnknown,
} from '#domain/accounts/page-session';
import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { PageSecrets } from './page-secrets.js';

/** Exchanges the token of a link for a cookie, once. */
@UseCase()
export class PageSessionOpening {
  constructor(
    private readonly sessions: PageSessionRepository,
    private readonly users: UserRepository,
    private readonly secrets: PageSecrets,
    private readonly clock: Clock,
  ) {}

  /**
   * `signedIn`: whose page is open in the browser and may not be replaced by another's; null for nobody's. Throws PageSessionUnknown,
   * PageSessionEnded, PageSessionExpired, PageSessionWithdrawn, PageSessionAlreadyOpened, PageSessionOfAnother and UserSuspended.
   */
  async execute(
    token: string,
    signedIn: UserId | null,
  ): Promise<{ readonly session: PageSession; readonly cookie: string }> {
    const tokenHash = this.secrets.tokenHashOf(token);
    const known = tokenHash === null ? null : await this.sessions.findByToken(tokenHash);
    if (!known) throw new PageSessionUnknown();
    const now = this.clock.now();
    known.mustBeOpenAt(now);
    if (known.openedAs !== null) throw new PageSessionAlreadyOpened();
    (await this.users.get(known.userId)).mustBeActive();
    if (signedIn !== null && signedIn !== known.userId) {
      throw new PageSessionOfAnother((await this.users.get(signedIn)).email);
    }

    const { secret: cookie, hash: cookieHash } = this.secrets.mintCookie();
    const session = await this.sessions.open(known.tokenHash, { as: 'cookie', cookieHash }, now);
    if (!session) throw new PageSessionAlreadyOpened();
    return { session, cookie };
  }
}
