import { GetRetranscriptionEstimate } from '#application/sessions/get-retranscription-estimate';
import { ProviderUnknown } from '#application/sessions/transcribers';
import { RecordingGone, WrongTranscriptionKind } from '#application/sessions/transcription-start';
import { ModelNotPriced } from '#domain/providers/rate-card';
import { InvalidStatusTransition } from '#domain/sessions/session';
import { SessionNotFound } from '#domain/sessions/session-repository';
import { aFailure } from '#test/support/builders/reports';
import { aRecordedSession } from '#test/support/builders/sessions';
import { DatabaseGone, failingAt } from '#test/support/failing';
import { ScriptedTranscriber } from '#test/support/fakes/scripted-transcriber';
import { refusalOf } from '#test/support/refusals';
import { type SessionPorts, SessionWorld } from '#test/support/session-world';

const asking = (world: SessionWorld, instead: Partial<SessionPorts> = {}) => {
  const { users, plans, transcribers, rateCards, sessions, logs, holds } = { ...portsOf(world), ...instead };
  return new GetRetranscriptionEstimate(users, plans, transcribers, rateCards, sessions, logs, holds, world.clock);
};
const portsOf = ({ users, plans, transcribers, rateCards, sessions, logs, holds }: SessionWorld) => ({
  ...{ users, plans, transcribers, rateCards, sessions, logs, holds },
});

async function aCompletedSession(seconds: number, options: ConstructorParameters<typeof SessionWorld>[0] = {}) {
  const world = new SessionWorld(options);
  const user = await world.user();
  const session = await world.given(aRecordedSession(user.id, { seconds }));
  await world.start(session);
  await world.land(session, 1);
  const estimate = (sttProvider: string | null = null) => asking(world).execute(session.id, user.id, sttProvider);
  return { world, user, session, estimate };
}

describe('GetRetranscriptionEstimate', () => {
  it('is the measured length by the price of today, and holds nothing', async () => {
    const { world, user, estimate } = await aCompletedSession(90);
    const usage = await world.usageOf(user);
    expect(await estimate()).toMatchObject({
      ...{ duration: { seconds: 90 }, cost: { micros: 9000n }, price: world.price, confidence: 0.9 },
      ...{ remaining: 200 * 60 - 90, fits: true },
    });
    expect(await world.usageOf(user)).toEqual(usage);
    expect(world.allHolds.map(({ state }) => state)).toEqual(['settled']);
  });

  it.each([
    [3, true],
    [2, false],
  ])('says of a plan of %i minutes that 90 seconds more after 90 used fit: %p', async (minutes, fits) => {
    const { estimate } = await aCompletedSession(90, { free: { minutes } });
    expect(await estimate()).toMatchObject({ remaining: minutes * 60 - 90, fits });
  });

  it('counts what is held like what is used', async () => {
    const { world, user, estimate } = await aCompletedSession(90, {
      free: { minutes: 3, concurrentTranscriptions: 9 },
    });
    await world.start(await world.given(aRecordedSession(user.id, { seconds: 1 })));
    expect(await estimate()).toMatchObject({ remaining: 89, fits: false });
  });

  it('always fits where minutes are unlimited', async () => {
    const { estimate } = await aCompletedSession(90, { free: { minutes: 'unlimited' } });
    expect(await estimate()).toMatchObject({ remaining: 'unlimited', fits: true });
  });

  it('prices another provider by its own rate, and promises nothing of one that is not priced or not configured', async () => {
    const { world, estimate } = await aCompletedSession(60, {
      others: [new ScriptedTranscriber('openai', 'whisper-1')],
    });
    expect(await refusalOf(estimate('openai'))).toBeInstanceOf(ModelNotPriced);
    expect(await refusalOf(estimate('nobody'))).toBeInstanceOf(ProviderUnknown);
    const price = { provider: 'openai', model: 'whisper-1', microsPerMinute: 1n };
    world.rateCards.add(
      Object.assign(Object.create(Object.getPrototypeOf(world.price)) as typeof world.price, world.price, price),
    );
    expect(await estimate('openai')).toMatchObject({ cost: { micros: 1n }, price });
  });

  it('is for completed recordings that are still kept', async () => {
    const world = new SessionWorld();
    const user = await world.user();
    const pending = await world.given(aRecordedSession(user.id));
    const gone = await world.given(aRecordedSession(user.id, { status: 'completed', uploadKey: null }));
    const running = await world.given(aRecordedSession(user.id, { status: 'processing' }));
    const ask = (session: typeof pending) => refusalOf(asking(world).execute(session.id, user.id, null));
    expect(await ask(pending)).toMatchObject({ constructor: WrongTranscriptionKind, facts: { is: 'original' } });
    expect(await ask(gone)).toBeInstanceOf(RecordingGone);
    expect(await ask(running)).toBeInstanceOf(InvalidStatusTransition);
  });

  it('sends the owner of a failed one to the free retry', async () => {
    const world = new SessionWorld();
    const session = await world.given(aRecordedSession((await world.user()).id));
    await world.start(session);
    await world.land(session, 1, aFailure());
    const refused = await refusalOf(asking(world).execute(session.id, session.userId, null));
    expect(refused).toMatchObject({ constructor: WrongTranscriptionKind, facts: { is: 'retry_failed' } });
  });

  it('begins a new history with a new recording', async () => {
    const world = new SessionWorld();
    const session = await world.given(aRecordedSession((await world.user()).id));
    await world.start(session);
    await world.land(session, 1, aFailure());
    await world.given(aRecordedSession(session.userId, { id: session.id, attempts: 1, uploadKey: 'another' }));
    const refused = await refusalOf(asking(world).execute(session.id, session.userId, null));
    expect(refused).toMatchObject({ constructor: WrongTranscriptionKind, facts: { is: 'original' } });
  });

  it('answers a foreign session like a missing one', async () => {
    const { world, session } = await aCompletedSession(60);
    expect(await refusalOf(asking(world).execute(session.id, (await world.user()).id, null))).toBeInstanceOf(
      SessionNotFound,
    );
  });

  it('lets an outage through', async () => {
    const { world, session } = await aCompletedSession(60);
    const broken = asking(world, { holds: failingAt(world.holds, 'usageIn') });
    await expect(broken.execute(session.id, session.userId, null)).rejects.toThrow(DatabaseGone);
  });
});
