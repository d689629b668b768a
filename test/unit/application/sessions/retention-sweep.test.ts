import { RetentionSweep } from '#application/sessions/retention-sweep';
import type { Session } from '#domain/sessions/session';
import { aRecordedSession, aSession } from '#test/support/builders/sessions';
import { DatabaseGone, failingAt, withMethods } from '#test/support/failing';
import { type SessionPorts, SessionWorld } from '#test/support/session-world';

const DAY = 24 * 60 * 60;

const sweeping = (world: SessionWorld, instead: Partial<SessionPorts> = {}) => {
  const { plans, sessions, transcripts, jobs } = { ...portsOf(world), ...instead };
  return new RetentionSweep(plans, sessions, transcripts, jobs, world.transaction, world.clock);
};
const portsOf = ({ plans, sessions, transcripts, jobs }: SessionWorld) => ({ plans, sessions, transcripts, jobs });

async function aCompletedSession(plan: 'free' | 'coaching_school' = 'free') {
  const world = new SessionWorld();
  const user = await world.user({ plan });
  const session = await world.given(aRecordedSession(user.id));
  await world.start(session);
  await world.land(session, 1);
  return { world, user, session };
}

describe('RetentionSweep', () => {
  it('removes recording and transcripts when the days of the plan are over, and not before', async () => {
    const { world, user, session } = await aCompletedSession();
    const usage = await world.logsOf(session);
    world.clock.advance(30 * DAY);
    expect(await sweeping(world).execute()).toBe(0);
    world.clock.advance(1);
    expect(await sweeping(world).execute()).toBe(1);
    expect(await world.now(session)).toMatchObject({
      status: 'completed',
      title: session.title,
      uploadKey: null,
      durationSeconds: 61,
      deletedAt: null,
    });
    expect(world.transaction.table('transcripts').all()).toEqual([]);
    expect(world.jobs.of('remove_recording')).toMatchObject([
      { payload: { uploadKey: session.uploadKey }, runAt: null },
    ]);
    expect(await world.logsOf(session)).toEqual(usage);
    expect(
      (await world.holds.usageIn(user.billingPeriodAt(new Date('2026-03-10T12:00:00Z')), user.id, world.clock.now()))
        .used.seconds,
    ).toBe(61);
  });

  it('finds nothing more the second time', async () => {
    const { world } = await aCompletedSession();
    world.clock.advance(31 * DAY);
    await sweeping(world).execute();
    expect(await sweeping(world).execute()).toBe(0);
    expect(world.jobs.of('remove_recording')).toHaveLength(1);
  });

  it('never removes anything from a plan that keeps for ever', async () => {
    const { world, session } = await aCompletedSession('coaching_school');
    world.clock.advance(9999 * DAY);
    expect(await sweeping(world).execute()).toBe(0);
    expect((await world.now(session)).uploadKey).toBe(session.uploadKey);
  });

  it('measures by the plan as it is now', async () => {
    const { world, user, session } = await aCompletedSession('coaching_school');
    world.clock.advance(31 * DAY);
    await world.transaction.run(async () => world.users.save((await world.users.hold(user.id)).withPlan('free')));
    expect(await sweeping(world).execute()).toBe(1);
    expect((await world.now(session)).uploadKey).toBeNull();
  });

  it.each([
    ['uploading', aSession],
    ['pending', aRecordedSession],
  ] as const)('fails a session that is still %s, so that its owner can upload again', async (status, make) => {
    const world = new SessionWorld();
    const session = await world.given(make((await world.user()).id, { uploadKey: 'k' }));
    expect(session.status).toBe(status);
    world.clock.advance(31 * DAY);
    await sweeping(world).execute();
    const failed = await world.now(session);
    expect(failed).toMatchObject({ status: 'failed', error: 'recording_expired', uploadKey: null });
    expect(failed.awaitUpload('again', 'again.mp3', world.clock.now()).status).toBe('uploading');
  });

  it('leaves a recording alone that is being transcribed', async () => {
    const world = new SessionWorld();
    const session = await world.given(aRecordedSession((await world.user()).id));
    await world.start(session);
    world.clock.advance(31 * DAY);
    expect(await sweeping(world).execute()).toBe(0);
  });

  it('leaves a session alone that was used between look and leap', async () => {
    const { world, session } = await aCompletedSession();
    world.clock.advance(31 * DAY);
    const sessions = withMethods(world.sessions, {
      listBeyondRetention: async (since, limit) => {
        const found = await world.sessions.listBeyondRetention(since, limit);
        for (const one of found) await world.given(one.renamed('Still mine', world.clock.now()));
        return found;
      },
    });
    expect(await sweeping(world, { sessions }).execute()).toBe(0);
    expect(await world.now(session)).toMatchObject({ title: 'Still mine', uploadKey: session.uploadKey });
  });

  it('takes more than one batch, and stops when a batch leads nowhere', async () => {
    const world = new SessionWorld();
    const user = await world.user();
    for (let made = 0; made < 230; made++) await world.given(aRecordedSession(user.id, { status: 'completed' }));
    world.clock.advance(31 * DAY);
    const stale = (await world.sessions.listBeyondRetention(new Map([['free', world.clock.now()]]), 100)) as Session[];
    const changed = stale.map((one) => one.renamed('x', new Date(0)));
    const stuck = withMethods(world.sessions, { listBeyondRetention: async () => changed });
    expect(await sweeping(world, { sessions: stuck }).execute()).toBe(0);
    expect(await sweeping(world).execute()).toBe(230);
  });

  it('keeps what it has done when the database goes away, and each session whole', async () => {
    const world = new SessionWorld();
    const user = await world.user();
    for (let made = 0; made < 3; made++) await world.given(aRecordedSession(user.id, { status: 'completed' }));
    world.clock.advance(31 * DAY);
    const transcripts = failingAt(world.transcripts, 'removeAll', { after: 1 });
    await expect(sweeping(world, { transcripts }).execute()).rejects.toThrow(DatabaseGone);
    expect(world.jobs.of('remove_recording')).toHaveLength(1);
    expect(await sweeping(world).execute()).toBe(2);
  });
});
