import type { UserId } from '#domain/accounts/user';
import type { PlanLimits } from '#domain/plans/plan-limits';
import type { SessionId } from '#domain/sessions/session';
import { Duration } from '#domain/shared/duration';
import type { BillingPeriod } from '#domain/usage/billing-period';
import type { Hold } from '#domain/usage/hold';
import type { HoldRepository } from '#domain/usage/hold-repository';
import { PeriodUsage } from '#domain/usage/period-usage';
import { InMemoryPeriodUsage } from './in-memory-period-usage.js';
import { admits } from './in-memory-session-repository.js';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

export class InMemoryHoldRepository implements HoldRepository {
  private readonly rows: Table<Hold>;
  private readonly counters: InMemoryPeriodUsage;

  constructor(private readonly transaction: InMemoryTransaction) {
    this.rows = transaction.table('holds');
    this.counters = new InMemoryPeriodUsage(transaction);
  }

  async placeWithin(hold: Hold, period: BillingPeriod, limits: PlanLimits): Promise<boolean> {
    this.transaction.mustHold(`user ${hold.userId}`);
    const key = `${hold.sessionId}:${hold.attempt}`;
    if (this.rows.has(key)) throw new Error(`Attempt ${key} has a hold already.`);
    if (this.counters.of(hold.userId, period.start).merged) return false;
    this.counters.add(hold.userId, period.start, {});
    const usage = await this.usageIn(period, hold.userId, hold.placedAt);
    const admitted = admits(() =>
      hold.transcriptions === 1 ? limits.admitTranscription(usage, hold.duration, period) : limits.admitRun(usage),
    );
    if (admitted) this.rows.put(key, hold);
    return admitted;
  }

  async ofAttempt(sessionId: SessionId, attempt: number, userId: UserId): Promise<Hold> {
    const hold = this.rows.get(`${sessionId}:${attempt}`);
    if (hold?.userId !== userId) throw new Error(`Attempt ${attempt} of session ${sessionId} has no hold.`);
    return hold;
  }

  async close(hold: Hold): Promise<void> {
    this.transaction.mustRun();
    const key = `${hold.sessionId}:${hold.attempt}`;
    if (this.rows.get(key)?.state === 'open') this.rows.put(key, hold);
  }

  async usageIn(period: BillingPeriod, userId: UserId, now: Date): Promise<PeriodUsage> {
    const { sessions, seconds, transcriptions } = this.counters.of(userId, period.start);
    const running = this.rows.all().filter((hold) => hold.userId === userId && hold.countsAt(now));
    const here = running.filter(({ periodStart }) => periodStart?.getTime() === period.start?.getTime());
    return new PeriodUsage(
      sessions,
      Duration.ofSeconds(seconds),
      transcriptions,
      here.reduce((sum, hold) => sum.plus(hold.duration), Duration.zero),
      here.reduce((sum, hold) => sum + hold.transcriptions, 0),
      running.length,
    );
  }

  async listExpiredBefore(instant: Date, limit: number): Promise<readonly Hold[]> {
    return this.rows
      .all()
      .filter(({ state, expiresAt }) => state === 'open' && expiresAt < instant)
      .sort((one, other) => one.expiresAt.getTime() - other.expiresAt.getTime())
      .slice(0, limit);
  }
}
