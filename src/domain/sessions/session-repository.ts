import type { UserId } from '../accounts/user.js';
import type { PlanLimits } from '../plans/plan-limits.js';
import { DomainException } from '../shared/domain-exception.js';
import type { Page, PageOf } from '../shared/page.js';
import type { BillingPeriod } from '../usage/billing-period.js';
import type { Session, SessionId, SessionStatus } from './session.js';

/** What a new session was admitted by; the store admits it only while all of this is still true. */
export interface SessionClaim {
  readonly userVersion: number;
  readonly period: BillingPeriod;
  readonly limits: PlanLimits;
}

export abstract class SessionRepository {
  /**
   * Counts the session in its period and keeps it, in one step that no other request can come between, or does
   * nothing and answers false: because the limits admit no more, or because the user is no longer the one that the
   * claim was phrased for. Decides as `limits.admitSession` does. Needs no transaction; joins a running one.
   */
  abstract addWithin(session: Session, claim: SessionClaim): Promise<boolean>;

  /** Throws SessionNotFound, also for a foreign and for a deleted one. */
  abstract get(id: SessionId, userId: UserId): Promise<Session>;

  /** Like get, also when it was deleted meanwhile: the worker still has to finish what was paid for. */
  abstract getEvenDeleted(id: SessionId, userId: UserId): Promise<Session>;

  /** Like get, and nobody else may hold or save it until the running transaction ends. */
  abstract hold(id: SessionId, userId: UserId): Promise<Session>;

  /** Like hold, also when it was deleted meanwhile: paid work still has to be settled. */
  abstract holdEvenDeleted(id: SessionId, userId: UserId): Promise<Session>;

  /** Only for a session held in the running transaction. */
  abstract save(session: Session): Promise<void>;

  /** Newest first, without deleted ones. */
  abstract list(
    userId: UserId,
    filter: { readonly status: SessionStatus | null; readonly page: Page },
  ): Promise<PageOf<Session>>;

  /**
   * Sessions whose recording or transcript is older than their user's plan keeps it, oldest first: for each plan the
   * instant before which a session must have been changed last. Plans that are not named keep everything.
   */
  abstract listBeyondRetention(keptSince: ReadonlyMap<string, Date>, limit: number): Promise<readonly Session[]>;
}

export class SessionNotFound extends DomainException {
  constructor(session: string) {
    super('session_not_found', `There is no session ${session}.`, { session_id: session }, 'not_found');
  }
}
