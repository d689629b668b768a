import { Device } from '#domain/accounts/device';
import { User } from '#domain/accounts/user';
import { PlanLimits } from '#domain/plans/plan-limits';
import { RateCard } from '#domain/providers/rate-card';
import { Session, type SessionId } from '#domain/sessions/session';
import { TranscriptionAttempt } from '#domain/sessions/transcription-attempt';
import { Duration } from '#domain/shared/duration';
import type { Id } from '#domain/shared/id';
import { BillingPeriod } from '#domain/usage/billing-period';
import { Hold } from '#domain/usage/hold';
import type { PeriodUsage } from '#domain/usage/period-usage';
import { UsageLog } from '#domain/usage/usage-log';
import type { World } from './world.js';

export const newId = <Of extends string>(): Id<Of> => crypto.randomUUID() as Id<Of>;

export const at = (instant: string): Date => new Date(instant);
export const later = (instant: Date, ms: number): Date => new Date(instant.getTime() + ms);

export const HOUR = 60 * 60 * 1000;
export const ANCHOR = at('2025-09-01T09:30:00.000Z');
export const NOW = at('2025-09-20T12:00:00.000Z');
export const september = BillingPeriod.containing(NOW, ANCHOR);
export const august = BillingPeriod.containing(at('2025-08-20T12:00:00.000Z'), ANCHOR);
export const october = BillingPeriod.containing(at('2025-10-20T12:00:00.000Z'), ANCHOR);

export function aUser(of: Partial<User> = {}): User {
  const id = of.id ?? newId<'User'>();
  const user = {
    email: `${id}@example.com`,
    name: 'Ana',
    role: 'user',
    plan: 'free',
    createdAt: ANCHOR,
    ...of,
  } as const;
  const { currentMonthStart = ANCHOR, periodAnchor = ANCHOR, suspendedAt = null, version = 1 } = of;
  const { email, name, role, plan, createdAt } = user;
  return new User(id, email, name, role, plan, currentMonthStart, periodAnchor, suspendedAt, version, createdAt);
}

export function someLimits(of: Partial<PlanLimits> = {}): PlanLimits {
  const {
    sessions = 'unlimited',
    minutes = 'unlimited',
    transcriptions = 'unlimited',
    concurrentTranscriptions = 1000,
  } = of;
  return new PlanLimits('free', sessions, minutes, transcriptions, 60, ['json'], concurrentTranscriptions, 30, 1);
}

export const NO_LIMITS = someLimits();

export function aSession(user: User, of: { period?: BillingPeriod; title?: string; createdAt?: Date } = {}): Session {
  const { period = september, title = 'First meeting', createdAt = NOW } = of;
  const id = newId<'Session'>();
  const opened = { id, userId: user.id, periodStart: period.start, title, language: 'en-US', sttProvider: 'sandbox' };
  return Session.open(opened, createdAt);
}

export function aDevice(user: User, of: Partial<Device> = {}): Device {
  const { id = newId<'Device'>(), name = 'laptop', keyHash = crypto.randomUUID(), createdAt = NOW } = of;
  const { lastSeenAt = null, revokedAt = null } = of;
  return new Device(id, user.id, name, keyHash, 'mb_test_', 'aB3x', createdAt, lastSeenAt, revokedAt);
}

export function aHold(session: Session, of: Partial<Hold> = {}): Hold {
  const { id = newId<'Hold'>(), attempt = 1, seconds = 60, transcriptions = 1, placedAt = NOW } = of;
  const { periodStart = session.periodStart } = of;
  const owner = { id, userId: session.userId, sessionId: session.id, attempt, periodStart };
  return Hold.place(owner, transcriptions === 1 ? Duration.ofSeconds(seconds) : null, placedAt);
}

export function anAttempt(session: Session, rateCard: RateCard, of: { attempt?: number } = {}): TranscriptionAttempt {
  const { attempt = 1 } = of;
  const { provider, model, id } = rateCard;
  const { userId } = session;
  return new TranscriptionAttempt(
    session.id,
    attempt,
    userId,
    'original',
    provider,
    model,
    id,
    'a/b/c.mp3',
    61,
    null,
    NOW,
  );
}

export function aRateCard(of: Partial<RateCard> = {}): RateCard {
  const { id = newId<'RateCard'>(), provider = 'sandbox', model = newId(), microsPerMinute = 6000n } = of;
  return new RateCard(
    id,
    provider,
    model,
    microsPerMinute,
    of.effectiveFrom ?? at('2025-01-01T00:00:00.000Z'),
    'a test',
  );
}

/** An original, completed, counted entry unless told otherwise. */
export function aLog(session: Session, rateCard: RateCard, of: Partial<UsageLog> = {}): UsageLog {
  const plain = {
    id: newId<'UsageLog'>(),
    attempt: 1,
    periodStart: session.periodStart,
    transcriptionType: 'original',
    outcome: 'completed',
    parentLogId: null,
    countedSeconds: 61,
    countedTranscriptions: 1,
    billable: true,
    costMicros: 6100n,
    providerMetadata: { sandbox: true },
    filename: 'first.mp3',
    fileBytes: 976_000,
    completedAt: NOW,
    ...of,
  } as const;
  return new UsageLog(
    plain.id,
    session.userId,
    session.id,
    plain.attempt,
    plain.periodStart,
    plain.transcriptionType,
    plain.outcome,
    plain.parentLogId,
    `${session.userId}/${session.id}/1.mp3`,
    Math.min(plain.countedSeconds, 86_400),
    plain.countedSeconds,
    plain.countedTranscriptions,
    plain.billable,
    'transcription_completed',
    plain.costMicros,
    6100n,
    rateCard.provider,
    rateCard.model,
    rateCard.id,
    'free',
    '2026-11-01',
    { minutes: 200, sessions: 10 },
    'en-US',
    plain.filename,
    plain.fileBytes,
    plain.providerMetadata,
    later(plain.completedAt, -60_000),
    plain.completedAt,
  );
}

/** Keeps users, sessions, holds and logs in a world, by the doors that the product uses itself. */
export class Given {
  constructor(private readonly world: () => World) {}

  async user(of: Partial<User> = {}): Promise<User> {
    const user = aUser(of);
    await this.world().transaction.run(() => this.world().users.add(user));
    return user;
  }

  async session(user: User, of: Parameters<typeof aSession>[1] = {}): Promise<Session> {
    const session = aSession(user, of);
    const claim = { userVersion: user.version, period: of.period ?? september, limits: NO_LIMITS };
    if (!(await this.world().sessions.addWithin(session, claim))) throw new Error('An unlimited claim was refused.');
    return session;
  }

  async saved(session: Session): Promise<Session> {
    await this.world().transaction.run(() => this.world().sessions.save(session));
    return session;
  }

  async device(user: User, of: Partial<Device> = {}): Promise<Device> {
    const device = aDevice(user, of);
    await this.world().transaction.run(() => this.world().devices.add(device));
    return device;
  }

  async rateCard(of: Partial<RateCard> = {}): Promise<RateCard> {
    const card = aRateCard(of);
    await this.world().givenRateCard(card);
    return card;
  }

  /** Whatever the limits: held, and closed again when `of.state` says so. */
  async hold(session: Session, of: Partial<Hold> & { period?: BillingPeriod } = {}): Promise<Hold> {
    const period = of.period ?? september;
    const open = aHold(session, { periodStart: period.start, ...of });
    const { holds } = this.world();
    return this.inTransactionOf(session, async () => {
      if (!(await holds.placeWithin(open, period, NO_LIMITS))) throw new Error('An unlimited hold was refused.');
      if (of.state !== 'settled' && of.state !== 'released') return open;
      const closed = of.state === 'settled' ? open.settled(NOW) : open.released(NOW);
      await holds.close(closed);
      return closed;
    });
  }

  async log(session: Session, rateCard: RateCard, of: Partial<UsageLog> = {}): Promise<UsageLog> {
    const log = aLog(session, rateCard, of);
    await this.world().transaction.run(() => this.world().logs.append(log));
    return log;
  }

  /** Asks for a hold as the product does: in a transaction that holds the user. */
  place(session: Session, hold: Hold, limits: PlanLimits, period: BillingPeriod = september): Promise<boolean> {
    return this.inTransactionOf(session, () => this.world().holds.placeWithin(hold, period, limits));
  }

  usage(user: Pick<User, 'id'>, period: BillingPeriod = september, now: Date = NOW): Promise<PeriodUsage> {
    return this.world().holds.usageIn(period, user.id, now);
  }

  private inTransactionOf<T>({ userId }: Session, work: () => Promise<T>): Promise<T> {
    return this.world().transaction.run(async () => {
      await this.world().users.hold(userId);
      return work();
    });
  }
}

export const anotherSessionId = (): SessionId => newId<'Session'>();
