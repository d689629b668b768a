import { BillingPeriodReset, type PeriodChange } from '#application/usage/billing-period-reset';
import { BillingPeriodResetUndo } from '#application/usage/billing-period-reset-undo';
import type { User } from '#domain/accounts/user';
import { Session } from '#domain/sessions/session';
import { Duration } from '#domain/shared/duration';
import { Hold } from '#domain/usage/hold';
import type { PeriodUsage } from '#domain/usage/period-usage';
import { aCatalogue } from './builders/plans.js';
import { aUser } from './builders/users.js';
import { InMemoryHoldRepository } from './fakes/in-memory-hold-repository.js';
import { InMemoryPeriodResetRepository } from './fakes/in-memory-period-reset-repository.js';
import { InMemorySessionRepository } from './fakes/in-memory-session-repository.js';
import { InMemoryTransaction } from './fakes/in-memory-transaction.js';
import { InMemoryUserRepository } from './fakes/in-memory-user-repository.js';
import { ManualClock } from './fakes/manual-clock.js';
import { RecordingAuditLog } from './fakes/recording-audit-log.js';
import { SequentialIds } from './fakes/sequential-ids.js';

export const OPERATOR = { actor: 'cli:ada', reason: 'case 812' };

/** Users with their periods and what counts in them, over one store in memory. */
export class PeriodWorld {
  readonly clock = new ManualClock('2026-03-20T12:00:00.000Z');
  readonly ids = new SequentialIds();
  readonly transaction = new InMemoryTransaction(true);
  readonly users = new InMemoryUserRepository(this.transaction);
  readonly sessions = new InMemorySessionRepository(this.transaction);
  readonly holds = new InMemoryHoldRepository(this.transaction);
  readonly resets = new InMemoryPeriodResetRepository(this.transaction);
  readonly audit = new RecordingAuditLog(this.transaction);
  readonly plans = aCatalogue();

  /** Whose periods begin on the 15th at 9:30. */
  async user(of: Partial<User> = {}): Promise<User> {
    const user = aUser(of);
    await this.transaction.run(() => this.users.add(user));
    return user;
  }

  /** Counts so many sessions now. */
  async countSessions(user: User, sessions: number): Promise<void> {
    for (let made = 0; made < sessions; made++) await this.session(user);
  }

  async session(user: User): Promise<Session> {
    const now = this.clock.now();
    const current = await this.users.get(user.id);
    const period = current.billingPeriodAt(now);
    const opened = { id: this.ids.next<'Session'>(), userId: user.id, periodStart: period.start, title: 'One' };
    const session = Session.open({ ...opened, language: 'auto', sttProvider: 'sandbox' }, now);
    const { limits } = this.plans.get('coaching_school');
    await this.transaction.run(() =>
      this.sessions.addWithin(session, { userVersion: current.version, period, limits }),
    );
    return session;
  }

  async hold(user: User, seconds: number): Promise<Hold> {
    const now = this.clock.now();
    const session = await this.session(user);
    const period = (await this.users.get(user.id)).billingPeriodAt(now);
    const of = {
      id: this.ids.next<'Hold'>(),
      userId: user.id,
      sessionId: session.id,
      attempt: 1,
      periodStart: period.start,
    };
    const hold = Hold.place(of, Duration.ofSeconds(seconds), now);
    await this.transaction.run(async () => {
      await this.users.hold(user.id);
      await this.holds.placeWithin(hold, period, this.plans.get('coaching_school').limits);
    });
    return hold;
  }

  reset(
    user: User,
    { at = null, dryRun = false }: { at?: string | null; dryRun?: boolean } = {},
  ): Promise<PeriodChange> {
    const { users, holds, resets, audit, transaction, clock, ids } = this;
    const reset = new BillingPeriodReset(users, holds, resets, audit, transaction, clock, ids);
    return reset.execute({ userId: user.id, at: at === null ? null : new Date(at), operator: OPERATOR, dryRun });
  }

  undo(user: User, { dryRun = false }: { dryRun?: boolean } = {}): Promise<PeriodChange> {
    const { users, holds, resets, audit, transaction, clock } = this;
    const undo = new BillingPeriodResetUndo(users, holds, resets, audit, transaction, clock);
    return undo.execute(user.id, OPERATOR, { dryRun });
  }

  async usageOf(user: User): Promise<PeriodUsage> {
    const now = this.clock.now();
    return this.holds.usageIn((await this.users.get(user.id)).billingPeriodAt(now), user.id, now);
  }
}
