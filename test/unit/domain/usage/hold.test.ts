import type { UserId } from '#domain/accounts/user';
import type { SessionId } from '#domain/sessions/session';
import { Duration } from '#domain/shared/duration';
import { Hold, HOLD_LIFETIME_MS, type HoldId } from '#domain/usage/hold';

const NOW = new Date('2026-03-10T12:00:00.000Z');
const owner = {
  id: 'h' as HoldId,
  userId: 'u' as UserId,
  sessionId: 's' as SessionId,
  attempt: 2,
  periodStart: new Date('2026-03-01T00:00:00.000Z'),
};
const later = (ms: number): Date => new Date(NOW.getTime() + ms);

describe('a hold', () => {
  it('reserves the audio and one transcription when the work will count', () => {
    const hold = Hold.place(owner, Duration.ofSeconds(61), NOW);
    expect([hold.seconds, hold.transcriptions, hold.duration.minutes, hold.state]).toEqual([61, 1, 2, 'open']);
    expect([hold.attempt, hold.periodStart, hold.placedAt]).toEqual([2, owner.periodStart, NOW]);
  });

  it('reserves nothing of the quota for a free retry', () => {
    const hold = Hold.place(owner, null, NOW);
    expect([hold.seconds, hold.transcriptions]).toEqual([0, 0]);
  });

  it('counts from its placing until the instant it expires, and nobody has to act', () => {
    const hold = Hold.place(owner, Duration.ofSeconds(61), NOW);
    expect(hold.expiresAt).toEqual(later(HOLD_LIFETIME_MS));
    expect(hold.countsAt(NOW)).toBe(true);
    expect(hold.countsAt(later(HOLD_LIFETIME_MS - 1))).toBe(true);
    expect(hold.countsAt(later(HOLD_LIFETIME_MS))).toBe(false);
  });

  it.each(['settled', 'released'] as const)('counts no more once it is %s, and knows since when', (state) => {
    const hold = Hold.place(owner, Duration.ofSeconds(61), NOW);
    const closed = hold[state](later(1000));
    expect([closed.state, closed.closedAt, closed.countsAt(later(1001))]).toEqual([state, later(1000), false]);
    expect([hold.state, hold.closedAt]).toEqual(['open', null]);
    expect(closed).toBeInstanceOf(Hold);
  });
});
