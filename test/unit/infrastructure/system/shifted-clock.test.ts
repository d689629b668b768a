import { jest } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { ShiftedClock } from '#infrastructure/system/shifted-clock';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { RecordingLog } from '#test/support/fakes/recording-log';

const HOUR_MS = 3_600_000;

let stored: number | null;
let exists: boolean;
let broken: boolean;
let world: ManualClock;
let log: RecordingLog;

/** The one row of the table, as PostgreSQL answers it. */
const database = {
  query: async (sql: string, values: readonly unknown[] = []) => {
    if (broken) throw new Error('Connection terminated');
    if (sql.includes('to_regclass')) return [{ exists }];
    if (sql.startsWith('insert')) stored = Math.max(stored ?? 0, values[0] as number);
    return stored === null ? [] : [{ offset_ms: String(stored) }];
  },
} as unknown as DataSource;

const start = () => ShiftedClock.start(database, world, log);

beforeEach(() => {
  jest.useFakeTimers();
  [stored, exists, broken, world, log] = [null, true, false, new ManualClock(), new RecordingLog()];
});
afterEach(() => {
  jest.useRealTimers();
});

describe('the clock of a sandbox', () => {
  it('is the world’s until it is moved, and goes on from there', async () => {
    const clock = await start();
    expect(clock.now()).toEqual(world.now());
    await clock.moveTo(new Date(world.now().getTime() + HOUR_MS), true);
    world.advance(60);
    expect(clock.now().getTime() - world.now().getTime()).toBe(HOUR_MS);
    expect([clock.offsetMs, stored]).toEqual([HOUR_MS, HOUR_MS]);
    await clock.stop();
  });

  it('never goes back, whoever moves it', async () => {
    stored = 2 * HOUR_MS;
    const clock = await start();
    await clock.moveTo(new Date(world.now().getTime() + HOUR_MS), true);
    expect([clock.offsetMs, stored]).toEqual([2 * HOUR_MS, 2 * HOUR_MS]);
    await clock.stop();
  });

  it('never goes back by what was asked for before it was moved, and is answered after', async () => {
    const clock = await start();
    jest.advanceTimersByTime(500);
    await clock.moveTo(new Date(world.now().getTime() + HOUR_MS), false);
    await clock.stop();
    expect(clock.offsetMs).toBe(HOUR_MS);
  });

  it('hears within a second that another process has moved it', async () => {
    const clock = await start();
    stored = HOUR_MS;
    await jest.advanceTimersByTimeAsync(clock.spreadMs);
    expect([clock.offsetMs, clock.spreadMs <= 1000]).toEqual([HOUR_MS, true]);
    await clock.stop();
    stored = 2 * HOUR_MS;
    await jest.advanceTimersByTimeAsync(5000);
    expect(clock.offsetMs).toBe(HOUR_MS);
  });

  it('goes on while the database is away, says so, and hears the next time', async () => {
    const clock = await start();
    broken = true;
    await jest.advanceTimersByTimeAsync(500);
    expect([clock.offsetMs, log.lines]).toMatchObject([0, [{ level: 'warn' }]]);
    [broken, stored] = [false, HOUR_MS];
    await jest.advanceTimersByTimeAsync(1000);
    expect(clock.offsetMs).toBe(HOUR_MS);
    await clock.stop();
  });

  it('forgets what was moved for a look alone, and keeps it meanwhile', async () => {
    stored = HOUR_MS;
    const clock = await start();
    await clock.moveTo(new Date(world.now().getTime() + 5 * HOUR_MS), false);
    await jest.advanceTimersByTimeAsync(1000);
    expect([clock.offsetMs, stored]).toEqual([5 * HOUR_MS, HOUR_MS]);
    await clock.restore();
    expect(clock.offsetMs).toBe(HOUR_MS);
    await clock.stop();
  });

  it('is the world’s in a database that does not know of it yet', async () => {
    [exists, stored] = [false, HOUR_MS];
    const clock = await start();
    await jest.advanceTimersByTimeAsync(5000);
    expect(clock.offsetMs).toBe(0);
    await clock.stop();
  });
});
