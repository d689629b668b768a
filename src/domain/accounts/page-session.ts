import { DomainException } from '../shared/domain-exception.js';
import type { Id } from '../shared/id.js';
import type { UserId } from './user.js';

export type PageSessionId = Id<'PageSession'>;

/** `billing`: one user's own page, with the role `user`. `admin`: the operators' page, with the user's own role. */
export const PAGE_SCOPES = ['billing', 'admin'] as const;
export type PageScope = (typeof PAGE_SCOPES)[number];

/** What the token of the link became at its first use: it was exchanged for a cookie, or it is sent with every request. */
export type PageOpening = 'cookie' | 'bearer';

/** From its creation, however it is opened and whatever is done with it. */
export const PAGE_SESSION_MS = 60 * 60 * 1000;

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
  ) {}

  static begun(of: Pick<PageSession, 'id' | 'userId' | 'scope' | 'tokenHash' | 'returnUrl'>, now: Date): PageSession {
    const expiresAt = new Date(now.getTime() + PAGE_SESSION_MS);
    return new PageSession(of.id, of.userId, of.scope, of.tokenHash, null, null, of.returnUrl, now, expiresAt, null);
  }

  /** Throws PageSessionEnded and PageSessionExpired. */
  mustBeOpenAt(now: Date): void {
    if (this.endedAt !== null) throw new PageSessionEnded(this.endedAt);
    if (now >= this.expiresAt) throw new PageSessionExpired(this.expiresAt);
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
    super('page_session_ended', `This session of the billing page was signed out. ${ASK_AGAIN}`, {
      ended_at: at.toISOString(),
    });
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
      'A session of the page cannot begin another one for the same user. Ask for a new link where this one came from.',
    );
  }
}
