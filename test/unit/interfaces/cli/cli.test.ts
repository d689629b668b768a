import { Outages, DatabaseUnavailable } from '#application/ports/outages';
import { ListUsers } from '#application/accounts/list-users';
import { ExitCode } from '#interfaces/cli/shared/exit-code';
import { NotOpened } from '#interfaces/cli/shared/surroundings';
import { ran } from './rehearsed-run.js';

const COMMANDS = [
  ['period', 'reset'],
  ['period', 'show'],
  ['period', 'undo'],
  ['user', 'create'],
  ['user', 'show'],
  ['user', 'list'],
  ['user', 'plan'],
  ['user', 'role'],
  ['user', 'suspend'],
  ['user', 'reinstate'],
  ['user', 'key'],
  ['usage', 'show'],
  ['usage', 'explain'],
  ['verify'],
  ['doctor'],
  ['migrate'],
  ['seed'],
];
const CHANGES = COMMANDS.filter(([group, deed]) => group === 'user' && !['show', 'list'].includes(deed!)).concat([
  ['period', 'reset'],
  ['period', 'undo'],
]);

describe('The command line', () => {
  it.each(COMMANDS)('explains %s %s with an example, on standard output, and opens nothing', async (...command) => {
    const { exitCode, stdout, stderr, opened } = await ran([...command.filter(Boolean), '--help']);
    expect([exitCode, stderr, opened]).toEqual([0, '', []]);
    expect(stdout).toContain('--json');
    expect(stdout).toMatch(new RegExp(`Examples?:\\n  \\$ .*minutebook ${command.filter(Boolean).join(' ')}`));
  });

  it.each(CHANGES)('takes --reason and --dry-run for %s %s', async (...command) => {
    const { stdout } = await ran([...command, '--help']);
    expect(stdout).toContain('--reason <text>');
    expect(stdout).toContain('--dry-run');
  });

  it('lists its commands and exit codes', async () => {
    const { exitCode, stdout } = await ran(['--help']);
    expect(exitCode).toBe(0);
    for (const [command] of COMMANDS) expect(stdout).toContain(`  ${command}`);
    expect(stdout).toContain('77 refused by the rules');
  });

  it('says its version', async () => {
    expect(await ran(['--version'])).toMatchObject({ exitCode: 0, stdout: '1.2.3\n' });
  });

  it.each([
    [['perod'], 'period'],
    [['period', 'rest'], 'reset'],
    [['user', 'lits'], 'list'],
    [['doctor', '--jsn'], '--json'],
  ])('answers %j with the nearest it knows, and 64', async (args, nearest) => {
    const { exitCode, stdout, stderr } = await ran(args);
    expect([exitCode, stdout]).toEqual([64, '']);
    expect(stderr).toContain(`(Did you mean ${nearest}?)`);
    expect(stderr).toContain('--help');
  });

  it.each([[[]], [['user']]])('shows what there is when no command is given (%j), and ends with 64', async (args) => {
    const { exitCode, stdout, stderr } = await ran(args);
    expect([exitCode, stdout]).toEqual([64, '']);
    expect(stderr).toContain('Commands:');
  });

  it('takes no argument that it does not know', async () => {
    expect((await ran(['doctor', 'now'])).exitCode).toBe(64);
  });

  it('tells scripts of a mistake in one JSON object', async () => {
    const { exitCode, stdout, stderr } = await ran(['user', 'show', '--json']);
    expect([exitCode, stdout]).toEqual([64, '']);
    expect(JSON.parse(stderr)).toEqual({ error: 'usage', message: expect.stringContaining('--email <address>') });
  });

  it.each([
    ['configuration', ExitCode.configuration, 78],
    ['database', ExitCode.unavailable, 69],
    ['schema', ExitCode.unavailable, 69],
  ] as const)('says in one line what is wrong with the %s, and ends with its code', async (part, code, exit) => {
    const notOpened = new NotOpened(part, code, 'DATABASE_URL: nobody answers. Check it.');
    const { exitCode, stdout, stderr } = await ran(['user', 'list'], { notOpened });
    expect([exitCode, stdout]).toEqual([exit, '']);
    expect(stderr).toBe('minutebook: DATABASE_URL: nobody answers. Check it.\n');
  });

  it('tells a database that goes away in the middle from a fault of the program', async () => {
    const lost = new Error('Connection terminated unexpectedly');
    const outages: Outages = { recognise: (error) => (error === lost ? new DatabaseUnavailable() : null) };
    const failing = (error: Error): Promise<Awaited<ReturnType<typeof ran>>> =>
      ran(['user', 'list'], {
        parts: [
          [Outages, outages],
          [ListUsers, { execute: () => Promise.reject(error) }],
        ],
      });
    expect(await failing(lost)).toMatchObject({ exitCode: 69, closed: 1 });
    const fault = await failing(new Error('a bug'));
    expect(fault).toMatchObject({ exitCode: 70, stdout: '', closed: 1 });
    expect(fault.stderr).toContain('fault of the program');
  });
});
