import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { EmbeddedPostgres } from '#infrastructure/persistence/embedded-postgres';

// A start takes half a second, and many times that on a machine that has other things to do.
jest.setTimeout(30_000);

let root: string;
let pristine: string;
const processes: ChildProcess[] = [];
const started: EmbeddedPostgres[] = [];

/** One initdb for all: most tests work on a copy of its data. */
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'minutebook-embedded-'));
  pristine = join(root, 'pristine');
  const embedded = await start(pristine);
  await ask(embedded, 'create table kept (answer integer)');
  await embedded.stop();
});

afterEach(async () => {
  for (const child of processes.splice(0)) child.kill('SIGKILL');
  await Promise.all(started.splice(0).map((embedded) => embedded.stop()));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('starting', () => {
  it('answers pg and TypeORM on a socket of its own, in UTC, and listens on no network port', async () => {
    const embedded = await start(aDataDir());
    expect(await ask(embedded, 'show listen_addresses')).toBe('');
    expect(await ask(embedded, 'show timezone')).toBe('UTC');
    const source = await new DataSource({ type: 'postgres', url: embedded.url, installExtensions: false }).initialize();
    expect(await source.query('select current_database() as name')).toEqual([{ name: 'minutebook' }]);
    await source.destroy();
    await embedded.stop();
    expect(await EmbeddedPostgres.isRunning(pristine)).toBe(false);
  });

  it('keeps what was written until the next start', async () => {
    const dataDir = aDataDir();
    const first = await start(dataDir);
    await ask(first, 'insert into kept values (42)');
    await first.stop();
    const second = await start(dataDir);
    expect(await ask(second, 'select answer from kept')).toBe(42);
    await second.stop();
  });

  it('prepares and launches once when two start on nothing at the same moment', async () => {
    const dataDir = join(root, 'new', 'deep', 'postgres');
    const both = await Promise.all([start(dataDir), start(dataDir)]);
    expect(both.map(({ attached }) => attached).sort()).toEqual([false, true]);
    expect(await Promise.all(both.map((one) => ask(one, 'select 1')))).toEqual([1, 1]);
    await Promise.all(both.map((one) => one.stop()));
    expect(await EmbeddedPostgres.isRunning(dataDir)).toBe(false);
  });

  it('launches once when two start at the same moment', async () => {
    const dataDir = aDataDir();
    const both = await Promise.all([start(dataDir), start(dataDir)]);
    expect(both.map(({ attached }) => attached).sort()).toEqual([false, true]);
  });

  it('refuses a directory that holds something else', async () => {
    const dataDir = join(root, 'photos');
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'cat.jpg'), '');
    await expect(start(dataDir)).rejects.toThrow(/holds files, but no PostgreSQL data/);
  });

  it('refuses the data of another release and says so', async () => {
    const dataDir = aDataDir();
    writeFileSync(join(dataDir, 'PG_VERSION'), '17\n');
    await expect(start(dataDir)).rejects.toThrow(/written by PostgreSQL 17, and this is PostgreSQL 18/);
  });

  it('repeats what PostgreSQL says when it does not start', async () => {
    const dataDir = aDataDir();
    rmSync(join(dataDir, 'global', 'pg_control'));
    await expect(start(dataDir)).rejects.toThrow(/PostgreSQL did not start \(.*pg_control.*\): see .*postgresql\.log/);
    expect(EmbeddedPostgres.isUsed(dataDir)).toBe(false);
  });
});

describe('places', () => {
  it('uses a private temp folder for a socket whose path would be too long, and removes it', async () => {
    const dataDir = aDataDir('x'.repeat(120));
    const embedded = await start(dataDir);
    const { host } = embedded.connection;
    expect(host).not.toContain('xxx');
    expect(statSync(host).mode & 0o077).toBe(0);
    const other = await EmbeddedPostgres.attach(dataDir);
    expect(other && (await ask(other, 'select 1'))).toBe(1);
    await other?.stop();
    await embedded.stop();
    expect(existsSync(host)).toBe(false);
  });

  it('works where only the user may enter, also as root, whose PostgreSQL runs under another account', async () => {
    const home = join(root, 'home, with a "comma"');
    mkdirSync(home, { mode: 0o700 });
    const dataDir = join(home, 'checkout', '.data', 'postgres');
    const first = await start(dataDir);
    expect(await ask(first, 'select 1')).toBe(1);
    await first.stop();
    const second = await start(dataDir);
    expect(await ask(second, 'select count(*)::int from pg_database')).toBe(4);
    expect(statSync(dataDir).mode & 0o077).toBe(0);
    await second.stop();
  });

  it('does not mistake the server of the original for that of a copy made while it ran', async () => {
    const original = aDataDir();
    const first = await start(original);
    const copy = join(root, 'copy');
    cpSync(original, copy, { recursive: true, filter: (path) => !path.includes('.s.PGSQL') });
    const second = await start(copy);
    expect(second.attached).toBe(false);
    await ask(second, 'insert into kept values (1)');
    expect(await ask(first, 'select count(*)::int from kept')).toBe(0);
    await second.stop();
    expect(await EmbeddedPostgres.isRunning(copy)).toBe(false);
    await first.stop();
  });
});

describe('sharing', () => {
  it('leaves the server to the process that still uses it, and stops it as the last', async () => {
    const dataDir = aDataDir();
    const owner = await ownerProcess(dataDir);
    const cli = await start(dataDir);
    expect(cli.attached).toBe(true);
    await cli.stop();
    expect(await EmbeddedPostgres.isRunning(dataDir)).toBe(true);

    const heir = await EmbeddedPostgres.attach(dataDir);
    await tell(owner, 'stop');
    expect(heir && (await ask(heir, 'select 1'))).toBe(1);
    await heir?.stop();
    expect(await EmbeddedPostgres.isRunning(dataDir)).toBe(false);
  });

  it('waits for a server that is being stopped, and starts another', async () => {
    const dataDir = aDataDir();
    for (let round = 0; round < 5; round++) {
      const first = await start(dataDir);
      const stopping = sleep(round).then(() => first.stop());
      const second = await start(dataDir);
      await stopping;
      expect(await ask(second, 'select 1')).toBe(1);
      await second.stop();
    }
    expect(await EmbeddedPostgres.isRunning(dataDir)).toBe(false);
  });

  it('attaches to nothing where nothing runs', async () => {
    expect(await EmbeddedPostgres.attach(join(root, 'nowhere'))).toBeNull();
    expect(await EmbeddedPostgres.attach(aDataDir())).toBeNull();
  });

  it('is not left behind by a process that exits without stopping it', async () => {
    const dataDir = aDataDir();
    await tell(await ownerProcess(dataDir), 'exit');
    expect(await EmbeddedPostgres.isRunning(dataDir)).toBe(false);
  });
});

describe('kill -9', () => {
  it('of the application leaves a server that the next start attaches to and stops', async () => {
    const dataDir = aDataDir();
    await kill(await ownerProcess(dataDir));
    expect(EmbeddedPostgres.isUsed(dataDir)).toBe(false);
    const heir = await start(dataDir);
    expect(heir.attached).toBe(true);
    await heir.stop();
    expect(await EmbeddedPostgres.isRunning(dataDir)).toBe(false);
  });

  it('of PostgreSQL is survived by a running application', async () => {
    const dataDir = aDataDir();
    const embedded = await start(dataDir, true);
    await ask(embedded, 'insert into kept values (1)');
    const before = postmaster(dataDir);
    process.kill(before, 'SIGKILL');
    await until(() => existsSync(join(dataDir, 'postmaster.pid')) && postmaster(dataDir) !== before);
    await until(() => EmbeddedPostgres.isRunning(dataDir));
    expect(await ask(embedded, 'select answer from kept')).toBe(1);
    await embedded.stop();
  });

  it('of both is survived by the next start', async () => {
    const dataDir = aDataDir();
    const owner = await ownerProcess(dataDir);
    process.kill(postmaster(dataDir), 'SIGKILL');
    await kill(owner);
    const next = await start(dataDir);
    expect(next.attached).toBe(false);
    expect(await ask(next, 'select 1')).toBe(1);
    await next.stop();
  });

  it('and a process id that came round again do not lock the data for ever', async () => {
    const dataDir = aDataDir();
    const { uid, gid } = statSync(pristine);
    // PostgreSQL believes a lock file whose process lives under its own account.
    const bystander = spawn('sleep', ['60'], uid === process.getuid?.() ? {} : { uid, gid });
    processes.push(bystander);
    await kill(await ownerProcess(dataDir), postmaster(dataDir));
    for (const file of ['postmaster.pid', '.s.PGSQL.5432.lock']) {
      const lines = readFileSync(join(dataDir, file), 'utf8').split('\n');
      writeFileSync(join(dataDir, file), [bystander.pid, ...lines.slice(1)].join('\n'));
    }
    const next = await start(dataDir);
    expect(next.attached).toBe(false);
    await next.stop();
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
  });
});

function aDataDir(parent?: string): string {
  const folder = parent ? join(root, parent) : mkdtempSync(join(root, 'data-'));
  const dataDir = join(folder, 'postgres');
  cpSync(pristine, dataDir, { recursive: true });
  return dataDir;
}

async function start(dataDir: string, durable = false): Promise<EmbeddedPostgres> {
  const embedded = await EmbeddedPostgres.start({ dataDir, durable });
  started.push(embedded);
  return embedded;
}

async function ask(embedded: EmbeddedPostgres, sql: string): Promise<unknown> {
  const client = new Client(embedded.url);
  await client.connect();
  const { rows } = await client.query({ text: sql, rowMode: 'array' });
  await client.end();
  return rows[0]?.[0];
}

/** Another Node that uses the data directory, and does as it is told on stdin. */
async function ownerProcess(dataDir: string): Promise<ChildProcess> {
  const module = pathToFileURL(resolve('dist/src/infrastructure/persistence/embedded-postgres.js')).href;
  const program = `
    const { EmbeddedPostgres } = await import(${JSON.stringify(module)});
    const embedded = await EmbeddedPostgres.start({ dataDir: ${JSON.stringify(dataDir)}, durable: false });
    process.stdin.on('data', async (word) => {
      if (String(word) === 'stop') await embedded.stop();
      process.exit();
    });
    console.log('ready');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  processes.push(child);
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error('The other process did not start.'))),
  ]);
  return child;
}

async function tell(child: ChildProcess, word: 'stop' | 'exit'): Promise<void> {
  const exit = once(child, 'exit');
  child.stdin?.write(word);
  await exit;
}

async function kill(child: ChildProcess, server?: number): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  if (server) process.kill(server, 'SIGKILL');
  await exit;
}

function postmaster(dataDir: string): number {
  return parseInt(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8'), 10);
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 8000; !(await condition()); await sleep(20)) {
    if (Date.now() > deadline) throw new Error('It did not happen.');
  }
}
