import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerLease } from '#infrastructure/persistence/embedded/lease';

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'minutebook-lease-'));
});

afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

it('leaves the server to the last one', async () => {
  const first = await ServerLease.take(dataDir);
  const second = await ServerLease.take(dataDir);
  expect(first.leave()).toBe(false);
  expect(ServerLease.isHeld(dataDir)).toBe(true);
  expect(second.leave()).toBe(true);
  second.end();
  expect(ServerLease.isHeld(dataDir)).toBe(false);
});

it('lets nobody in while the last one stops the server', async () => {
  const events: string[] = [];
  const last = await ServerLease.take(dataDir);
  expect(last.leave()).toBe(true);
  const newcomer = ServerLease.take(dataDir).then(() => events.push('newcomer is in'));
  await new Promise(setImmediate);
  events.push('server is gone');
  last.end();
  await newcomer;
  expect(events).toEqual(['server is gone', 'newcomer is in']);
});

it('does not count a process that died, nor one that got its process id', async () => {
  const lease = await ServerLease.take(dataDir);
  const [file] = users();
  const dead = file?.replace(/^\d+/, '999999999');
  renameSync(join(dataDir, 'minutebook.users', file ?? ''), join(dataDir, 'minutebook.users', dead ?? ''));
  expect(ServerLease.isHeld(dataDir)).toBe(false);

  const mine = await ServerLease.take(dataDir);
  renameSync(join(dataDir, 'minutebook.users', users()[0] ?? ''), join(dataDir, 'minutebook.users', '1-1.using'));
  expect(ServerLease.isHeld(dataDir)).toBe(false);
  expect(users()).toEqual([]);
  expect([lease.leave(), mine.leave()]).toEqual([true, true]);
});

function users(): string[] {
  return readdirSync(join(dataDir, 'minutebook.users'));
}
