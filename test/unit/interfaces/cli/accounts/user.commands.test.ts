import { SECRET, aSystem } from '../a-system.js';
import { ran } from '../rehearsed-run.js';

const because = ['--reason', 'case 812'];

describe('user create', () => {
  const args = ['user', 'create', '--email', ' Ada@Example.com ', '--name', 'Ada Byron', '--plan', 'PRO'];

  it('registers a user and writes who did it, and why', async () => {
    const { system, users, audit } = aSystem();
    const { exitCode, stdout } = await ran([...args, ...because], system);
    const user = await users.getByEmail('ada@example.com');
    expect([exitCode, user.name, user.plan, user.role]).toEqual([0, 'Ada Byron', 'pro', 'user']);
    expect(stdout).toContain(user.id);
    expect(audit.entries).toMatchObject([{ actor: 'cli:tester', action: 'user.create', reason: 'case 812' }]);
  });

  it('answers scripts with the whole user', async () => {
    const { exitCode, stdout } = await ran([...args, ...because, '--json'], aSystem().system);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      dry_run: false,
      changed: true,
      user: {
        id: expect.any(String),
        email: 'ada@example.com',
        name: 'Ada Byron',
        plan: 'pro',
        role: 'user',
        suspended_at: null,
        period_start: '2026-03-10T12:00:00.000Z',
        resets_at: '2026-04-10T12:00:00.000Z',
        created_at: '2026-03-10T12:00:00.000Z',
      },
    });
  });

  it('says in a dry run what it would do, gives out no id, and does nothing', async () => {
    const { system, users, audit } = aSystem();
    const { exitCode, stdout } = await ran([...args, '--dry-run', '--json'], system);
    expect([exitCode, JSON.parse(stdout).user.id]).toEqual([0, null]);
    expect((await users.list({ search: null, page: { limit: 1, offset: 0 } })).total).toBe(0);
    expect(audit.entries).toEqual([]);
  });

  it('refuses an address that is taken, in a dry run too', async () => {
    const { system, givenUser } = aSystem();
    await givenUser();
    const { exitCode, stdout, stderr } = await ran([...args, '--dry-run'], system);
    expect([exitCode, stdout]).toEqual([73, '']);
    expect(stderr).toContain('minutebook user show --email');
  });

  it.each([
    ['no reason', ['user', 'create', '--email', 'a@b.c', '--name', 'A'], '--reason'],
    ['a blank reason', [...args, '--reason', ' '], '--reason'],
    ['no name', ['user', 'create', '--email', 'a@b.c', ...because], '--name'],
    [
      'something that is no address',
      ['user', 'create', '--email', 'ada', '--name', 'A', ...because],
      'ada@example.com',
    ],
    ['a plan that is not sold', [...args, '--plan', 'gold', ...because], 'free, student, pro, coaching_school'],
    ['a role that does not exist', [...args, '--role', 'root', ...because], 'user, admin'],
  ])('is a mistake in the command line with %s, for which nothing is opened', async (_, given, hint) => {
    const { exitCode, stdout, stderr, opened } = await ran(given, aSystem().system);
    expect([exitCode, stdout, opened]).toEqual([64, '', []]);
    expect(stderr).toContain(hint);
    expect(stderr).toContain('--help');
  });
});

describe('user plan, role, suspend and reinstate', () => {
  it('show the difference they made, and keep it with its reason', async () => {
    const { system, users, audit, givenUser } = aSystem();
    const { id } = await givenUser();
    const { exitCode, stdout } = await ran(['user', 'plan', 'pro', '--user', id, ...because], system);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/plan +free → pro/);
    expect((await users.get(id)).plan).toBe('pro');
    expect(audit.entries.at(-1)).toMatchObject({ actor: 'cli:tester', action: 'user.change', reason: 'case 812' });
  });

  it.each([
    [['role', 'admin'], { role: { before: 'user', after: 'admin' } }],
    [['suspend'], { suspended_at: { before: null, after: '2026-03-10T12:00:00.000Z' } }],
  ])('tell scripts the difference of %s', async (deed, difference) => {
    const { system, givenUser } = aSystem();
    await givenUser();
    const { stdout } = await ran(['user', ...deed, '--email', 'ada@example.com', ...because, '--json'], system);
    expect(JSON.parse(stdout)).toMatchObject({ dry_run: false, changed: true, changes: difference });
  });

  it('show in a dry run the difference they would make, and make none', async () => {
    const { system, users, audit, givenUser } = aSystem();
    const { id } = await givenUser();
    const before = audit.entries.length;
    const { exitCode, stdout } = await ran(['user', 'suspend', '--user', id, '--dry-run', '--json'], system);
    const { dry_run, changed, changes, user } = JSON.parse(stdout);
    expect([exitCode, dry_run, changed, user.suspended_at]).toEqual([0, true, true, null]);
    expect(changes.suspended_at.after).toBe('2026-03-10T12:00:00.000Z');
    expect([(await users.get(id)).suspendedAt, audit.entries.length]).toEqual([null, before]);
  });

  it('say that there is nothing to change, record nothing, and succeed', async () => {
    const { system, audit, givenUser } = aSystem();
    const { id } = await givenUser();
    const before = audit.entries.length;
    const { exitCode, stdout } = await ran(['user', 'reinstate', '--user', id, ...because, '--json'], system);
    expect([exitCode, JSON.parse(stdout).changed, audit.entries.length]).toEqual([0, false, before]);
  });

  it.each([
    ['both --user and --email', ['--user', 'x', '--email', 'a@b.c']],
    ['neither --user nor --email', []],
  ])('are a mistake in the command line with %s', async (_, choice) => {
    const { exitCode, stderr, opened } = await ran(['user', 'plan', 'pro', ...choice, ...because], aSystem().system);
    expect([exitCode, opened]).toEqual([64, []]);
    expect(stderr).toContain('either --user <id> or --email <address>');
  });

  it.each([
    ['an address', ['--email', 'bob@example.com']],
    ['an id', ['--user', '00000000-0000-7000-8000-00000000ffff']],
    ['something that is no id', ['--user', 'bob']],
  ])('end with 66 for %s of nobody, and say how to look', async (_, choice) => {
    const { exitCode, stdout, stderr } = await ran(['user', 'suspend', ...choice, ...because], aSystem().system);
    expect([exitCode, stdout]).toEqual([66, '']);
    expect(stderr).toContain('minutebook user list --search');
  });
});

describe('user key', () => {
  const args = ['user', 'key', '--email', 'ada@example.com', '--name', 'laptop'];

  it('puts the secret alone on standard output, once, and records the key without it', async () => {
    const { system, audit, devices, givenUser } = aSystem();
    const { id } = await givenUser();
    const { exitCode, stdout, stderr } = await ran([...args, ...because], system);
    expect([exitCode, stdout]).toEqual([0, `${SECRET}\n`]);
    expect(stderr).toContain('shown this once');
    expect(await devices.countActive(id)).toBe(1);
    expect(audit.entries.at(-1)).toMatchObject({ actor: 'cli:tester', action: 'device.create', reason: 'case 812' });
    expect(JSON.stringify(audit.entries)).not.toContain(SECRET);
  });

  it('makes no key in a dry run, and shows none', async () => {
    const { system, devices, givenUser } = aSystem();
    const { id } = await givenUser();
    const { exitCode, stdout } = await ran([...args, '--dry-run', '--json'], system);
    expect([exitCode, JSON.parse(stdout).key, await devices.countActive(id)]).toEqual([0, null, 0]);
    expect(stdout).not.toContain(SECRET.slice(8));
  });

  it('is refused beyond what the plan allows, in a dry run too', async () => {
    const { system, givenUser } = aSystem();
    await givenUser();
    await ran([...args, ...because], system);
    const { exitCode, stderr } = await ran(
      ['user', 'key', '--email', 'ada@example.com', '--name', 'phone', '--dry-run', '--json'],
      system,
    );
    expect(exitCode).toBe(77);
    expect(JSON.parse(stderr)).toMatchObject({ error: 'device_limit_exceeded', current_usage: 1, limit: 1 });
  });

  it('is a conflict under a name that is taken', async () => {
    const { system, givenUser } = aSystem();
    await givenUser('ada@example.com', 'pro');
    await ran([...args, ...because], system);
    expect((await ran([...args, ...because], system)).exitCode).toBe(73);
  });
});

describe('user show and user list', () => {
  it('show a user with their active keys, and never a secret', async () => {
    const { system, givenUser } = aSystem();
    await givenUser();
    await ran(['user', 'key', '--email', 'ada@example.com', '--name', 'laptop', ...because], system);
    const { exitCode, stdout } = await ran(['user', 'show', '--email', 'ADA@example.com'], system);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/mb_test_…once +laptop/);
    expect(stdout).not.toContain(SECRET);
  });

  it('show scripts every key, and people those that still open the door', async () => {
    const { system, clock, devices, transaction, givenUser } = aSystem();
    const { id } = await givenUser();
    await ran(['user', 'key', '--user', id, '--name', 'lost phone', ...because], system);
    const [device] = await devices.listOf(id);
    await transaction.run(() => devices.save(device!.revoked(clock.now())));
    expect((await ran(['user', 'show', '--user', id], system)).stdout).not.toContain('lost phone');
    const { stdout } = await ran(['user', 'show', '--user', id, '--json'], system);
    expect(JSON.parse(stdout).devices).toMatchObject([{ name: 'lost phone', revoked_at: clock.now().toISOString() }]);
  });

  it('list users by page, and say how to go on', async () => {
    const { system, clock, givenUser } = aSystem();
    for (const name of ['a', 'b', 'c']) {
      await givenUser(`${name}@example.com`);
      clock.advance(1);
    }
    const { stdout, stderr } = await ran(['user', 'list', '--limit', '2'], system);
    expect(stdout).toContain('c@example.com');
    expect(stdout).not.toContain('a@example.com');
    expect(stderr).toContain('1 to 2 of 3; go on with --offset 2');
    const { data, total, has_more } = JSON.parse(
      (await ran(['user', 'list', '--offset', '2', '--json'], system)).stdout,
    );
    expect([data[0].email, total, has_more]).toEqual(['a@example.com', 3, false]);
  });

  it.each(['0', '101', '-1', '1e1', 'ten'])('take no --limit %s', async (limit) => {
    expect((await ran(['user', 'list', '--limit', limit], aSystem().system)).exitCode).toBe(64);
  });
});
