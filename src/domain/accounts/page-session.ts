import { DomainException } from '../shared/domain-exception.js';
import type { DeviceId } from './device.js';
import type { Id } from '../shared/id.js';
import type { UserId } from './user.js';

export type PageSessionId = Id<'PageSession'>;

/** `billing`: one user's own page, with the role `user`. `admin`: the operators' page, with the user's own role. */
export const PAGE_SCOPES = ['billing', 'admin'] as const;
export type PageScope = (typeof PAGE_SCOPES)[number];

/** What the token of the link became at its first use: it was exchanged for a cookie, or it is sent with every request. */
export type PageOpening = 'cookie' | 'bearer';

/** What became of whoever began a session, so that it stands for nobody any more. */
export type Withdrawal = 'key_revoked' | 'creator_not_admin';

/** At the same time, for one user. */
export const MOST_OPEN_PAGE_SESSIONS = 60;

/** From its creation, however it is opened and whatever is done with it. */
export const PAGE_SESSION_MS = 60 * 60 * 1000;

/** Whoever works there is nobody's user. */
const COMMAND_LINE = 'cli:';

/** One hour of one user at the billing page, begun by a link with a token. Its secrets are known here by their hashes alone. */
export class PageSession {
  constructor(
    readonly id: PageSessionId,
    readonly userId: UserId,
    readonly scope: PageScope,
    readonly tokenHash: string,
    /** Null until the token is used for the first time. */
    readonly openedAs: PageOpening | null,
    /** Null unless it was opened as a cookie. */
    readonly cookieHash: string | null,
    /** Where the page leads back to; null for nowhere. */
    readonly returnUrl: string | null,
    readonly createdAt: Date,
    readonly expiresAt: Date,
    readonly endedAt: Date | null,
    /** Who made the link: a user's id, or `cli:<name>`. */
    readonly createdBy: string,
    /** With which API key; null for none. */
    readonly createdFrom: DeviceId | null,
    /** As it was when the session was looked up. */
    readonly withdrawn: Withdrawal | null,
  ) {}

  static begun(
    of: Pick<PageSession, 'id' | 'userId' | 'scope' | 'tokenHash' | 'returnUrl' | 'createdBy' | 'createdFrom'>,
    now: Date,
  ): PageSession {
    const { id, userId, scope, tokenHash, returnUrl, createdBy, createdFrom } = of;
    const expiresAt = new Date(now.getTime() + PAGE_SESSION_MS);
    return new PageSession(
      ...([id, userId, scope, tokenHash, null, null, returnUrl, now, expiresAt, null] as const),
      ...([createdBy, createdFrom, null] as const),
    );
  }

  /** With what became of the key that it was begun with, and of whoever began it: whether that is an active admin. */
  asOf(isKeyRevoked: boolean, isCreatorAdmin: boolean): PageSession {
    const isOperators = this.createdBy.startsWith(COMMAND_LINE);
    const isUnbacked = this.isOfSomebodyElse && !isOperators && !isCreatorAdmin;
    const withdrawn: Withdrawal | null = isKeyRevoked ? 'key_revoked' : isUnbacked ? 'creator_not_admin' : null;
    return Object.assign(Object.create(PageSession.prototype) as PageSession, this, { withdrawn });
  }

  get isOfSomebodyElse(): boolean {
    return this.createdBy !== this.userId;
  }

  /** Throws PageSessionEnded, PageSessionExpired and PageSessionWithdrawn. */
  mustBeOpenAt(now: Date): void {
    if (this.endedAt !== null) throw new PageSessionEnded(this.endedAt);
    if (now >= this.expiresAt) throw new PageSessionExpired(this.expiresAt);
    if (this.withdrawn !== null) throw new PageSessionWithdrawn(this.withdrawn);
  }

  /** Also throws PageLinkUsed, when a cookie stands for this session now and its token for nothing. */
  mustTakeTokenAt(now: Date): void {
    this.mustBeOpenAt(now);
    if (this.openedAs === 'cookie') throw new PageLinkUsed();
  }
}

export abstract class PageSessionRepository {
  /** Needs a running transaction. */
  abstract add(session: PageSession): Promise<void>;

  abstract findByToken(tokenHash: string): Promise<PageSession | null>;

  abstract findByCookie(cookieHash: string): Promise<PageSession | null>;

  /**
   * Decides what the token becomes, once: of any number of openings at the same time exactly one is answered with the session, the
   * others with null. Null as well for one that is over at `now`, or is not there.
   */
  abstract open(
    tokenHash: string,
    opening: { readonly as: 'cookie'; readonly cookieHash: string } | { readonly as: 'bearer' },
    now: Date,
  ): Promise<PageSession | null>;

  /** How many of a user are open at `now`, and when the first of them expires; null for none. */
  abstract openOf(userId: UserId, now: Date): Promise<{ readonly count: number; readonly firstExpiry: Date | null }>;

  /** Ends all open ones of a user, and answers how many those were. Needs a running transaction. */
  abstract endAllOf(userId: UserId, now: Date): Promise<number>;

  /** Ended twice, it stays ended when it was first. Needs a running transaction. */
  abstract end(id: PageSessionId, now: Date): Promise<void>;

  /** Removes up to `limit` sessions that expired before this instant, and answers how many those were. */
  abstract removeExpiredBefore(instant: Date, limit: number): Promise<number>;
}

const ASK_AGAIN = 'Ask for a new link to the page.';

/** Nobody was given such a token; or it was so long ago that it is forgotten. */
export class PageSessionUnknown extends DomainException {
  constructor() {
    super('page_session_unknown', `This link or sign-in of the billing page is not known. ${ASK_AGAIN}`);
  }
}

export class PageSessionExpired extends DomainException {
  constructor(at: Date) {
    super('page_session_expired', `This session of the billing page ended at ${at.toISOString()}. ${ASK_AGAIN}`, {
      expires_at: at.toISOString(),
    });
  }
}

export class PageSessionEnded extends DomainException {
  constructor(at: Date) {
    super(
      'page_session_ended',
      `This session of the billing page was signed out, or ended by an operator. ${ASK_AGAIN}`,
      {
        ended_at: at.toISOString(),
      },
    );
  }
}

/** A link may have been sent by a stranger, who would then be paid for: whoever is signed in decides. */
export class PageSessionOfAnother extends DomainException {
  constructor(email: string) {
    super(
      'page_session_of_another',
      `This browser is signed in as ${email}, and the link opens the page of another account. Send "replace": true to open it instead.`,
      { email },
      'conflict',
    );
  }
}

/** It lives no longer than the right by which it was begun. */
export class PageSessionWithdrawn extends DomainException {
  constructor(reason: Withdrawal) {
    super(
      'page_session_withdrawn',
      `${
        reason === 'key_revoked'
          ? 'The API key that this link to the billing page was made with was revoked.'
          : 'Whoever made this link to the billing page for somebody else is not an active admin any more.'
      } ${ASK_AGAIN}`,
      { reason },
    );
  }
}

/** The token was exchanged, so that only the browser which did that is signed in. */
export class PageLinkUsed extends DomainException {
  constructor() {
    super('page_link_used', `This link was opened already, and works once. ${ASK_AGAIN}`);
  }
}

/** The same, when it is to be exchanged once more, or was used as it is before. */
export class PageSessionAlreadyOpened extends DomainException {
  constructor() {
    super(
      'page_session_already_opened',
      `This link was opened already, and can be exchanged once. ${ASK_AGAIN}`,
      {},
      'conflict',
    );
  }
}

/** Somebody asked for the page of somebody else. */
export class PageOfAnotherUser extends DomainException {
  constructor(userId: string, role: string, scope: PageScope) {
    super(
      'page_of_another_user',
      scope === 'admin'
        ? 'The admin page can be opened for oneself alone. Leave user_id out, or ask for the scope "billing".'
        : 'The billing page of another user can be opened by the role admin alone. Leave user_id out to open your own.',
      { user_id: userId, role, scope },
    );
  }
}

export class AdminPageForAdmins extends DomainException {
  constructor(role: string) {
    super(
      'admin_page_for_admins',
      `The admin page is for users of the role admin, and this one has the role ${role}. Open the billing page instead.`,
      { role },
    );
  }
}

/** Otherwise a link of one hour would last for ever. */
export class PageSessionNotProlonged extends DomainException {
  constructor() {
    super(
      'page_session_not_prolonged',
      'A session of the page cannot begin another one. Ask for a new link where this one came from.',
    );
  }
}

export class TooManyPageSessions extends DomainException {
  constructor(open: number, firstExpiry: Date, now: Date) {
    const seconds = Math.max(1, Math.ceil((firstExpiry.getTime() - now.getTime()) / 1000));
    super(
      'too_many_page_sessions',
      `This user has ${open} open sessions of the page, and may have ${MOST_OPEN_PAGE_SESSIONS}. ` +
        `Try again in ${seconds} s, when the first of them is over, or have them closed by an operator.`,
      { open, allowed: MOST_OPEN_PAGE_SESSIONS, retry_after_seconds: seconds },
      'too_many',
    );
  }
}

/** A key has its user's whole role, and lasts: whoever holds an operator's page for an hour would operate for ever. */
export class PageMintsNoOperatorKey extends DomainException {
  constructor(userId: string) {
    super(
      'page_mints_no_operator_key',
      'A session of the page cannot make an API key for a user of the role admin. Use the API with a key, or the command line.',
      { user_id: userId, role: 'admin' },
    );
  }
}
