import { type PostgresWorld, postgresWorld } from '#test/contracts/postgres-world';
import { aHold, aSession, Given, NO_LIMITS, NOW, september } from '#test/contracts/given';

const TABLES = ['users', 'devices', 'sessions', 'period_usage', 'holds', 'usage_logs', 'transcripts', 'rate_cards'];

/** Two versions run side by side while the newer one is rolled out, on the schema of the newer. */
describe('a column that a newer version adds', () => {
  let world: PostgresWorld;
  // One connection, so that it is the one whose statements were prepared before.
  beforeAll(async () => (world = await postgresWorld(1)));
  afterAll(() => world?.close());
  const given = new Given(() => world);

  it('breaks no statement of a process that is running', async () => {
    const user = await given.user();
    const device = await given.device(user);
    const card = await given.rateCard();
    const work = async (attempt: number): Promise<void> => {
      expect(await world.users.get(user.id)).toEqual(user);
      expect((await world.users.getByEmail(user.email)).id).toBe(user.id);
      expect((await world.devices.findActiveByHash(device.keyHash, NOW))?.id).toBe(device.id);
      const session = aSession(user);
      const claim = { userVersion: user.version, period: september, limits: NO_LIMITS };
      expect(await world.sessions.addWithin(session, claim)).toBe(true);
      expect(await world.sessions.get(session.id, user.id)).toEqual(session);
      expect(await given.place(session, aHold(session, { attempt }), NO_LIMITS)).toBe(true);
      expect((await world.holds.ofAttempt(session.id, attempt, user.id)).attempt).toBe(attempt);
      await given.log(session, card, { attempt });
      expect(await world.logs.listOfSession(session.id, user.id)).toHaveLength(1);
      expect((await given.usage(user)).transcriptions).toBe(attempt);
      expect(await world.rateCards.get(card.id)).toEqual(card);
    };
    await work(1);
    for (const table of TABLES) await world.database.query(`alter table ${table} add column of_a_newer_version text`);
    await work(2);
  });
});
