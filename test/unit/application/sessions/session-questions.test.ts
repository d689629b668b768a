import { GetSession } from '#application/sessions/get-session';
import { GetSessionStatus } from '#application/sessions/get-session-status';
import { ListSessions } from '#application/sessions/list-sessions';
import { ListTranscribers } from '#application/sessions/list-transcribers';
import { SessionNotFound } from '#domain/sessions/session-repository';
import { aFailure } from '#test/support/builders/reports';
import { aRecordedSession, aSession } from '#test/support/builders/sessions';
import { DatabaseGone, failingAt } from '#test/support/failing';
import { ScriptedTranscriber } from '#test/support/fakes/scripted-transcriber';
import { refusalOf } from '#test/support/refusals';
import { SessionWorld } from '#test/support/session-world';

const page = (limit: number, offset = 0) => ({ limit, offset });

describe('GetSession', () => {
  it('answers one’s own session, and a foreign or deleted one like a missing one', async () => {
    const world = new SessionWorld();
    const [owner, stranger] = [await world.user(), await world.user()];
    const session = await world.given(aSession(owner.id));
    const deleted = await world.given(aSession(owner.id, { deletedAt: world.clock.now() }));
    const get = new GetSession(world.sessions);
    expect(await get.execute(session.id, owner.id)).toEqual(session);
    expect(await refusalOf(get.execute(session.id, stranger.id))).toBeInstanceOf(SessionNotFound);
    expect(await refusalOf(get.execute(deleted.id, owner.id))).toBeInstanceOf(SessionNotFound);
  });
});

describe('ListSessions', () => {
  it('lists one’s own sessions that are not deleted, newest first, in pages and by status', async () => {
    const world = new SessionWorld();
    const [owner, stranger] = [await world.user(), await world.user()];
    const at = (day: number) => ({ createdAt: new Date(`2026-03-0${day}T00:00:00.000Z`) });
    const first = await world.given(aSession(owner.id, at(1)));
    const second = await world.given(aRecordedSession(owner.id, { status: 'failed', ...at(2) }));
    const third = await world.given(aSession(owner.id, at(3)));
    await world.given(aSession(owner.id, { ...at(4), deletedAt: world.clock.now() }));
    await world.given(aSession(stranger.id, at(5)));
    const list = new ListSessions(world.sessions);
    expect(await list.execute(owner.id, { status: null, page: page(2) })).toEqual({ items: [third, second], total: 3 });
    expect(await list.execute(owner.id, { status: null, page: page(2, 2) })).toEqual({ items: [first], total: 3 });
    expect(await list.execute(owner.id, { status: 'failed', page: page(9) })).toEqual({ items: [second], total: 1 });
  });

  it('does not take an outage for an empty list', async () => {
    const world = new SessionWorld();
    const user = await world.user();
    const list = new ListSessions(failingAt(world.sessions, 'list'));
    await expect(list.execute(user.id, { status: null, page: page(1) })).rejects.toThrow(DatabaseGone);
  });
});

describe('GetSessionStatus', () => {
  it('measures progress from the start of the latest attempt', async () => {
    const world = new SessionWorld();
    const session = await world.given(aRecordedSession((await world.user()).id, { seconds: 600 }));
    const status = () =>
      new GetSessionStatus(world.sessions, world.attempts, world.clock).execute(session.id, session.userId);
    expect(await status()).toMatchObject({ startedAt: null, progress: { percent: 5 } });
    await world.start(session);
    world.clock.advance(1000);
    await world.land(session, 1, aFailure());
    expect(await status()).toMatchObject({ progress: { percent: 0 } });
    await world.start(session, 'retry_failed');
    const startedAt = world.clock.now();
    world.clock.advance(45);
    expect(await status()).toMatchObject({ startedAt, session: { status: 'processing' }, progress: { percent: 52 } });
    await world.land(session, 2);
    expect(await status()).toMatchObject({ startedAt, progress: { percent: 100, estimatedCompletion: null } });
  });

  it('answers a foreign session like a missing one', async () => {
    const world = new SessionWorld();
    const session = await world.given(aSession((await world.user()).id));
    const deed = new GetSessionStatus(world.sessions, world.attempts, world.clock);
    expect(await refusalOf(deed.execute(session.id, (await world.user()).id))).toBeInstanceOf(SessionNotFound);
  });
});

describe('ListTranscribers', () => {
  it('lists the configured ones in order, the first as the default, each with its price of today', async () => {
    const world = new SessionWorld({ others: [new ScriptedTranscriber('openai', 'whisper-1')] });
    const deed = new ListTranscribers(world.transcribers, world.rateCards, world.clock);
    expect(await deed.execute()).toEqual([
      { provider: 'sandbox', model: 'sandbox-1', isDefault: true, price: world.price },
      { provider: 'openai', model: 'whisper-1', isDefault: false, price: null },
    ]);
  });

  it('does not take an outage for a missing price', async () => {
    const world = new SessionWorld();
    const rateCards = failingAt(world.rateCards, 'priceOf');
    await expect(new ListTranscribers(world.transcribers, rateCards, world.clock).execute()).rejects.toThrow(
      DatabaseGone,
    );
  });
});
