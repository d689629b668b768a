import { CommandLine } from './command-line.js';

const because = ['--reason', 'case 812'];
let cli: CommandLine;

beforeAll(async () => {
  cli = await CommandLine.start();
});
afterAll(() => cli.cleanUp());

async function create(email: string): Promise<string> {
  return (await cli.json(['user', 'create', '--email', email, '--name', 'Test', ...because])).user.id;
}

describe('minutebook period reset, show and undo, over a database', () => {
  it('begins a period now, shows it, takes it back, and leaves an audit row for each deed', async () => {
    const id = await create('ada@example.com');
    cli.clock.advance(5 * 24 * 60 * 60);
    const now = cli.clock.now().toISOString();
    const reset = await cli.json(['period', 'reset', '--email', 'ada@example.com', ...because]);
    expect(reset).toMatchObject({ dry_run: false, reset_at: now, after: { period_start: now, anchor: now } });
    expect(await cli.json(['period', 'show', '--user', id])).toMatchObject({ period_start: now, resets: 1 });

    cli.clock.advance(60);
    const undone = await cli.json(['period', 'undo', '--user', id, ...because]);
    expect(undone.after).toEqual(reset.before);
    expect(await cli.json(['period', 'show', '--user', id])).toMatchObject({
      period_start: reset.before.period_start,
      resets: 0,
      last_reset_at: null,
    });
    expect((await cli.run(['period', 'undo', '--user', id, ...because])).exitCode).toBe(73);
    const actions = await cli.rows(
      `select actor, action, reason from audit_log where user_id = $1 order by created_at, id`,
      [id],
    );
    expect(actions.slice(1)).toEqual([
      { actor: 'cli:tester', action: 'period.reset', reason: 'case 812' },
      { actor: 'cli:tester', action: 'period.undo', reason: 'case 812' },
    ]);
  });

  it('begins a period at an instant of the current one, once', async () => {
    const id = await create('bob@example.com');
    cli.clock.advance(2 * 24 * 60 * 60);
    const at = new Date(cli.clock.now().getTime() - 60_000).toISOString();
    expect((await cli.json(['period', 'reset', '--user', id, '--at', at, ...because])).reset_at).toBe(at);
    expect((await cli.run(['period', 'reset', '--user', id, '--at', at, ...because])).exitCode).toBe(73);
    expect((await cli.run(['period', 'reset', '--user', id, '--at', '2020-01-01', ...because])).exitCode).toBe(64);
  });

  it('changes nothing in any table in a dry run', async () => {
    const id = await create('carol@example.com');
    cli.clock.advance(60);
    const before = await cli.everything();
    const reset = await cli.json(['period', 'reset', '--user', id, '--dry-run']);
    expect([reset.dry_run, reset.reset_at]).toEqual([true, cli.clock.now().toISOString()]);
    expect(await cli.everything()).toBe(before);
  });
});
