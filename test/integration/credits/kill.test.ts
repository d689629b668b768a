import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Interface, createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { UserId } from '#domain/accounts/user';
import { CreditWorld, incoming } from './credit-world.js';

const PROGRAM = fileURLToPath(new URL('./spender-process.mjs', import.meta.url));
const KILLS = 6;
const GIVEN = 1_000_000;

/** Spends in a process of its own, which can be killed. */
class Spender {
  readonly lines: string[] = [];
  private readonly output: Interface;

  constructor(
    users: readonly UserId[],
    databaseUrl: string,
    private readonly child: ChildProcess = spawn(process.execPath, [PROGRAM], {
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        SPENDER_DATABASE_URL: databaseUrl,
        SPENDER_USERS: users.join(','),
        SPENDER_CLIENTS: '12',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  ) {
    this.output = createInterface({ input: child.stdout! }).on('line', (line) => this.lines.push(line));
  }

  /** The next so many lines. */
  async says(count: number): Promise<void> {
    for (let heard = 0; heard < count; heard++) await once(this.output, 'line');
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = [once(this.child, 'exit'), once(this.output, 'close')];
    this.child.kill('SIGKILL');
    await Promise.all(gone);
  }
}

let credits: CreditWorld;
let spender: Spender | null = null;

beforeAll(async () => {
  // With one connection of our own, any other is that of a spender.
  credits = await CreditWorld.start({ now: () => new Date() }, 1);
});
afterAll(async () => {
  await spender?.kill();
  await credits?.close();
});

/** What a killed process had asked for may still be under way in the database. */
async function everybodyElseIsGone(): Promise<void> {
  const others = `select from pg_stat_activity
                   where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`;
  while ((await credits.rows(others)).length > 0) await credits.rows('select pg_sleep(0.02)');
}

/** The names of deeds that happened: `debit <user> <key>`, as often as they did. */
async function happened(): Promise<readonly string[]> {
  const rows = await credits.rows<{ deed: string }>(
    `select 'debit ' || user_id || ' ' || key as deed from credit_transactions where type = 'api_usage' and key not like 'hold:%'
     union all
     select 'settlement ' || user_id || ' ' || substr(key, 6) from credit_transactions where key like 'hold:%'
     union all
     select 'release ' || user_id || ' ' || request_id from credit_holds where state = 'released'`,
  );
  return rows.map(({ deed }) => deed);
}

it('loses nothing that was acknowledged, and does nothing twice, however often the process is killed', async () => {
  const users = [await credits.user(), await credits.user(), await credits.user()];
  for (const user of users) await credits.ledger.grant(user, incoming(GIVEN));

  const lines: string[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    spender = new Spender(users, credits.databaseUrl);
    await spender.says(100 + Math.floor(Math.random() * 400));
    await spender.kill();
    lines.push(...spender.lines);
  }
  await everybodyElseIsGone();

  const said = (word: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const [asked, done, deeds] = [new Set(said('asked')), said('done'), await happened()];
  expect(said('unknown')).toEqual([]);
  expect(done.length).toBeGreaterThan(100);

  const once = new Set(deeds);
  expect(done.filter((deed) => !once.has(deed))).toEqual([]);
  expect(deeds).toHaveLength(once.size);
  expect(deeds.filter((deed) => !asked.has(deed))).toEqual([]);

  const spent = 3 * deeds.filter((deed) => !deed.startsWith('release')).length;
  const [book] = await credits.rows(`select sum(balance_micros) as balance from credit_accounts`);
  expect(book).toEqual({ balance: String(users.length * GIVEN - spent) });
  expect(await credits.findings(null)).toEqual([]);
}, 60_000);
