import { CommandLine } from '../cli/command-line.js';

const because = ['--reason', 'case 812'];
let cli: CommandLine;

beforeAll(async () => {
  cli = await CommandLine.start('2026-03-15T12:00:00.000Z');
});
afterAll(() => cli?.cleanUp());

async function create(email: string): Promise<string> {
  return (await cli.json(['user', 'create', '--email', email, '--name', 'Test', ...because])).user.id;
}

const budget = (...args: readonly string[]) => cli.json(['budget', ...args]);
const audits = (action: string): Promise<unknown[]> =>
  cli.rows(`select actor, user_id, reason from audit_log where action = $1 order by created_at, id`, [action]);

describe('minutebook budget show, set and reset, over a database', () => {
  it('shows a budget that nobody configured, and the global one', async () => {
    const id = await create('ada@example.com');
    expect(await budget('show', '--email', 'ada@example.com')).toEqual({
      scope: 'user',
      user_id: id,
      email: 'ada@example.com',
      total_budget_micros: 5_000_000,
      used_budget_micros: 0,
      estimated_micros: 0,
      held_micros: 0,
      remaining_budget_micros: 5_000_000,
      available_micros: 5_000_000,
      percentage_used: 0,
      alert_level: 'green',
      strategy: 'quality_first',
      days_remaining: 17,
      projected_cost_micros: 0,
      is_over_budget: false,
      period_start: '2026-03-01T00:00:00.000Z',
      period_end: '2026-04-01T00:00:00.000Z',
      as_of: '2026-03-15T12:00:00.000Z',
      limit_micros: null,
      budget_period: 'monthly',
      custom_period_days: null,
      mode: 'block',
      alert_threshold_yellow: 50,
      alert_threshold_orange: 75,
      alert_threshold_red: 90,
      visible: true,
      can_modify: false,
      can_reset: false,
      admin_notes: null,
      configured_by: null,
    });
    expect(await budget('show', '--global')).toMatchObject({
      scope: 'global',
      user_id: null,
      email: null,
      total_budget_micros: 30_000_000,
    });
    const { stdout } = await cli.run(['budget', 'show', '--user', id]);
    expect(stdout).toContain('limit          5.00 USD monthly, as the plan says\n');
    expect(stdout).toContain('its user may   see it\n');
    expect((await cli.run(['budget', 'show', '--global'])).stdout).toContain(
      'limit          30.00 USD monthly, as the server is set\n',
    );
  });

  it('configures a user’s, tells the difference, and leaves an audit row of each change', async () => {
    const id = await create('bob@example.com');
    const bob = ['--email', 'bob@example.com'];
    const set = await budget(
      ...['set', ...bob, '--limit', '7.5', '--period', 'custom', '--days', '10', '--mode', 'fallback'],
      ...['--yellow', '40', '--orange', '60', '--red', '80', '--visible', 'true', '--can-modify', 'true'],
      ...['--can-reset', 'true', '--notes', 'pays late', ...because],
    );
    expect(set).toMatchObject({ dry_run: false, changed: true, scope: 'user', user_id: id });
    expect(set.changes).toEqual({
      limit_micros: { before: null, after: 7_500_000 },
      total_budget_micros: { before: 5_000_000, after: 7_500_000 },
      budget_period: { before: 'monthly', after: 'custom' },
      custom_period_days: { before: null, after: 10 },
      mode: { before: 'block', after: 'fallback' },
      alert_threshold_yellow: { before: 50, after: 40 },
      alert_threshold_orange: { before: 75, after: 60 },
      alert_threshold_red: { before: 90, after: 80 },
      can_modify: { before: false, after: true },
      can_reset: { before: false, after: true },
      admin_notes: { before: null, after: 'pays late' },
      period_start: { before: '2026-03-01T00:00:00.000Z', after: '2026-03-15T12:00:00.000Z' },
      period_end: { before: '2026-04-01T00:00:00.000Z', after: '2026-03-25T12:00:00.000Z' },
    });
    expect(await budget('show', ...bob)).toMatchObject({ limit_micros: 7_500_000, configured_by: 'cli:tester' });
    const again = await budget('set', ...bob, '--limit', '7.50', ...because);
    expect([again.changed, again.changes]).toEqual([false, {}]);
    const back = ['budget', 'set', ...bob, '--limit', 'plan', '--period', 'monthly', '--notes', '', ...because];
    expect((await cli.run(back)).stdout).toContain('limit               7.50 USD → 5.00 USD (as the plan says)\n');
    expect((await cli.run(back)).stdout).toBe('the budget of bob@example.com is so already: nothing to change.\n');
    const row = { actor: 'cli:tester', user_id: id, reason: 'case 812' };
    expect(await audits('budget.configure')).toEqual([row, row]);
  });

  it('resets a user’s and the global one, and shows what was before', async () => {
    const id = await create('carol@example.com');
    const before = await budget('show', '--user', id);
    const reset = await budget('reset', '--user', id, ...because);
    expect(reset).toMatchObject({ dry_run: false, changed: true, user_id: id, email: 'carol@example.com' });
    const { period_start, period_end, used_budget_micros } = before;
    expect(reset.before).toMatchObject({ period_start, period_end, used_budget_micros });
    expect(reset.after.period_start).toBe('2026-03-15T12:00:00.000Z');
    const { stdout } = await cli.run(['budget', 'reset', '--global', ...because]);
    expect(stdout).toBe(
      'Reset the global budget:\n  period_start  2026-03-01T00:00:00.000Z → 2026-03-15T12:00:00.000Z\n',
    );
    expect(await audits('budget.reset')).toEqual([
      { actor: 'cli:tester', user_id: id, reason: 'case 812' },
      { actor: 'cli:tester', user_id: null, reason: 'case 812' },
    ]);
    expect(await cli.rows(`select cause, actor, reason from budget_resets where budget_id = $1`, [id])).toEqual([
      { cause: 'reset', actor: 'cli:tester', reason: 'case 812' },
    ]);
  });

  it('changes nothing in any table in a dry run', async () => {
    const id = await create('dan@example.com');
    const before = await cli.everything();
    const set = await budget('set', '--user', id, '--limit', '1', '--period', 'daily', '--dry-run');
    expect([set.dry_run, set.changed, set.budget.limit_micros]).toEqual([true, true, null]);
    expect(set.changes.limit_micros).toEqual({ before: null, after: 1_000_000 });
    const global = await cli.run(['budget', 'set', '--global', '--limit', '500', '--dry-run']);
    expect(global.stdout).toBe(
      'Would configure the global budget:\n  limit  30.00 USD (as the server is set) → 500.00 USD\n',
    );
    expect(global.stderr).toBe('Nothing was changed.\n');
    const reset = await budget('reset', '--user', id, '--dry-run');
    expect([reset.dry_run, reset.after.period_start]).toEqual([true, '2026-03-15T12:00:00.000Z']);
    expect((await cli.run(['budget', 'set', '--user', id, '--yellow', '95', '--dry-run'])).exitCode).toBe(64);
    expect(await cli.everything()).toBe(before);
  });

  it('refuses by the exit codes of refusals, and changes nothing', async () => {
    const id = await create('eve@example.com');
    const before = await cli.everything();
    const code = async (...args: readonly string[]): Promise<number> => (await cli.run(['budget', ...args])).exitCode;
    const zeros = '00000000-0000-0000-0000-000000000000';
    for (const nobody of ['crypto', zeros]) {
      expect(await code('show', '--user', nobody)).toBe(66);
      expect(await code('reset', '--user', nobody, ...because)).toBe(66);
      expect(await code('set', '--user', nobody, '--limit', '1', ...because)).toBe(66);
    }
    expect(await code('show')).toBe(64);
    expect(await code('show', '--global', '--user', id)).toBe(64);
    expect(await code('reset', '--user', id)).toBe(64);
    expect(await code('set', '--user', id, ...because)).toBe(64);
    expect(await code('set', '--user', id, '--limit', '1')).toBe(64);
    for (const limit of ['-1', '10000.000001', '1.0000001', '1e3', 'much', '']) {
      expect(await code('set', '--user', id, '--limit', limit, ...because)).toBe(64);
    }
    for (const wrong of [
      ['--period', 'yearly'],
      ['--days', '5'],
      ['--period', 'custom', '--limit', '1'],
      ['--period', 'weekly'],
      ['--mode', 'shrug'],
      ['--yellow', '0'],
      ['--red', '101'],
      ['--orange', '40'],
      ['--visible', 'maybe'],
      ['--notes', 'n'.repeat(501)],
    ]) {
      expect([wrong, await code('set', '--user', id, ...wrong, ...because)]).toEqual([wrong, 64]);
    }
    expect(await code('set', '--global', '--visible', 'false', ...because)).toBe(64);
    expect(await cli.everything()).toBe(before);
  });
});
