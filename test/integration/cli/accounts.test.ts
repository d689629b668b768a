import { Authentication } from '#application/accounts/authentication';
import { CommandLine } from './command-line.js';

const because = ['--reason', 'case 812'];
let cli: CommandLine;

beforeAll(async () => {
  cli = await CommandLine.start();
});
afterAll(() => cli.cleanUp());

async function create(name: string, plan = 'free', role = 'user'): Promise<string> {
  const args = ['user', 'create', '--email', `${name}@example.com`, '--name', name, '--plan', plan, '--role', role];
  return (await cli.json([...args, ...because])).user.id;
}

function audit(userId: string): Promise<Record<string, unknown>[]> {
  return cli.rows(
    `select actor, action, reason, before, after from audit_log where user_id = $1 order by created_at, id`,
    [userId],
  );
}

describe('minutebook user, over a database', () => {
  it('creates a user whose key opens the door, and leaves an audit row for each deed', async () => {
    const id = await create('ada', 'pro');
    const key = ['user', 'key', '--user', id, '--name', 'laptop', ...because];
    const { exitCode, stdout } = await cli.run(key);
    expect(exitCode).toBe(0);

    const system = await cli.open('current');
    const caller = await system.get(Authentication).execute(stdout.trim());
    await system.close();
    expect(caller).toMatchObject({ userId: id, role: 'user' });
    expect(await audit(id)).toMatchObject([
      { actor: 'cli:tester', action: 'user.create', reason: 'case 812', before: null },
      { actor: 'cli:tester', action: 'device.create', reason: 'case 812', before: null },
    ]);
    expect(await cli.everything()).not.toContain(stdout.trim());
  });

  it('changes plan, role and suspension, each with an audit row of before and after', async () => {
    await create('other-admin', 'pro', 'admin');
    const id = await create('bob');
    await cli.json(['user', 'plan', 'student', '--user', id, ...because]);
    await cli.json(['user', 'role', 'admin', '--user', id, ...because]);
    await cli.json(['user', 'suspend', '--user', id, ...because]);
    await cli.json(['user', 'reinstate', '--user', id, ...because]);
    const shown = await cli.json(['user', 'show', '--email', 'BOB@example.com']);
    expect(shown).toMatchObject({ id, plan: 'student', role: 'admin', suspended_at: null });
    const at = cli.clock.now().toISOString();
    expect((await audit(id)).slice(1)).toMatchObject([
      { before: { plan: 'free' }, after: { plan: 'student' } },
      { before: { role: 'user' }, after: { role: 'admin' } },
      { before: { suspended_at: null }, after: { suspended_at: at } },
      { before: { suspended_at: at }, after: { suspended_at: null } },
    ]);
  });

  it('changes nothing in any table in a dry run, and shows the difference', async () => {
    const id = await create('carol');
    const before = await cli.everything();
    const created = await cli.json(['user', 'create', '--email', 'dave@example.com', '--name', 'Dave', '--dry-run']);
    const planned = await cli.json(['user', 'plan', 'pro', '--user', id, '--dry-run']);
    const suspended = await cli.json(['user', 'suspend', '--user', id, '--dry-run']);
    const keyed = await cli.json(['user', 'key', '--user', id, '--name', 'phone', '--dry-run']);
    expect([created.user.id, keyed.key]).toEqual([null, null]);
    expect(planned.changes).toEqual({ plan: { before: 'free', after: 'pro' } });
    expect(suspended.changes).toMatchObject({ suspended_at: { before: null } });
    expect(await cli.everything()).toBe(before);
  });

  it('refuses in a dry run what it would refuse in earnest, with the same code', async () => {
    const id = await create('erin');
    await cli.json(['user', 'key', '--user', id, '--name', 'laptop', ...because]);
    for (const end of [because, ['--dry-run']]) {
      const second = await cli.run(['user', 'key', '--user', id, '--name', 'phone', ...end]);
      expect([second.exitCode, second.stdout]).toEqual([77, '']);
      const taken = await cli.run(['user', 'create', '--email', 'erin@example.com', '--name', 'Erin', ...end]);
      expect([taken.exitCode, taken.stdout]).toEqual([73, '']);
    }
  });

  it('lists by part of the address, page by page', async () => {
    for (const name of ['page-1', 'page-2', 'page-3']) await create(name);
    const first = await cli.json(['user', 'list', '--search', 'page-', '--limit', '2']);
    expect([first.data.length, first.total, first.has_more]).toEqual([2, 3, true]);
    const rest = await cli.json(['user', 'list', '--search', 'page-', '--limit', '2', '--offset', '2']);
    expect([rest.data.length, rest.has_more]).toEqual([1, false]);
  });
});
