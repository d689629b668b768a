import type { User } from '#domain/accounts/user';
import type { RateCard } from '#domain/providers/rate-card';
import type { Session } from '#domain/sessions/session';
import { BillingPeriod } from '#domain/usage/billing-period';
import type { PeriodReset } from '#domain/usage/period-reset';
import type { UsageLog } from '#domain/usage/usage-log';
import type { UsageBucket } from '#domain/usage/usage-totals';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { SqlUsageReport } from '#infrastructure/usage/sql-usage-report';
import { ANCHOR, at, august, Given, newId, NOW, october, september } from '../../contracts/given.js';
import { type PostgresWorld, postgresWorld } from '../../contracts/postgres-world.js';

let world: PostgresWorld;
let report: SqlUsageReport;
let card: RateCard;
const given = new Given(() => world);

beforeAll(async () => {
  world = await postgresWorld();
  report = new SqlUsageReport(world.transaction as TypeOrmTransaction);
  card = await given.rateCard({ provider: 'sandbox' });
});
afterAll(() => world.close());

/** A new session and one entry of it. */
const logged = async (user: User, of: Partial<UsageLog> = {}, period: BillingPeriod = september): Promise<Session> => {
  const session = await given.session(user, { period });
  await given.log(session, card, { periodStart: period.start, ...of });
  return session;
};

/** Resets as the product does, as far as counters and reports depend on it. */
const reset = async (
  user: User,
  newStart: Date,
  ended: BillingPeriod,
  previousAnchor: Date | null = ANCHOR,
): Promise<PeriodReset> => {
  const made: PeriodReset = {
    ...{
      id: newId<'PeriodReset'>(),
      userId: user.id,
      previousStart: previousAnchor,
      previousAnchor,
      endedPeriod: ended,
    },
    ...{ newStart, actor: 'test', reason: 'test', createdAt: newStart },
  };
  await world.transaction.run(() => world.resets.add(made));
  return made;
};
const undo = (made: PeriodReset): Promise<void> =>
  world.transaction.run(() => world.resets.undo(made, { actor: 'test', reason: 'test', at: NOW }));

describe('the totals of billing periods', () => {
  it('are the counters, and the log by type and by provider', async () => {
    const user = await given.user();
    const session = await logged(user, { countedSeconds: 61, costMicros: 6100n, fileBytes: 1000 });
    const first = (await world.logs.listOfSession(session.id, user.id))[0]!;
    const free = { countedSeconds: 0, countedTranscriptions: 0, billable: false, costMicros: 0n } as const;
    const retry = { transcriptionType: 'retry_failed', parentLogId: first.id, ...free } as const;
    await given.log(session, card, { ...retry, attempt: 2, outcome: 'failed' });
    await given.log(session, card, { ...retry, attempt: 3, fileBytes: 5000 });
    const openai = await given.rateCard({ provider: 'openai' });
    const again = { transcriptionType: 'retry_success', parentLogId: first.id } as const;
    await given.log(session, openai, { ...again, attempt: 4, countedSeconds: 59, costMicros: 5900n });

    const [totals] = await report.totalsOf([september], user.id);
    expect([totals!.sessions, totals!.used.seconds, totals!.transcriptions]).toEqual([1, 120, 2]);
    expect(shown(totals!.all)).toEqual([4, 1, 120, 12_000n]);
    expect(totals!.byType.map(({ type, ...share }) => [type, ...shown(share)])).toEqual([
      ['original', 1, 0, 61, 6100n],
      ['retry_failed', 2, 1, 0, 0n],
      ['retry_success', 1, 0, 59, 5900n],
    ]);
    expect(totals!.byProvider.map(({ provider, ...share }) => [provider, ...shown(share)])).toEqual([
      ['openai', 1, 0, 59, 5900n],
      ['sandbox', 3, 1, 61, 6100n],
    ]);
    expect(totals!.largestFileBytes).toBe(976_000);
  });

  it('come in the order asked for, empty periods included, and never count a period for another', async () => {
    const user = await given.user();
    await logged(user, { countedSeconds: 10 }, august);
    await logged(user, { countedSeconds: 20 }, september);
    await logged(user, { countedSeconds: 30 }, september);
    const totals = await report.totalsOf([october, september, august], user.id);
    expect(totals.map(({ sessions, used, all }) => [sessions, used.seconds, all.counted.seconds])).toEqual([
      [0, 0, 0],
      [2, 50, 50],
      [1, 10, 10],
    ]);
    expect(totals[0]!.byType.map(({ runs }) => runs)).toEqual([0, 0, 0]);
    expect(totals[0]!.largestFileBytes).toBeNull();
  });

  it('are of nobody else', async () => {
    const [user, other] = [await given.user(), await given.user()];
    await logged(other);
    expect((await report.totalsOf([september], user.id))[0]!.all.runs).toBe(0);
  });

  it('of the open period are everything counted there', async () => {
    const user = await given.user({ currentMonthStart: null, periodAnchor: null });
    await logged(user, {}, BillingPeriod.open);
    const [totals] = await report.totalsOf([BillingPeriod.open], user.id);
    expect([totals!.sessions, totals!.all.runs]).toEqual([1, 1]);
  });

  it('take in what was counted under resets that were undone, one in the other', async () => {
    const user = await given.user();
    await logged(user, { countedSeconds: 1 });
    const [first, second] = [at('2025-09-10T00:00:00.000Z'), at('2025-09-12T00:00:00.000Z')];
    const [one, two] = [first, second].map((start) => BillingPeriod.containing(start, start)) as [
      BillingPeriod,
      BillingPeriod,
    ];
    const made = await reset(user, first, september);
    await logged(user, { countedSeconds: 10 }, one);
    const madeThen = await reset(user, second, one, first);
    await logged(user, { countedSeconds: 100 }, two);
    await undo(madeThen);
    expect((await report.totalsOf([one], user.id))[0]!.all.counted.seconds).toBe(110);
    await undo(made);
    const [totals] = await report.totalsOf([september], user.id);
    expect([totals!.sessions, totals!.used.seconds, totals!.all.counted.seconds, totals!.all.runs]).toEqual([
      3, 111, 111, 3,
    ]);

    const lifetime = await report.lifetime(user.id);
    expect([lifetime.sessions, lifetime.used.seconds, lifetime.transcriptions]).toEqual([3, 111, 3]);
  });
});

describe('the lifetime totals', () => {
  it('are all periods together', async () => {
    const user = await given.user();
    await logged(user, { countedSeconds: 10, costMicros: 1n }, august);
    await logged(user, { countedSeconds: 20, costMicros: 2n }, september);
    const { sessions, used, transcriptions, cost } = await report.lifetime(user.id);
    expect([sessions, used.seconds, transcriptions, cost.micros]).toEqual([2, 30, 2, 3n]);
  });

  it('of who has used nothing are zeros', async () => {
    const { sessions, used, cost } = await report.lifetime((await given.user()).id);
    expect([sessions, used.seconds, cost.micros]).toEqual([0, 0, 0n]);
  });
});

describe('the resets that stand', () => {
  it('are those that were not undone, oldest first', async () => {
    const user = await given.user();
    const [first, second, third] = ['2025-09-05', '2025-09-07', '2025-09-09'].map((day) =>
      at(`${day}T00:00:00.000Z`),
    ) as [Date, Date, Date];
    await reset(user, first, september);
    const made = await reset(user, second, BillingPeriod.containing(first, first), first);
    await undo(made);
    await reset(user, third, BillingPeriod.containing(first, first), first);
    expect(await report.standingResets(user.id)).toEqual([
      { previousAnchor: ANCHOR, newStart: first },
      { previousAnchor: first, newStart: third },
    ]);
  });
});

describe('the buckets of a trend', () => {
  const starts = (buckets: readonly UsageBucket[]): string[] => buckets.map(({ start }) => start.toISOString());
  const buckets = (
    user: User,
    from: string,
    to: string,
    by: 'day' | 'week' | 'month',
  ): Promise<readonly UsageBucket[]> => report.buckets({ from: at(from), to: at(to), by }, user.id);

  it('are all UTC days of the span, empty ones included', async () => {
    const user = await given.user();
    expect(starts(await buckets(user, '2025-02-27T23:59:59.999Z', '2025-03-02T00:00:00.000Z', 'day'))).toEqual([
      '2025-02-27T00:00:00.000Z',
      '2025-02-28T00:00:00.000Z',
      '2025-03-01T00:00:00.000Z',
      '2025-03-02T00:00:00.000Z',
    ]);
  });

  it('are whole ISO weeks and calendar months that the span touches', async () => {
    const user = await given.user();
    expect(starts(await buckets(user, '2025-09-18T12:00:00.000Z', '2025-09-29T00:00:00.000Z', 'week'))).toEqual([
      '2025-09-15T00:00:00.000Z',
      '2025-09-22T00:00:00.000Z',
      '2025-09-29T00:00:00.000Z',
    ]);
    expect(starts(await buckets(user, '2025-01-31T12:00:00.000Z', '2025-03-01T00:00:00.000Z', 'month'))).toEqual([
      '2025-01-01T00:00:00.000Z',
      '2025-02-01T00:00:00.000Z',
      '2025-03-01T00:00:00.000Z',
    ]);
  });

  it('hold each entry and each creation on its own UTC day, from the first instant to the last', async () => {
    const user = await given.user();
    const [first, last] = [at('2025-09-18T00:00:00.000Z'), at('2025-09-18T23:59:59.999Z')];
    for (const createdAt of [first, last]) await given.session(user, { createdAt });
    const session = await given.session(user, { createdAt: at('2025-09-17T23:59:59.999Z') });
    await given.log(session, card, { completedAt: first, countedSeconds: 61, costMicros: 6100n });
    const failed = {
      outcome: 'failed',
      countedSeconds: 0,
      countedTranscriptions: 0,
      billable: false,
      costMicros: 0n,
    } as const;
    await given.log(session, card, { attempt: 2, completedAt: last, ...failed });
    await given.log(session, card, { attempt: 3, completedAt: at('2025-09-19T00:00:00.000Z') });

    const found = await buckets(user, '2025-09-17T00:00:00.000Z', '2025-09-19T12:00:00.000Z', 'day');
    expect(
      found.map(({ sessions, counted, transcriptions, completed, failed: failures, cost }) => [
        ...[sessions, counted.seconds, transcriptions, completed, failures, cost.micros],
      ]),
    ).toEqual([
      [1, 0, 0, 0, 0, 0n],
      [2, 61, 1, 1, 1, 6100n],
      [0, 61, 1, 1, 0, 6100n],
    ]);
  });

  it('count sessions that were deleted, since usage survives deletion', async () => {
    const user = await given.user();
    const session = await given.session(user);
    await given.saved(session.deleted(NOW));
    const [bucket] = await buckets(user, NOW.toISOString(), NOW.toISOString(), 'day');
    expect(bucket!.sessions).toBe(1);
  });

  it('hold nothing that is later than now', async () => {
    const user = await given.user();
    await logged(user, { completedAt: at('2025-09-20T12:00:00.001Z') });
    expect((await buckets(user, '2025-09-20T00:00:00.000Z', '2025-09-20T12:00:00.000Z', 'day'))[0]!.completed).toBe(0);
  });

  it('are the same whatever time zone the connection has', async () => {
    const user = await given.user();
    await logged(user, { completedAt: at('2025-09-18T00:30:00.000Z') });
    const found = await world.transaction.run(async () => {
      await (world.transaction as TypeOrmTransaction).writer.query(`set local time zone 'America/Los_Angeles'`);
      return buckets(user, '2025-09-17T00:00:00.000Z', '2025-09-18T12:00:00.000Z', 'day');
    });
    expect(found.map(({ start, completed }) => [start.toISOString(), completed])).toEqual([
      ['2025-09-17T00:00:00.000Z', 0],
      ['2025-09-18T00:00:00.000Z', 1],
    ]);
  });
});

function shown({
  runs,
  failed,
  counted,
  cost,
}: {
  runs: number;
  failed: number;
  counted: { seconds: number };
  cost: { micros: bigint };
}): unknown[] {
  return [runs, failed, counted.seconds, cost.micros];
}
