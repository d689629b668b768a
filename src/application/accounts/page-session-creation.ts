import { AuditLog } from '#domain/accounts/audit-log';
import {
  AdminPageForAdmins,
  PageOfAnotherUser,
  type PageScope,
  PageSession,
  PageSessionNotProlonged,
  PageSessionRepository,
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
   * UserSuspended, ReturnUrlNotAllowed and PageSessionNotProlonged.
   */
  async execute(caller: Caller, wanted: WantedPage): Promise<BegunPageSession> {
    const { userId, scope } = wanted;
    const { role } = caller;
    if (userId === caller.userId) {
      if (pageSessionOf(caller)) throw new PageSessionNotProlonged();
      if (scope === 'admin' && role !== 'admin') throw new AdminPageForAdmins(role);
      return this.begin(wanted, null);
    }
    if (scope === 'admin' || role !== 'admin') throw new PageOfAnotherUser(userId, role, scope);
    return this.begin(wanted, { actor: caller.userId, reason: null });
  }

  /** For the command line, whose operator is nobody's user. Throws as `execute` does. */
  byOperator(operator: Operator, wanted: WantedPage): Promise<BegunPageSession> {
    return this.begin(wanted, operator);
  }

  private begin({ userId, scope, returnUrl }: WantedPage, operator: Operator | null): Promise<BegunPageSession> {
    return this.transaction.run(async () => {
      const user = await this.users.get(userId);
      user.mustBeActive();
      if (scope === 'admin' && user.role !== 'admin') throw new AdminPageForAdmins(user.role);
      const { secret: token, hash: tokenHash } = this.secrets.mintToken();
      const back = returnUrl === null ? null : allowedReturnUrl(returnUrl, this.settings);
      const wanted = { id: this.ids.next<'PageSession'>(), userId, scope, tokenHash, returnUrl: back };
      const session = PageSession.begun(wanted, this.clock.now());
      await this.sessions.add(session);
      if (operator) {
        const after = { page_session_id: session.id, scope, expires_at: session.expiresAt.toISOString() };
        await this.audit.append({ ...operator, action: 'page_session.create', userId, before: null, after });
      }
      return { session, token, url: `${this.settings.publicUrl}${PATHS[scope]}#token=${token}` };
    });
  }
}
