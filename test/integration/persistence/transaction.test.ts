import { type PostgresWorld, postgresWorld } from '#test/contracts/postgres-world';
import { Given, later, NOW } from '#test/contracts/given';

/** Two who meet: each goes on when the other has come as well. */
function meeting(): () => Promise<void> {
  let here = 0;
  let open = (): void => undefined;
  const both = new Promise<void>((resolve) => (open = resolve));
  return async () => {
    if (++here >= 2) open();
    await both;
  };
}

describe('a transaction on PostgreSQL', () => {
  let world: PostgresWorld;
  beforeAll(async () => (world = await postgresWorld()));
  afterAll(() => world?.close());
  const given = new Given(() => world);

  it('runs again when PostgreSQL ended it to dissolve a deadlock, and both of two are kept', async () => {
    const [one, other] = [await given.user(), await given.user()];
    const meet = meeting();
    let runs = 0;
    const both = (first: typeof one, second: typeof one): Promise<void> =>
      world.transaction.run(async () => {
        runs++;
        const held = await world.users.hold(first.id);
        await meet();
        const next = await world.users.hold(second.id);
        await world.users.save(held.withPlan('pro'));
        await world.users.save(next.withPlan('pro'));
      });
    await Promise.all([both(one, other), both(other, one)]);
    expect(runs).toBe(3);
    const versions = [await world.users.get(one.id), await world.users.get(other.id)].map(({ version }) => version);
    expect(versions).toEqual([one.version + 2, other.version + 2]);
  });

  it('does not run again for any other error', async () => {
    const user = await given.user();
    let runs = 0;
    const failing = world.transaction.run(async () => {
      runs++;
      await world.users.add(user);
    });
    await expect(failing).rejects.toThrow();
    expect(runs).toBe(1);
  });

  it('gives up when it is to run again and again, and says why', async () => {
    let runs = 0;
    const failing = world.transaction.run(async () => {
      runs++;
      await world.database.query(`do $$ begin raise exception 'again' using errcode = 'serialization_failure'; end $$`);
    });
    await expect(failing).rejects.toThrow('again');
    expect(runs).toBe(4);
  });

  it('is ended by PostgreSQL when its connection is lost, and nothing of it is kept', async () => {
    const user = await given.user();
    const lost = world.transaction.run(async () => {
      await world.users.save((await world.users.hold(user.id)).suspended(later(NOW, 1)));
      await world.database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`,
      );
      await world.users.get(user.id);
    });
    await expect(lost).rejects.toThrow();
    expect(await world.users.get(user.id)).toEqual(user);
  });
});
