import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import { Session } from '#domain/sessions/session';
import { SessionRepository } from '#domain/sessions/session-repository';
import { DomainException } from '#domain/shared/domain-exception';
import { HoldRepository } from '#domain/usage/hold-repository';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { Telemetry } from '../ports/telemetry.js';
import { UseCase } from '../use-case.js';
import { Transcribers } from './transcribers.js';

export interface NewSession {
  readonly userId: UserId;
  readonly title: string;
  readonly language: string;
  /** A configured provider, or `auto`. */
  readonly sttProvider: string;
}

/** A claim is phrased again when the user changed in between; more often than this is a fault, not a race. */
const MOST_CLAIMS = 8;

/**
 * Opens a session for a user whose plan still has room in the current billing period.
 *
 * The hot path of the product: with a user seen in the last second it is one statement. The user may be that old
 * because the statement admits nothing unless the user is still the one that the claim was phrased for.
 */
@UseCase()
export class SessionCreation {
  constructor(
    private readonly users: UserRepository,
    private readonly plans: PlanCatalog,
    private readonly transcribers: Transcribers,
    private readonly sessions: SessionRepository,
    private readonly usage: HoldRepository,
    private readonly telemetry: Telemetry,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
  ) {}

  /** Throws LimitExceeded, UserNotFound, UserSuspended, PlanUnknown and ProviderUnknown. */
  async execute({ userId, title, language, sttProvider }: NewSession): Promise<Session> {
    const { provider } = this.transcribers.get(sttProvider);
    let user = await this.users.recent(userId);
    for (let claim = 1; claim <= MOST_CLAIMS; claim++) {
      const now = this.clock.now();
      const period = user.billingPeriodAt(now);
      const { limits } = this.plans.get(user.plan);
      const session = Session.open(
        { id: this.ids.next(), userId, periodStart: period.start, title, language, sttProvider: provider },
        now,
      );
      if (await this.sessions.addWithin(session, { userVersion: user.version, period, limits })) {
        this.telemetry.sessionCreated(user.plan);
        return session;
      }

      user = await this.users.get(userId);
      user.mustBeActive();
      const current = user.billingPeriodAt(this.clock.now());
      const usage = await this.usage.usageIn(current, userId, this.clock.now());
      this.plans.get(user.plan).limits.admitSession(usage, current);
    }
    throw new AccountBusy();
  }
}

export class AccountBusy extends DomainException {
  constructor() {
    super(
      'account_busy',
      'This account is being changed over and over. Nothing was done; try again.',
      {},
      'unavailable',
    );
  }
}
