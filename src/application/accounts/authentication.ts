import { DeviceRepository, type DeviceId } from '#domain/accounts/device';
import { type PageSession, PageSessionRepository, PageSessionUnknown } from '#domain/accounts/page-session';
import type { Role } from '#domain/accounts/role';
import type { UserId } from '#domain/accounts/user';
import { UserNotFound, UserRepository } from '#domain/accounts/user-repository';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { ApiKeys } from './api-keys.js';
import { AccessTokens } from './access-tokens.js';
import { CallerCache } from './caller-cache.js';
import { PageSecrets } from './page-secrets.js';

/** Who is asking, as far as a request needs to know. */
export interface Caller {
  readonly userId: UserId;
  readonly role: Role;
  /** The API key that was used; null for an access token of the product's own identity provider, and for the page. */
  readonly deviceId: DeviceId | null;
}

/** Somebody at the billing page. */
export interface PageCaller extends Caller {
  readonly pageSession: PageSession;
}

export function pageSessionOf(caller: Caller): PageSession | null {
  return 'pageSession' in caller ? (caller as PageCaller).pageSession : null;
}

/** Turns what a request presents into a caller. */
@UseCase()
export class Authentication {
  constructor(
    private readonly keys: ApiKeys,
    private readonly tokens: AccessTokens,
    private readonly devices: DeviceRepository,
    private readonly users: UserRepository,
    private readonly callers: CallerCache,
    private readonly clock: Clock,
    private readonly pageSecrets: PageSecrets,
    private readonly pageSessions: PageSessionRepository,
  ) {}

  /**
   * The caller that a bearer credential stands for, or null when it stands for nobody. A warm key is answered from
   * memory for less than a second, which is how long a revoked one can still be used. The token of a link to the page that is used
   * here can no longer be exchanged for a cookie.
   * Throws UserSuspended, IdentityProviderUnavailable, and the refusals of PageSession that say to ask for a new link.
   */
  async execute(credential: string): Promise<Caller | null> {
    const known = this.remembered(credential);
    if (known) return known;
    const pageHash = this.pageSecrets.tokenHashOf(credential);
    if (pageHash !== null) return this.remember(credential, await this.pageCaller(await this.byPageToken(pageHash)));
    const hash = this.keys.hashOf(credential);
    if (hash === null) return this.byToken(credential);
    const device = await this.devices.findActiveByHash(hash, this.clock.now());
    if (!device) return null;
    return this.remember(credential, await this.callerFor(device.userId, device.id));
  }

  /**
   * The caller that the page's cookie stands for. Remembered like keys are.
   * Throws UserSuspended and the refusals of PageSession that say to ask for a new link.
   */
  async byCookie(cookie: string): Promise<PageCaller> {
    // No bearer has a blank in it, so neither passes for the other while it is warm.
    const key = `cookie ${cookie}`;
    const known = this.remembered(key);
    if (known) return known as PageCaller;
    const hash = this.pageSecrets.cookieHashOf(cookie);
    const session = hash === null ? null : await this.pageSessions.findByCookie(hash);
    if (!session) throw new PageSessionUnknown();
    return this.remember(key, await this.pageCaller(session));
  }

  private remembered(credential: string): Caller | null {
    const known = this.callers.get(credential);
    if (known) pageSessionOf(known)?.mustBeOpenAt(this.clock.now());
    return known;
  }

  private remember<T extends Caller>(credential: string, caller: T): T {
    this.callers.set(credential, caller);
    return caller;
  }

  private async byPageToken(tokenHash: string): Promise<PageSession> {
    const now = this.clock.now();
    const session = await this.pageSessions.findByToken(tokenHash);
    if (!session) throw new PageSessionUnknown();
    session.mustTakeTokenAt(now);
    if (session.openedAs === 'bearer') return session;
    const opened = await this.pageSessions.open(tokenHash, { as: 'bearer' }, now);
    if (opened) return opened;
    // Another request was first: with the same use of it, or with the exchange.
    const other = await this.pageSessions.findByToken(tokenHash);
    if (!other) throw new PageSessionUnknown();
    other.mustTakeTokenAt(now);
    return other;
  }

  private async pageCaller(pageSession: PageSession): Promise<PageCaller> {
    pageSession.mustBeOpenAt(this.clock.now());
    const { userId, role } = await this.callerFor(pageSession.userId, null);
    // The page of one's own bill needs no more than that, whoever reads it.
    return { userId, role: pageSession.scope === 'admin' ? role : 'user', deviceId: null, pageSession };
  }

  private async byToken(credential: string): Promise<Caller | null> {
    const userId = await this.tokens.subjectOf(credential);
    if (userId === null) return null;
    try {
      return await this.callerFor(userId, null);
    } catch (error) {
      // The identity provider knows somebody whom nobody registered here: to us that is nobody.
      if (error instanceof UserNotFound) return null;
      throw error;
    }
  }

  private async callerFor(userId: UserId, deviceId: DeviceId | null): Promise<Caller> {
    const user = await this.users.get(userId);
    user.mustBeActive();
    return { userId, role: user.role, deviceId };
  }
}
