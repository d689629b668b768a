import { ListUsers } from '#application/accounts/list-users';
import type { Finding, Verdict } from '#application/operations/finding';
import type { GetDiagnosis } from '#application/operations/get-diagnosis';
import { GetHealthReport } from '#application/operations/get-health-report';
import type { SystemState } from '#application/operations/system-state';
import { NotOpened } from '#interfaces/cli/shared/surroundings';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { type FakeSystem, ran } from '../rehearsed-run.js';

/** Of a database that lacks these migrations. */
const diagnosis = (verdicts: readonly Verdict[], pending: readonly string[] = []): FakeSystem['parts'] => {
  const findings = verdicts.map((verdict, index): Finding => ({
    check: `check_${index}`,
    verdict,
    summary: `Saw ${index}.`,
    next: verdict === 'ok' ? null : `Do ${index}.`,
  }));
  const state = { pendingMigrations: async () => pending } as SystemState;
  const looked = { execute: async () => findings } as unknown as GetDiagnosis;
  return [[GetHealthReport, new GetHealthReport(state, looked, new ManualClock('2026-03-10T12:00:00.000Z'))]];
};

describe('doctor', () => {
  it.each<[Verdict[], number]>([
    [['ok', 'ok'], 0],
    [['ok', 'warning'], 0],
    [['warning', 'broken'], 65],
    [['broken', 'unavailable'], 69],
  ])('that finds %j ends with %i', async (verdicts, exitCode) => {
    const result = await ran(['doctor', '--json'], { parts: diagnosis(verdicts) });
    expect(result.exitCode).toBe(exitCode);
    const { healthy, findings } = JSON.parse(result.stdout);
    expect([healthy, findings.length]).toEqual([exitCode === 0, verdicts.length + 2]);
  });

  it('says what to do next about each finding', async () => {
    const { stdout } = await ran(['doctor'], { parts: diagnosis(['ok', 'broken']) });
    expect(stdout).toMatch(/^ok +check_0 +Saw 0\.$/m);
    expect(stdout).toMatch(/^BROKEN +check_1 +Saw 1\.\n +→ Do 1\.$/m);
  });

  it('looks no further than a schema that is behind', async () => {
    const { exitCode, stdout, opened } = await ran(['doctor'], { parts: diagnosis(['ok'], ['Second2']) });
    expect([exitCode, opened]).toEqual([69, ['any']]);
    expect(stdout).toContain('Second2');
    expect(stdout).not.toContain('check_0');
    expect(stdout).toContain('minutebook migrate');
  });

  it.each([
    ['database', 69],
    ['configuration', 78],
  ] as const)('reports a %s that keeps it from looking as a finding', async (part, code) => {
    const notOpened = new NotOpened(part, code, 'One line that says what to do.');
    const { exitCode, stdout, stderr } = await ran(['doctor', '--json'], { notOpened });
    expect([exitCode, stderr]).toEqual([code, '']);
    expect(JSON.parse(stdout)).toEqual({
      healthy: false,
      findings: [{ check: part, verdict: 'unavailable', summary: 'One line that says what to do.', next: null }],
    });
  });
});

describe('migrate', () => {
  it('runs what the database lacks, and names it', async () => {
    const { exitCode, stdout, opened } = await ran(['migrate', '--json'], { migrate: async () => ['First1'] });
    expect([exitCode, opened]).toEqual([0, ['any']]);
    expect(JSON.parse(stdout)).toEqual({ dry_run: false, changed: true, migrations: ['First1'] });
  });

  it('lists in a dry run what it would run, and runs nothing', async () => {
    const { stdout } = await ran(['migrate', '--dry-run'], {
      pendingMigrations: async () => ['First1'],
      migrate: () => Promise.reject(new Error('ran')),
    });
    expect(stdout).toBe('Would run:\n  First1\n');
  });

  it('says that the schema is current', async () => {
    expect((await ran(['migrate'])).stdout).toBe('The schema is current.\n');
  });
});

describe('seed', () => {
  const keys = [{ email: 'pro@example.com', plan: 'pro', key: 'mb_test_shown' }];

  it('migrates first, and shows the keys of the story', async () => {
    const { exitCode, stdout, stderr, opened } = await ran(['seed'], { seed: async () => ({ seeded: true, keys }) });
    expect([exitCode, opened]).toEqual([0, ['migrated']]);
    expect(stdout).toContain('pro@example.com  mb_test_shown');
    expect(stderr).toContain('shown this once');
  });

  it('leaves a database with users as it is', async () => {
    const { exitCode, stdout } = await ran(['seed', '--json'], { seed: async () => ({ seeded: false, keys: [] }) });
    expect([exitCode, JSON.parse(stdout)]).toEqual([0, { dry_run: false, changed: false, keys: [] }]);
  });

  it.each([
    [0, true],
    [4, false],
  ])('says in a dry run over %i users whether it would tell the story, and does not migrate', async (total, would) => {
    const { stdout, opened } = await ran(['seed', '--dry-run', '--json'], {
      parts: [[ListUsers, { execute: async () => ({ items: [], total }) }]],
      seed: () => Promise.reject(new Error('seeded')),
    });
    expect([opened, JSON.parse(stdout)]).toEqual([['current'], { dry_run: true, changed: would, keys: [] }]);
  });
});
