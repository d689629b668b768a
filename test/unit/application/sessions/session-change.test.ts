import { SessionChange } from '#application/sessions/session-change';
import { InvalidStatusTransition } from '#domain/sessions/session';
import { SessionNotFound, type SessionRepository } from '#domain/sessions/session-repository';
import { InvalidValue } from '#domain/shared/domain-exception';
import { aRecordedSession, aSession } from '#test/support/builders/sessions';
import { DatabaseGone, failingAt } from '#test/support/failing';
import { refusalOf } from '#test/support/refusals';
import { SessionWorld } from '#test/support/session-world';

const changing = (world: SessionWorld, sessions: SessionRepository = world.sessions) =>
  new SessionChange(sessions, world.transaction, world.clock);

describe('SessionChange', () => {
  it('renames a session whatever its status, and says when', async () => {
    const world = new SessionWorld();
    const session = await world.given(aRecordedSession((await world.user()).id, { status: 'processing' }));
    const renamed = await changing(world).execute(session.id, session.userId, { title: 'Tuesday', status: null });
    expect(renamed).toMatchObject({ title: 'Tuesday', status: 'processing', updatedAt: world.clock.now() });
    expect(await world.now(session)).toEqual(renamed);
  });

  it.each(['uploading', 'pending'] as const)('cancels a session that is %s', async (status) => {
    const world = new SessionWorld();
    const session = await world.given(aRecordedSession((await world.user()).id, { status }));
    const cancelled = await changing(world).execute(session.id, session.userId, { title: null, status: 'cancelled' });
    expect(cancelled).toMatchObject({ status: 'cancelled', title: session.title });
  });

  it.each(['processing', 'completed', 'failed', 'cancelled'] as const)(
    'cannot cancel a session that is %s, and then does not rename it either',
    async (status) => {
      const world = new SessionWorld();
      const session = await world.given(aRecordedSession((await world.user()).id, { status }));
      const refused = await refusalOf(
        changing(world).execute(session.id, session.userId, { title: 'x', status: 'cancelled' }),
      );
      expect([refused.constructor, refused.facts]).toEqual([
        InvalidStatusTransition,
        { from: status, to: 'cancelled' },
      ]);
      expect(await world.now(session)).toEqual(session);
    },
  );

  it('refuses to change nothing', async () => {
    const world = new SessionWorld();
    const session = await world.given(aSession((await world.user()).id));
    const refused = await refusalOf(changing(world).execute(session.id, session.userId, { title: null, status: null }));
    expect([refused.constructor, refused.code]).toEqual([InvalidValue, 'nothing_to_change']);
  });

  it('answers a foreign session like a missing one', async () => {
    const world = new SessionWorld();
    const session = await world.given(aSession((await world.user()).id));
    const stranger = await world.user();
    const refused = await refusalOf(changing(world).execute(session.id, stranger.id, { title: 'Mine', status: null }));
    expect(refused).toBeInstanceOf(SessionNotFound);
  });

  it('keeps both of two changes at the same time', async () => {
    const world = new SessionWorld();
    const session = await world.given(aRecordedSession((await world.user()).id));
    await Promise.all([
      changing(world).execute(session.id, session.userId, { title: 'Tuesday', status: null }),
      changing(world).execute(session.id, session.userId, { title: null, status: 'cancelled' }),
    ]);
    expect(await world.now(session)).toMatchObject({ title: 'Tuesday', status: 'cancelled' });
  });

  it('lets an outage while saving through', async () => {
    const world = new SessionWorld();
    const session = await world.given(aSession((await world.user()).id));
    const broken = changing(world, failingAt(world.sessions, 'save'));
    await expect(broken.execute(session.id, session.userId, { title: 'x', status: null })).rejects.toThrow(
      DatabaseGone,
    );
    expect(await world.now(session)).toEqual(session);
  });
});
