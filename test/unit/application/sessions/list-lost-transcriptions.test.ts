import { ListLostTranscriptions } from '#application/sessions/list-lost-transcriptions';
import { HOLD_LIFETIME_MS } from '#domain/usage/hold';
import { aRecordedSession } from '#test/support/builders/sessions';
import { SessionWorld } from '#test/support/session-world';

const LIFETIME = HOLD_LIFETIME_MS / 1000;
const GRACE = 10 * 60;

describe('ListLostTranscriptions', () => {
  it('names an attempt whose hold expired more than ten minutes ago, and not before', async () => {
    const world = new SessionWorld();
    const session = await world.given(aRecordedSession((await world.user()).id));
    await world.start(session);
    const lost = () => new ListLostTranscriptions(world.holds, world.clock).execute();
    world.clock.advance(LIFETIME + GRACE);
    expect(await lost()).toEqual([]);
    world.clock.advance(0.001);
    expect(await lost()).toEqual([{ sessionId: session.id, attempt: 1 }]);
  });

  it('names none that has landed', async () => {
    const world = new SessionWorld();
    const session = await world.given(aRecordedSession((await world.user()).id));
    await world.start(session);
    await world.land(session, 1);
    world.clock.advance(LIFETIME + GRACE + 1);
    expect(await new ListLostTranscriptions(world.holds, world.clock).execute()).toEqual([]);
  });

  it('names the oldest first, of all users', async () => {
    const world = new SessionWorld();
    const sessions = [];
    for (let made = 0; made < 3; made++) {
      const session = await world.given(aRecordedSession((await world.user()).id));
      await world.start(session);
      sessions.push(session.id);
      world.clock.advance(1);
    }
    world.clock.advance(LIFETIME + GRACE);
    const lost = await new ListLostTranscriptions(world.holds, world.clock).execute();
    expect(lost.map(({ sessionId }) => sessionId)).toEqual(sessions);
  });
});
