import { GetSessionBilling } from '#application/sessions/get-session-billing';
import { PlanUnknown } from '#domain/plans/plan-catalog';
import type { PlanName } from '#domain/plans/plan-name';
import { SessionNotFound } from '#domain/sessions/session-repository';
import type { UsageLogRepository } from '#domain/usage/usage-log-repository';
import { aFailure } from '#test/support/builders/reports';
import { aRecordedSession } from '#test/support/builders/sessions';
import { DatabaseGone, failingAt } from '#test/support/failing';
import { refusalOf } from '#test/support/refusals';
import { SessionWorld } from '#test/support/session-world';

const asking = (
  { sessions, users, plans, holds, clock, ...world }: SessionWorld,
  logs: UsageLogRepository = world.logs,
) => new GetSessionBilling(sessions, logs, users, plans, holds, clock);

async function aSessionWorld(seconds = 90) {
  const world = new SessionWorld();
  const user = await world.user();
  const session = await world.given(aRecordedSession(user.id, { seconds }));
  return { world, user, session, billing: () => asking(world).execute(session.id, user.id) };
}

describe('GetSessionBilling', () => {
  it('is nothing before the first result', async () => {
    const { world, session, billing } = await aSessionWorld();
    expect(await billing()).toMatchObject({
      totalCost: { micros: 0n },
      billableAttempts: 0,
      freeRetries: 0,
      history: [],
    });
    await world.start(session);
    expect(await billing()).toMatchObject({ history: [], usage: { held: { seconds: 90 } } });
  });

  it('adds up what every run has cost, oldest first, from the log alone', async () => {
    const { world, session, billing } = await aSessionWorld();
    await world.start(session);
    await world.land(session, 1, aFailure());
    await world.start(session, 'retry_failed');
    await world.land(session, 2, aFailure());
    await world.start(session, 'retry_failed');
    await world.land(session, 3);
    await world.start(session, 'retry_success');
    await world.land(session, 4);
    const { totalCost, billableAttempts, freeRetries, history } = await billing();
    expect([totalCost.micros, billableAttempts, freeRetries]).toEqual([9000n, 1, 2]);
    expect(
      history.map(({ attempt, transcriptionType, costMicros }) => [attempt, transcriptionType, costMicros]),
    ).toEqual([
      [1, 'original', 0n],
      [2, 'retry_failed', 0n],
      [3, 'retry_failed', 0n],
      [4, 'retry_success', 9000n],
    ]);
  });

  it('shows the plan of now and the period that contains now', async () => {
    const { world, session, billing } = await aSessionWorld();
    await world.start(session);
    await world.land(session, 1);
    expect(await billing()).toMatchObject({ limits: { plan: 'free' }, usage: { used: { seconds: 90 } } });
    world.clock.set('2026-04-01T00:00:00.000Z');
    const next = await billing();
    expect([next.period.start, next.usage.used.seconds, next.history.length]).toEqual([
      new Date('2026-03-15T09:30:00.000Z'),
      0,
      1,
    ]);
  });

  it('is refused to strangers, and when the plan is unknown', async () => {
    const { world, session } = await aSessionWorld();
    expect(await refusalOf(asking(world).execute(session.id, (await world.user()).id))).toBeInstanceOf(SessionNotFound);
    const lost = await world.user({ plan: 'bespoke' as PlanName });
    const theirs = await world.given(aRecordedSession(lost.id));
    expect(await refusalOf(asking(world).execute(theirs.id, lost.id))).toBeInstanceOf(PlanUnknown);
  });

  it('does not take an outage of the log for a session without costs', async () => {
    const { world, session } = await aSessionWorld();
    const broken = asking(world, failingAt(world.logs, 'listOfSession'));
    await expect(broken.execute(session.id, session.userId)).rejects.toThrow(DatabaseGone);
  });
});
