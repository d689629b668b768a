import { UsageVerification, type VerificationReport } from '#application/usage/usage-verification';
import type { User } from '#domain/accounts/user';
import type { RateCard } from '#domain/providers/rate-card';
import { BillingPeriod } from '#domain/usage/billing-period';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { SqlUsageReconciliation } from '#infrastructure/usage/sql-usage-reconciliation';
import { aLog, at, august, Given, newId, NOW, september } from '../../contracts/given.js';
import { anAttempt } from '../../contracts/given.js';
import { type PostgresWorld, postgresWorld } from '../../contracts/postgres-world.js';

let world: PostgresWorld;
let card: RateCard;
const given = new Given(() => world);

beforeAll(async () => {
  world = await postgresWorld();
  card = await given.rateCard();
});
afterAll(() => world.close());

const verify = (user: User | null): Promise<VerificationReport> =>
  new UsageVerification(new SqlUsageReconciliation(world.transaction as TypeOrmTransaction)).execute(user?.id ?? null);

/** A user with entries in two periods, whose book is right. */
const story = async (): Promise<User> => {
  const user = await given.user();
  for (const period of [august, september]) {
    const session = await given.session(user, { period });
    await given.log(session, card, { periodStart: period.start, countedSeconds: 61 });
  }
  return user;
};

const change = (user: User, what: string): Promise<unknown> =>
  world.database.query(`update period_usage set ${what} where user_id = $1 and period_start = $2`, [
    user.id,
    september.start,
  ]);

describe('the verification of the book', () => {
  it('finds a book right that the product wrote', async () => {
    const user = await story();
    expect(await verify(user)).toEqual({ checked: 2, findings: [], truncated: false });
  });

  it.each([
    ['sessions', 'sessions = 3', 3n, 1n],
    ['seconds', 'seconds = seconds - 1', 60n, 61n],
    ['transcriptions', 'transcriptions = 0', 0n, 1n],
  ] as const)('names a counter of %s that is not what its entries make', async (counter, what, stored, recomputed) => {
    const user = await story();
    await change(user, what);
    expect((await verify(user)).findings).toEqual([
      { kind: 'counter_differs', userId: user.id, periodStart: september.start, counter, stored, recomputed },
    ]);
  });

  it('names every counter of a period that has entries and no counters', async () => {
    const user = await story();
    await world.database.query(`delete from period_usage where user_id = $1 and period_start = $2`, [
      user.id,
      september.start,
    ]);
    const { findings } = await verify(user);
    expect(findings).toEqual(
      ['seconds', 'sessions', 'transcriptions'].map((counter) =>
        expect.objectContaining({ counter, stored: null, periodStart: september.start }),
      ),
    );
  });

  it('names entries of a period that nothing else knows of', async () => {
    const user = await given.user();
    const session = await given.session(user);
    await world.transaction.run(async () => {
      await given.session(user, { period: august });
      await world.logs.append(aLog(session, card, { periodStart: august.start, countedSeconds: 7 }));
    });
    await world.database.query(`alter table sessions disable trigger sessions_are_kept`);
    await world.database.query(`delete from sessions where user_id = $1 and period_start = $2`, [
      user.id,
      august.start,
    ]);
    await world.database.query(`alter table sessions enable trigger sessions_are_kept`);
    await world.database.query(`delete from period_usage where user_id = $1 and period_start = $2`, [
      user.id,
      august.start,
    ]);
    expect((await verify(user)).findings).toMatchObject([
      { counter: 'seconds', periodStart: august.start, stored: null, recomputed: 7n },
      { counter: 'transcriptions', stored: null, recomputed: 1n },
    ]);
  });

  it('tells of the open period by null', async () => {
    const user = await given.user({ currentMonthStart: null, periodAnchor: null });
    await given.session(user, { period: BillingPeriod.open });
    await world.database.query(`update period_usage set sessions = 0 where user_id = $1`, [user.id]);
    expect((await verify(user)).findings).toMatchObject([{ counter: 'sessions', periodStart: null, stored: 0n }]);
  });

  it('counts where it counts now what was logged under resets that were undone', async () => {
    const user = await story();
    const start = at('2025-09-15T08:00:00.000Z');
    const since = BillingPeriod.containing(start, start);
    const made = {
      ...{
        id: newId<'PeriodReset'>(),
        userId: user.id,
        previousStart: september.start,
        previousAnchor: september.start,
      },
      ...{ endedPeriod: september, newStart: start, actor: 'test', reason: 'test', createdAt: NOW },
    };
    await world.transaction.run(() => world.resets.add(made));
    await given.log(await given.session(user, { period: since }), card, { countedSeconds: 6 });
    await world.transaction.run(() => world.resets.undo(made, { actor: 'test', reason: 'test', at: NOW }));
    expect((await verify(user)).findings).toEqual([]);
    await change(user, 'seconds = seconds - 6');
    expect((await verify(user)).findings).toMatchObject([{ counter: 'seconds', stored: 61n, recomputed: 67n }]);
  });

  it('names a hold that is open and belongs to no attempt', async () => {
    const user = await given.user();
    const session = await given.session(user);
    const hold = await given.hold(session);
    expect((await verify(user)).findings).toMatchObject([
      { kind: 'open_hold_without_attempt', userId: user.id, sessionId: session.id, attempt: 1, holdId: hold.id },
    ]);
    await world.transaction.run(() => world.attempts.add(anAttempt(session, card)));
    expect((await verify(user)).findings).toEqual([]);
  });

  it('names an entry whose hold is still open', async () => {
    const user = await given.user();
    const session = await given.session(user);
    await given.hold(session);
    await world.transaction.run(() => world.attempts.add(anAttempt(session, card)));
    const log = await given.log(session, card);
    expect((await verify(user)).findings).toMatchObject([
      { kind: 'log_with_open_hold', sessionId: session.id, attempt: 1, logId: log.id },
    ]);
  });

  it('names a session that is completed without an entry', async () => {
    const user = await given.user();
    const session = await given.session(user);
    await world.database.query(`update sessions set status = 'completed', attempts = 1 where id = $1`, [session.id]);
    expect((await verify(user)).findings).toMatchObject([
      { kind: 'completed_session_without_log', sessionId: session.id, attempt: 1, logId: null, holdId: null },
    ]);
    const failed = {
      outcome: 'failed',
      countedSeconds: 0,
      countedTranscriptions: 0,
      billable: false,
      costMicros: 0n,
    } as const;
    await given.log(session, card, failed);
    expect((await verify(user)).findings).toHaveLength(1);
    await given.log(session, card, { attempt: 2, transcriptionType: 'original' });
    expect((await verify(user)).findings).toEqual([]);
  });

  it('looks at one user, or at everybody', async () => {
    const [right, wrong] = [await story(), await story()];
    await change(wrong, 'sessions = 9');
    expect((await verify(right)).findings).toEqual([]);
    const { findings, checked } = await verify(null);
    expect(findings).toContainEqual(expect.objectContaining({ userId: wrong.id, counter: 'sessions', stored: 9n }));
    expect(findings).not.toContainEqual(expect.objectContaining({ userId: right.id }));
    expect(checked).toBeGreaterThanOrEqual(4);
  });

  it('is not disturbed by work under way, since counter and entry appear together', async () => {
    const user = await given.user();
    let writing = true;
    const writer = (async () => {
      for (let made = 0; made < 40; made++) {
        const session = await given.session(user);
        await given.log(session, card);
      }
      writing = false;
    })();
    let looked = 0;
    while (writing) {
      expect((await verify(user)).findings.filter(({ kind }) => kind === 'counter_differs')).toEqual([]);
      looked++;
    }
    await writer;
    expect(looked).toBeGreaterThan(0);
  });
});
