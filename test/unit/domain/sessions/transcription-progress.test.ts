import { SESSION_STATUSES } from '#domain/sessions/session';
import { progressOf } from '#domain/sessions/transcription-progress';
import { aRecordedSession, aSession } from '#test/support/builders/sessions';
import { aUser } from '#test/support/builders/users';

const user = aUser();
const START = new Date('2026-03-10T12:00:00.000Z');
const after = (seconds: number) => new Date(START.getTime() + seconds * 1000);

describe('the progress of a session', () => {
  it.each([
    ['uploading', 0],
    ['pending', 5],
    ['completed', 100],
    ['failed', 0],
    ['cancelled', 0],
  ] as const)('of a session that is %s is %i percent, with no end in sight', (status, percent) => {
    const progress = progressOf(aSession(user.id, { status }), null, START);
    expect(progress).toMatchObject({ percent, estimatedCompletion: null });
    expect(progress.message).not.toBe('');
  });

  it('grows with the time, from 10 to just below 95 percent', () => {
    // 600 seconds of audio: half a minute, and a minute of work.
    const session = aRecordedSession(user.id, { status: 'processing', seconds: 600 });
    const percents = [0, 45, 89.9].map((seconds) => progressOf(session, START, after(seconds)).percent);
    expect(percents).toEqual([10, 52, 94]);
    expect(progressOf(session, START, after(45)).estimatedCompletion).toEqual(after(90));
  });

  it('never claims to be done before it is, and does not invent an end when it takes longer', () => {
    const session = aRecordedSession(user.id, { status: 'processing', seconds: 600 });
    for (const seconds of [90, 91, 100_000]) {
      const progress = progressOf(session, START, after(seconds));
      expect(progress).toMatchObject({ percent: 95, estimatedCompletion: null });
      expect(progress.message).toContain('longer than expected');
    }
  });

  it('does not go backwards when clocks disagree', () => {
    const session = aRecordedSession(user.id, { status: 'processing' });
    expect(progressOf(session, START, after(-60)).percent).toBe(10);
    expect(progressOf(session, null, START).percent).toBe(10);
  });

  it('says why a session failed', () => {
    const failed = aSession(user.id, { status: 'failed', error: 'timed_out' });
    expect(progressOf(failed, START, START).message).toBe('The session failed: timed_out');
  });

  it('knows every status', () => {
    for (const status of SESSION_STATUSES) {
      const { percent } = progressOf(aRecordedSession(user.id, { status }), START, START);
      expect(percent).toBeGreaterThanOrEqual(0);
      expect(percent).toBeLessThanOrEqual(100);
    }
  });
});
