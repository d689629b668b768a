import { Authentication, pageSessionOf } from '#application/accounts/authentication';
import { CommandLine } from './command-line.js';

const because = ['--reason', 'case 812'];
let cli: CommandLine;

beforeAll(async () => {
  cli = await CommandLine.start();
});
afterAll(() => cli.cleanUp());

async function create(name: string, role = 'user'): Promise<string> {
  const args = ['user', 'create', '--email', `${name}@example.com`, '--name', name, '--role', role];
  return (await cli.json([...args, ...because])).user.id;
}

describe('minutebook page close', () => {
  it('ends every session of a user, for a reason, which is recorded; and nothing in a dry run', async () => {
    const id = await create('max');
    const link = async () => (await cli.run(['page', 'open', '--user', id])).stdout.trim().split('=')[1]!;
    const [token] = [await link(), await link()];
    expect((await cli.run(['page', 'close', '--user', id])).exitCode).toBe(64);
    expect(await cli.json(['page', 'close', '--user', id, '--dry-run'])).toMatchObject({ dry_run: true, closed: 2 });
    const use = async () => {
      const system = await cli.open('current');
      return system
        .get(Authentication)
        .execute(token)
        .finally(() => system.close());
    };
    expect(await use()).toMatchObject({ userId: id });
    const { exitCode, stdout } = await cli.run(['page', 'close', '--email', 'max@example.com', ...because]);
    expect([exitCode, stdout]).toEqual([0, 'Ended 2 sessions of the page of max@example.com.\n']);
    await expect(use()).rejects.toMatchObject({ code: 'page_session_ended' });
    expect(await cli.json(['page', 'close', '--user', id, ...because])).toMatchObject({ changed: false, closed: 0 });
    const rows = await cli.rows(
      `select actor, reason, user_id, after from audit_log where action = 'page_session.close'`,
    );
    expect(rows).toEqual([{ actor: 'cli:tester', reason: 'case 812', user_id: id, after: { ended: 2 } }]);
  });
});

describe('minutebook page open', () => {
  it('prints the address alone, whose token opens the page, and leaves an audit row without it', async () => {
    const id = await create('ada');
    const { exitCode, stdout, stderr } = await cli.run(['page', 'open', '--email', 'ada@example.com', ...because]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:3000\/billing#token=mbp_[0-9A-Za-z]{49}\n$/);
    expect(stderr).toContain('until 2026-03-10T13:00:00.000Z');
    const token = stdout.trim().split('=')[1]!;

    const system = await cli.open('current');
    const caller = await system.get(Authentication).execute(token);
    await system.close();
    expect(caller).toMatchObject({ userId: id, role: 'user' });
    expect(pageSessionOf(caller!)).toMatchObject({ scope: 'billing' });
    const rows = await cli.rows(
      `select actor, reason, after from audit_log where action = 'page_session.create' and user_id = $1`,
      [id],
    );
    expect(rows).toMatchObject([{ actor: 'cli:tester', reason: 'case 812', after: { scope: 'billing' } }]);
    expect(await cli.everything()).not.toContain(token);
  });

  it('needs no reason, and answers scripts with the same', async () => {
    const id = await create('bob', 'admin');
    const answer = await cli.json(['page', 'open', '--user', id, '--admin']);
    expect(answer).toEqual({
      dry_run: false,
      changed: true,
      user_id: id,
      scope: 'admin',
      url: expect.stringMatching(/\/admin#token=mbp_/),
      expires_at: '2026-03-10T13:00:00.000Z',
    });
    const rows = await cli.rows(`select reason from audit_log where action = 'page_session.create' and user_id = $1`, [
      id,
    ]);
    expect(rows).toEqual([{ reason: null }]);
  });

  it('makes nothing in a dry run, and tells no address', async () => {
    await create('eve');
    const before = await cli.everything();
    const { exitCode, stdout } = await cli.run(['page', 'open', '--email', 'eve@example.com', '--dry-run']);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('Would make a link to the billing page')]);
    expect(stdout).not.toContain('mbp_');
    expect((await cli.json(['page', 'open', '--email', 'eve@example.com', '--dry-run'])).url).toBeNull();
    expect(await cli.everything()).toBe(before);
  });

  it('refuses the admin page to who is no admin, and any page to who is suspended', async () => {
    const id = await create('joe');
    const { exitCode, stdout, stderr } = await cli.run(['page', 'open', '--user', id, '--admin']);
    expect([exitCode, stdout]).toEqual([77, '']);
    expect(stderr).toContain('minutebook user role');
    await cli.json(['user', 'suspend', '--user', id, ...because]);
    expect((await cli.run(['page', 'open', '--user', id])).exitCode).toBe(77);
    expect((await cli.run(['page', 'open', '--email', 'nobody@example.com'])).exitCode).toBe(66);
    expect((await cli.run(['page', 'open'])).exitCode).toBe(64);
  });
});
