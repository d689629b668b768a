import { EXPLAINED_METRICS, type ExplainedMetric } from '#application/usage/usage-evidence';
import type { User } from '#domain/accounts/user';
import type { RateCard } from '#domain/providers/rate-card';
import { BillingPeriod } from '#domain/usage/billing-period';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { SqlUsageEvidence } from '#infrastructure/usage/sql-usage-evidence';
import { at, august, Given, later, newId, NOW, september } from '../../contracts/given.js';
import { type PostgresWorld, postgresWorld } from '../../contracts/postgres-world.js';

const PAGE = { limit: 100, offset: 0 };

let world: PostgresWorld;
let evidence: SqlUsageEvidence;
let card: RateCard;
const given = new Given(() => world);

beforeAll(async () => {
  world = await postgresWorld();
  evidence = new SqlUsageEvidence(world.transaction as TypeOrmTransaction);
  card = await given.rateCard();
});
afterAll(() => world.close());

/** Three entries of September: one that counts, one free, one paid again; one more in August. */
const story = async (): Promise<User> => {
  const user = await given.user();
  const session = await given.session(user);
  const first = await given.log(session, card, { countedSeconds: 61, costMicros: 6100n, completedAt: later(NOW, 1) });
  const free = { countedSeconds: 0, countedTranscriptions: 0, billable: false, costMicros: 0n } as const;
  const parent = { parentLogId: first.id };
  await given.log(session, card, { attempt: 2, transcriptionType: 'retry_failed', ...parent, ...free });
  await given.log(session, card, {
    ...{ attempt: 3, transcriptionType: 'retry_success', ...parent, countedSeconds: 59, costMicros: 5900n },
    completedAt: later(NOW, 2),
  });
  const old = await given.session(user, { period: august });
  await given.log(old, card, { countedSeconds: 500, periodStart: august.start });
  return user;
};

const sum = async (metric: ExplainedMetric, user: User, period = september): Promise<unknown[]> => {
  const { entries, recomputed, counter } = await evidence.sumOf(metric, period, user.id);
  return [entries, recomputed, counter];
};

describe('the evidence of a number', () => {
  it.each([
    ['minutes', 2, 120n, 120n],
    ['transcriptions', 2, 2n, 2n],
    ['sessions', 1, 1n, 1n],
    ['cost', 2, 12_000n, null],
  ] as const)('of %s adds up to the counter of its period', async (metric, entries, recomputed, counter) => {
    expect(await sum(metric, await story())).toEqual([entries, recomputed, counter]);
  });

  it('is the entries that count something, newest first', async () => {
    const user = await story();
    const lines = await evidence.lines('minutes', september, user.id, PAGE);
    expect(lines.map(({ attempt, countedSeconds, costMicros }) => [attempt, countedSeconds, costMicros])).toEqual([
      [3, 59, 5900n],
      [1, 61, 6100n],
    ]);
    expect(lines[1]).toMatchObject({
      periodStart: september.start,
      transcriptionType: 'original',
      outcome: 'completed',
      filename: 'first.mp3',
      completedAt: later(NOW, 1),
    });
  });

  it('comes in pages that overlap nowhere', async () => {
    const user = await story();
    const page = (offset: number): Promise<unknown[]> =>
      evidence
        .lines('cost', september, user.id, { limit: 1, offset })
        .then((lines) => lines.map(({ attempt }) => attempt));
    expect([await page(0), await page(1), await page(2)]).toEqual([[3], [1], []]);
  });

  it('of sessions is their creation, also of those that were deleted, which have no title any more', async () => {
    const user = await given.user();
    const kept = await given.session(user, { title: 'Kept', createdAt: NOW });
    const gone = await given.session(user, { title: 'Secret', createdAt: later(NOW, 1) });
    await given.saved(gone.deleted(later(NOW, 2)));
    expect(await sum('sessions', user)).toEqual([2, 2n, 2n]);
    const lines = await evidence.creations(september, user.id, PAGE);
    expect(lines.map(({ sessionId, title, deletedAt }) => [sessionId, title, deletedAt])).toEqual([
      [gone.id, null, later(NOW, 2)],
      [kept.id, 'Kept', null],
    ]);
  });

  it('takes in what was counted under a reset that was undone, and says where it was logged', async () => {
    const user = await given.user();
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
    await given.log(await given.session(user), card, { countedSeconds: 5 });
    await world.transaction.run(() => world.resets.add(made));
    await given.log(await given.session(user, { period: since }), card, {
      countedSeconds: 6,
      completedAt: later(NOW, 1),
    });
    await world.transaction.run(() => world.resets.undo(made, { actor: 'test', reason: 'test', at: NOW }));
    expect(await sum('minutes', user)).toEqual([2, 11n, 11n]);
    expect(await sum('sessions', user)).toEqual([2, 2n, 2n]);
    const lines = await evidence.lines('minutes', september, user.id, PAGE);
    expect(lines.map(({ periodStart }) => periodStart)).toEqual([start, september.start]);
    const creations = await evidence.creations(september, user.id, PAGE);
    expect(creations.map(({ periodStart }) => periodStart)).toEqual(expect.arrayContaining([start, september.start]));
  });

  it('is nobody else’s', async () => {
    await story();
    const stranger = await given.user();
    for (const metric of EXPLAINED_METRICS) {
      expect(await sum(metric, stranger)).toEqual([0, 0n, metric === 'cost' ? null : 0n]);
    }
    expect(await evidence.lines('minutes', september, stranger.id, PAGE)).toEqual([]);
    expect(await evidence.creations(september, stranger.id, PAGE)).toEqual([]);
  });
});

describe('the entries of a span', () => {
  it('are those completed from its start until before its end, oldest first, free ones included', async () => {
    const user = await given.user();
    const session = await given.session(user);
    const [from, to] = [at('2025-09-18T00:00:00.000Z'), at('2025-09-19T00:00:00.000Z')];
    const instants = [later(from, -1), from, later(to, -1), to];
    const free = { countedSeconds: 0, countedTranscriptions: 0, billable: false, costMicros: 0n } as const;
    for (const [index, completedAt] of instants.entries()) {
      await given.log(session, card, { attempt: index + 1, completedAt, ...free });
    }
    const found = async (limit: number): Promise<number[]> =>
      (await evidence.linesBetween({ from, to }, user.id, limit)).map(({ attempt }) => attempt);
    expect(await found(10)).toEqual([2, 3]);
    expect(await found(1)).toEqual([2]);
  });
});
