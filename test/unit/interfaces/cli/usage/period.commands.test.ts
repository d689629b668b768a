import { AllEndedPeriodsReset, type ResetProgress } from '#application/usage/all-ended-periods-reset';
import {
  BillingPeriodReset,
  type PeriodChange,
  type PeriodResetRequest,
} from '#application/usage/billing-period-reset';
import { BillingPeriodResetUndo } from '#application/usage/billing-period-reset-undo';
import { UsageReport } from '#application/usage/usage-report';
import type { User } from '#domain/accounts/user';
import { Duration } from '#domain/shared/duration';
import { NothingToUndo, type PeriodResetId } from '#domain/usage/period-reset';
import { PeriodUsage } from '#domain/usage/period-usage';
import { runCli } from '#interfaces/cli/cli';
import { aSystem } from '../a-system.js';
import { ran } from '../rehearsed-run.js';

const because = ['--reason', 'case 812'];
const AT = new Date('2026-03-12T00:00:00.000Z');

function changeOf(user: User, done: boolean): PeriodChange {
  const next = user.beginPeriod(AT);
  const usage = new PeriodUsage(9, Duration.ofSeconds(3601), 8, Duration.zero, 0, 0);
  return {
    user: done ? next : user,
    before: { period: user.billingPeriodAt(AT), anchor: user.periodAnchor, usage },
    after: { period: next.billingPeriodAt(AT), anchor: AT, usage: usage.carriedOver },
    reset: {
      id: 'reset' as PeriodResetId,
      userId: user.id,
      previousStart: user.currentMonthStart,
      previousAnchor: user.periodAnchor,
      endedPeriod: user.billingPeriodAt(AT),
      newStart: AT,
      actor: 'cli:tester',
      reason: 'case 812',
      createdAt: AT,
    },
    done,
  };
}

async function aReset(): Promise<{ system: Parameters<typeof ran>[1]; asked: PeriodResetRequest[]; id: string }> {
  const { system, givenUser } = aSystem();
  const user = await givenUser();
  const asked: PeriodResetRequest[] = [];
  const execute = async (request: PeriodResetRequest): Promise<PeriodChange> => {
    asked.push(request);
    return changeOf(user, !request.dryRun);
  };
  return { system: { parts: [...system.parts!, [BillingPeriodReset, { execute }]] }, asked, id: user.id };
}

describe('period reset', () => {
  it('asks for the reset with the instant, the reason and who it is', async () => {
    const { system, asked, id } = await aReset();
    const { exitCode } = await ran(['period', 'reset', '--user', id, '--at', '2026-03-12', ...because], system);
    expect(exitCode).toBe(0);
    const operator = { actor: 'cli:tester', reason: 'case 812' };
    expect(asked).toEqual([{ userId: id, at: AT, operator, dryRun: false }]);
  });

  it('shows the period and what counts in it, before and after', async () => {
    const { system } = await aReset();
    const { stdout, stderr } = await ran(['period', 'reset', '--email', 'ada@example.com', ...because], system);
    expect(stdout).toMatch(/period_start +2026-03-10T12:00:00.000Z → 2026-03-12T00:00:00.000Z/);
    expect(stdout).toMatch(/used_minutes +61 → 0/);
    expect(stderr).toContain('minutebook period undo');
  });

  it('tells scripts the same, and of a dry run that it was one', async () => {
    const { system, asked } = await aReset();
    const { exitCode, stdout } = await ran(
      ['period', 'reset', '--email', 'ada@example.com', '--dry-run', '--json'],
      system,
    );
    expect([exitCode, asked[0]?.dryRun, asked[0]?.at]).toEqual([0, true, null]);
    expect(JSON.parse(stdout)).toMatchObject({
      dry_run: true,
      reset_id: null,
      email: 'ada@example.com',
      before: { sessions: 9, used_seconds: 3601 },
      after: { period_start: '2026-03-12T00:00:00.000Z', sessions: 0 },
    });
  });

  it.each([
    ['nobody', [...because]],
    ['a user and everybody', ['--all-ended', '--user', 'x', ...because]],
    ['an instant for everybody', ['--all-ended', '--at', '2026-03-09', ...because]],
    ['no reason', ['--all-ended']],
    ['an instant without an offset', ['--email', 'a@b.c', '--at', '2026-03-09T10:00', ...because]],
  ])('is a mistake in the command line with %s', async (_, args) => {
    expect(await ran(['period', 'reset', ...args])).toMatchObject({ exitCode: 64, stdout: '', opened: [] });
  });
});

describe('period reset --all-ended', () => {
  const args = ['period', 'reset', '--all-ended', ...because];

  /** Three batches of 30 000 each; `during` runs after each of them is kept. */
  const inBatches = (during: () => void = () => undefined, left = 0) => ({
    execute: async (
      _: unknown,
      { dryRun }: { dryRun: boolean },
      progress: (so: ResetProgress) => void = () => undefined,
    ) => {
      for (let batch = 1; batch <= 3; batch++) {
        during();
        progress({ seen: batch * 30_000, moved: batch * 30_000 });
      }
      return { seen: 90_000, moved: 90_000, left, done: !dryRun };
    },
  });

  it('says how many were moved, and on the way how far it is', async () => {
    const { exitCode, stdout, stderr } = await ran(args, { parts: [[AllEndedPeriodsReset, inBatches()]] });
    expect([exitCode, stdout]).toEqual([0, 'Brought 90000 users whose period had ended into the current one.\n']);
    expect(stderr).toBe(
      [30_000, 60_000, 90_000].map((moved) => `Users brought into their current period: ${moved}\n`).join(''),
    );
  });

  it('says of a dry run that it was one', async () => {
    const { stdout } = await ran([...args, '--dry-run', '--json'], { parts: [[AllEndedPeriodsReset, inBatches()]] });
    expect(JSON.parse(stdout)).toEqual({ dry_run: true, changed: true, interrupted: false, moved: 90_000, left: 0 });
  });

  it('tells of users who were busy all the time', async () => {
    const { exitCode, stderr } = await ran(args, { parts: [[AllEndedPeriodsReset, inBatches(() => undefined, 2)]] });
    expect(exitCode).toBe(0);
    expect(stderr).toContain('2 users were busy');
  });

  it('ends after the batch that runs when it is interrupted, says what is kept, and ends with 130', async () => {
    let batches = 0;
    const interruption = new AbortController();
    const interruptAt = (batch: number) => () => ++batches === batch && interruption.abort();
    const reset = inBatches(interruptAt(2));
    const { system } = aSystem();
    const written = { stdout: '', stderr: '' };
    const parts = new Map<unknown, unknown>([...system.parts!, [AllEndedPeriodsReset, reset]]);
    const exitCode = await runCli([...args, '--json'], {
      stdout: { write: (text) => (written.stdout += text) },
      stderr: { write: (text) => (written.stderr += text) },
      actor: 'cli:tester',
      version: '1.2.3',
      open: async () => ({
        get: <T>(key: unknown) => parts.get(key) as T,
        pendingMigrations: async () => [],
        migrate: async () => [],
        seed: async () => ({ seeded: false, keys: [] }),
        close: async () => undefined,
      }),
      interruptible: (work) => work(interruption.signal),
    });
    expect([exitCode, batches]).toEqual([130, 2]);
    expect(JSON.parse(written.stdout)).toMatchObject({ interrupted: true, moved: 60_000 });
  });
});

describe('period undo and period show', () => {
  it('undo shows what goes back, and is a conflict when nothing is left to undo', async () => {
    const { system, givenUser } = aSystem();
    const user = await givenUser();
    const undoOf = (execute: () => Promise<PeriodChange>): Parameters<typeof ran>[1] => ({
      parts: [...system.parts!, [BillingPeriodResetUndo, { execute }]],
    });
    const args = ['period', 'undo', '--user', user.id, ...because];
    const { exitCode, stdout } = await ran(
      args,
      undoOf(async () => changeOf(user, true)),
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Took back the latest reset of ada@example.com');
    const nothing = await ran(
      args,
      undoOf(() => Promise.reject(new NothingToUndo(user.id))),
    );
    expect(nothing.exitCode).toBe(73);
    expect(nothing.stderr).toContain('minutebook period show');
  });

  it('show the period, its anchor and the latest reset', async () => {
    const { system, givenUser } = aSystem();
    const user = await givenUser();
    const standingResets = async () => [{ previousAnchor: null, newStart: AT }];
    const { stdout } = await ran(['period', 'show', '--user', user.id, '--json'], {
      parts: [...system.parts!, [UsageReport, { standingResets }]],
    });
    expect(JSON.parse(stdout)).toEqual({
      user_id: user.id,
      email: 'ada@example.com',
      period_start: '2026-03-10T12:00:00.000Z',
      resets_at: '2026-04-10T12:00:00.000Z',
      anchor: '2026-03-10T12:00:00.000Z',
      days_left: 31,
      resets: 1,
      last_reset_at: '2026-03-12T00:00:00.000Z',
    });
  });
});
