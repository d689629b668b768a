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

const entriesOf = (id: string): Promise<unknown[]> =>
  cli.rows(
    `select type, amount_micros::int as micros, actor from credit_transactions where user_id = $1 order by sequence`,
    [id],
  );

describe('minutebook credits grant, adjust and show, over a database', () => {
  it('gives, adds, takes, shows what is there, and leaves an audit row for each deed', async () => {
    const id = await create('ada@example.com');
    const grant = ['credits', 'grant', '100.5', '--email', 'ada@example.com', '--type', 'bonus'];
    const given = await cli.json([...grant, '--expires-at', '2026-04-01', ...because]);
    expect(given).toMatchObject({ dry_run: false, changed: true, user_id: id, type: 'bonus', credits: 100.5 });
    expect([given.before.credits, given.after.credits]).toEqual([0, 100.5]);
    await cli.json(['credits', 'adjust', '10', '--user', id, ...because]);
    const taken = await cli.json(['credits', 'adjust', '-30', '--user', id, ...because]);
    expect(taken).toMatchObject({ type: 'admin_debit', credits: -30, after: { credits: 80.5 } });

    expect(await cli.json(['credits', 'show', '--user', id])).toMatchObject({
      credits: 80.5,
      available: 80.5,
      total_bonus: 110.5,
      expiring_next: { credits: 70.5, expires_at: '2026-04-01T00:00:00.000Z' },
      grants: [
        { type: 'bonus', remaining: 70.5 },
        { type: 'admin_grant', remaining: 10 },
      ],
      newest: [
        { sequence: 3, type: 'admin_debit', credits: -30, balance_after: 80.5, actor: 'cli:tester' },
        { sequence: 2, type: 'admin_grant', credits: 10, balance_after: 110.5 },
        { sequence: 1, type: 'bonus', credits: 100.5, balance_after: 100.5 },
      ],
    });
    expect(await entriesOf(id)).toEqual([
      { type: 'bonus', micros: 1_005_000, actor: 'cli:tester' },
      { type: 'admin_grant', micros: 100_000, actor: 'cli:tester' },
      { type: 'admin_debit', micros: -300_000, actor: 'cli:tester' },
    ]);
    const audited = await cli.rows(
      `select action, reason from audit_log where user_id = $1 and action like 'credit.%' order by created_at, id`,
      [id],
    );
    expect(audited).toEqual([
      { action: 'credit.grant', reason: 'case 812' },
      { action: 'credit.adjust', reason: 'case 812' },
      { action: 'credit.adjust', reason: 'case 812' },
    ]);
  });

  it('changes nothing in any table in a dry run', async () => {
    const id = await create('bob@example.com');
    await cli.json(['credits', 'grant', '5', '--user', id, ...because]);
    const before = await cli.everything();
    const given = await cli.json(['credits', 'grant', '7', '--user', id, '--dry-run']);
    expect(given).toMatchObject({
      dry_run: true,
      transaction_id: null,
      before: { credits: 5 },
      after: { credits: 12 },
    });
    const taken = await cli.json(['credits', 'adjust', '-5', '--user', id, '--dry-run']);
    expect([taken.dry_run, taken.after.credits]).toEqual([true, 0]);
    expect((await cli.run(['credits', 'adjust', '-6', '--user', id, '--dry-run'])).exitCode).not.toBe(0);
    expect(await cli.everything()).toBe(before);
  });

  it('refuses by the exit codes of refusals, and changes nothing', async () => {
    const id = await create('carol@example.com');
    const code = async (...args: readonly string[]): Promise<number> => (await cli.run(['credits', ...args])).exitCode;
    expect(await code('grant', '100000.0001', '--user', id, ...because)).toBe(77);
    expect(await code('adjust', '-1', '--user', id, ...because)).toBe(77);
    expect(await code('grant', '1', '--email', 'nobody@example.com', ...because)).toBe(66);
    expect(await code('grant', '1', '--user', id)).toBe(64);
    expect(await code('grant', '1', ...because)).toBe(64);
    expect(await code('grant', '1.23456', '--user', id, ...because)).toBe(64);
    expect(await code('grant', '1', '--user', id, '--type', 'purchase', ...because)).toBe(64);
    expect(await code('grant', '1', '--user', id, '--category', 'free', ...because)).toBe(64);
    expect(await entriesOf(id)).toEqual([]);
  });

  it('says in words what it did', async () => {
    await create('dan@example.com');
    const dan = ['--email', 'dan@example.com'];
    const { stdout } = await cli.run(['credits', 'grant', '50', ...dan, ...because]);
    expect(stdout).toBe('Gave 50 credits to dan@example.com (admin_grant):\n  credits  0 → 50\n');
    const rehearsed = await cli.run(['credits', 'adjust', '-8', ...dan, '--dry-run']);
    expect(rehearsed.stdout).toBe('Would take 8 credits from dan@example.com (admin_debit):\n  credits  50 → 42\n');
    expect(rehearsed.stderr).toBe('Nothing was changed.\n');
    const shown = await cli.run(['credits', 'show', ...dan]);
    expect(shown.stdout).toContain('available      50');
    expect(shown.stdout).toMatch(/\n +1 +\S+Z +admin_grant +50 +50 +0 +Credit from the operator\n$/);
  });
});
