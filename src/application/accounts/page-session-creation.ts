import { AuditLog } from '#domain/accounts/audit-log';
import {
  AdminPageForAdmins,
  PageOfAnotherUser,
  type PageScope,
  PageSession,
  PageSessionNotProlonged,
  PageSessionRepository,
  MOST_OPEN_PAGE_SESSIONS,
  TooManyPageSessions,
} from '#domain/accounts/page-session';
import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { CheckoutSettings } from '../payments/checkout-settings.js';
import { allowedReturnUrl } from '../payments/return-urls.js';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { type Caller, pageSessionOf } from './authentication.js';
import { PageSecrets } from './page-secrets.js';
import type { Operator } from './user-change.js';

/** Whose page is wanted, and which. */
export interface WantedPage {
  readonly userId: UserId;
  readonly scope: PageScope;
  /** Where the page leads back to, at an allowed origin; null for nowhere. */
  readonly returnUrl: string | null;
}

export interface BegunPageSession {
  readonly session: PageSession;
  readonly token: string;
  /** The token is in the fragment, which browsers send to nobody. */
  readonly url: string;
}

const PATHS: Readonly<Record<PageScope, string>> = { billing: '/billing', admin: '/admin' };

/** Makes a link to the billing page, or to the operators' one. The token is in the answer and nowhere else. */
@UseCase()
export class PageSessionCreation {
  constructor(
    private readonly users: UserRepository,
    private readonly sessions: PageSessionRepository,
    private readonly secrets: PageSecrets,
    private readonly settings: CheckoutSettings,
    private readonly audit: AuditLog,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
  ) {}

  /**
   * For a caller: the own page, and as an admin that of others. Throws PageOfAnotherUser, AdminPageForAdmins, UserNotFound,
   * UserSuspended, ReturnUrlNotAllowed, TooManyPageSessions and PageSessionNotProlonged.
   */
  async execute(caller: Caller, wanted: WantedPage): Promise<BegunPageSession> {
    const { userId, scope } = wanted;
    const { role } = caller;
    if (pageSessionOf(caller)) throw new PageSessionNotProlonged();
    const creator = { createdBy: caller.userId, createdFrom: caller.deviceId };
    if (userId === caller.userId) {
      if (scope === 'admin' && role !== 'admin') throw new AdminPageForAdmins(role);
      return this.begin(wanted, creator, null);
    }
    if (scope === 'admin' || role !== 'admin') throw new PageOfAnotherUser(userId, role, scope);
    return this.begin(wanted, creator, { actor: caller.userId, reason: null });
  }

  /** For the command line, whose operator is nobody's user. Throws as `execute` does. */
  byOperator(operator: Operator, wanted: WantedPage): Promise<BegunPageSession> {
    return this.begin(wanted, { createdBy: operator.actor, createdFrom: null }, operator);
  }

  private begin(
    { userId, scope, returnUrl }: WantedPage,
    creator: Pick<PageSession, 'createdBy' | 'createdFrom'>,
    operator: Operator | null,
  ): Promise<BegunPageSession> {
    return this.transaction.run(async () => {
      // Held, so that two of them cannot both be the last one.
      const user = await this.users.hold(userId);
      user.mustBeActive();
      if (scope === 'admin' && user.role !== 'admin') throw new AdminPageForAdmins(user.role);
      const now = this.clock.now();
      const { count, firstExpiry } = await this.sessions.openOf(userId, now);
      if (count >= MOST_OPEN_PAGE_SESSIONS && firstExpiry) throw new TooManyPageSessions(count, firstExpiry, now);
      const { secret: token, hash: tokenHash } = this.secrets.mintToken();
      const back = returnUrl === null ? null : allowedReturnUrl(returnUrl, this.settings);
      const wanted = { id: this.ids.next<'PageSession'>(), userId, scope, tokenHash, returnUrl: back, ...creator };
      const session = PageSession.begun(wanted, now);
      await this.sessions.add(session);
      if (operator) {
        const after = { page_session_id: session.id, scope, expires_at: session.expiresAt.toISOString() };
        await this.audit.append({ ...operator, action: 'page_session.create', userId, before: null, after });
      }
      return { session, token, url: `${this.settings.publicUrl}${PATHS[scope]}#token=${token}` };
    });
  }
}
