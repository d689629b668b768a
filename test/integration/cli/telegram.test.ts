import { CommandLine } from './command-line.js';

const because = ['--reason', 'case 812'];
let cli: CommandLine;

beforeAll(async () => {
  cli = await CommandLine.start();
});
afterAll(() => cli.cleanUp());

const create = async (name: string): Promise<string> => {
  const email = `${name}@example.com`;
  return (await cli.json(['user', 'create', '--email', email, '--name', name, ...because])).user.id;
};
const links = () => cli.rows('select telegram_user_id::text as telegram, user_id from telegram_accounts');

describe('minutebook user telegram', () => {
  it('links, unlinks, and leaves an audit row for each change', async () => {
    const id = await create('ada');
    const link = ['user', 'telegram', '--email', 'ada@example.com', '--telegram-id', '279058397'];
    expect(await cli.json([...link, '--dry-run'])).toMatchObject({
      dry_run: true,
      changed: true,
      telegram_user_id: null,
    });
    expect(await links()).toEqual([]);
    expect(await cli.json([...link, ...because])).toEqual({
      dry_run: false,
      changed: true,
      user_id: id,
      telegram_user_id: 279058397,
    });
    expect(await links()).toEqual([{ telegram: '279058397', user_id: id }]);
    expect(await cli.json([...link, ...because])).toMatchObject({ changed: false });
    const { exitCode, stdout } = await cli.run(['user', 'telegram', '--user', id, '--unlink', ...because]);
    expect([exitCode, stdout]).toEqual([0, 'Linked ada@example.com with no user of Telegram.\n']);
    expect(await links()).toEqual([]);
    const rows = await cli.rows(
      `select actor, reason, before, after from audit_log where action = 'user.telegram' order by id`,
    );
    expect(rows).toMatchObject([
      { actor: 'cli:tester', reason: 'case 812', after: { telegram_user_id: 279058397 } },
      { actor: 'cli:tester', reason: 'case 812', before: { telegram_user_id: 279058397 } },
    ]);
  });

  it('is refused when another has it (73), and a mistake without a number (64)', async () => {
    const [one, other] = [await create('bob'), await create('eve')];
    const link = (id: string) => cli.run(['user', 'telegram', '--user', id, '--telegram-id', '7', ...because]);
    expect((await link(one)).exitCode).toBe(0);
    expect((await link(other)).exitCode).toBe(73);
    const wrong = [
      [],
      ['--telegram-id', '0'],
      ['--telegram-id', '7', '--unlink'],
      ['--telegram-id', '4503599627370496'],
    ];
    for (const choice of wrong) {
      const { exitCode } = await cli.run(['user', 'telegram', '--user', one, ...choice, ...because]);
      expect([choice, exitCode]).toEqual([choice, 64]);
    }
  });
});
