import { type PostgresWorld, postgresWorld } from '#test/contracts/postgres-world';
import { Given, NOW } from '#test/contracts/given';

/** The tables that are evidence, with a change that would falsify each. */
const EVIDENCE: readonly (readonly [table: string, change: string])[] = [
  ['usage_logs', 'counted_seconds = 0'],
  ['usage_logs', 'cost_micros = 0'],
  ['rate_cards', 'micros_per_minute = 0'],
  ['audit_log', `actor = 'nobody'`],
  ['idempotent_answers', 'status = 200'],
];

const REFUSED = { code: '23000' };

describe('evidence cannot be changed by whoever asks the database', () => {
  let world: PostgresWorld;
  const given = new Given(() => world);

  beforeAll(async () => {
    world = await postgresWorld();
    const user = await given.user();
    const session = await given.session(user);
    await given.log(session, await given.rateCard());
    const answer = { fingerprint: 'f', status: 403, body: null };
    await world.answers.once(
      { userId: user.id, key: 'k', fingerprint: 'f', now: NOW },
      async () => ({ shown: answer, kept: answer }),
      () => null,
    );
    await world.database.query(
      `insert into audit_log (id, actor, action, created_at) values (gen_random_uuid(), 'ada', 'test', now())`,
    );
  });
  afterAll(() => world?.close());

  const ask = (sql: string): Promise<unknown> => world.database.query(sql);

  it.each(EVIDENCE)('%s: no update of %s', async (table, change) => {
    const before = await ask(`select * from ${table}`);
    await expect(ask(`update ${table} set ${change}`)).rejects.toMatchObject(REFUSED);
    expect(await ask(`select * from ${table}`)).toEqual(before);
  });

  it.each(['usage_logs', 'rate_cards', 'audit_log', 'idempotent_answers', 'sessions'])(
    '%s: no delete',
    async (table) => {
      await expect(ask(`delete from ${table}`)).rejects.toMatchObject(REFUSED);
    },
  );

  it.each(['usage_logs', 'rate_cards', 'audit_log', 'idempotent_answers', 'sessions'])(
    '%s: no truncate',
    async (table) => {
      await expect(ask(`truncate ${table} cascade`)).rejects.toMatchObject(REFUSED);
    },
  );

  it.each([
    `user_id = gen_random_uuid()`,
    `period_start = period_start - interval '1 month'`,
    `created_at = created_at - interval '1 month'`,
  ])('sessions: no update of %s, which would move what was counted', async (change) => {
    await expect(ask(`update sessions set ${change}`)).rejects.toMatchObject(REFUSED);
  });

  it('sessions: a status may change', async () => {
    await ask(`update sessions set status = 'failed'`);
  });

  it('usage_logs: not even by upsert', async () => {
    const upsert = `insert into usage_logs select * from usage_logs on conflict (session_id, attempt) do update set counted_seconds = 0`;
    await expect(ask(upsert)).rejects.toMatchObject(REFUSED);
  });

  it('period_usage: no counter falls below zero', async () => {
    await expect(ask(`update period_usage set seconds = -1`)).rejects.toMatchObject({ code: '23514' });
    await expect(ask(`update period_usage set sessions = -1`)).rejects.toMatchObject({ code: '23514' });
  });
});
