/** The built product as a process of its own, with data of its own on a free port: for the smoke run and the browser tests. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Starts it and waits until it serves. `keys` are the demo's, by name: `free`, `student`, `pro`, `admin`; `stop` answers the exit code;
 * `remove` deletes its data. `settings` are environment variables beside the usual ones.
 */
export async function startServed(settings = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'minutebook-served-'));
  const port = await freePort();
  const env = {
    ...process.env,
    PORT: String(port),
    MINUTEBOOK_DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    DATABASE_URL: '',
    ...settings,
  };
  const began = performance.now();
  const child = spawn(process.execPath, ['scripts/run.mjs', 'start'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const remove = () => rm(dataDir, { recursive: true, force: true });
  const stop = async () => {
    child.kill('SIGTERM');
    const [code] = await exited;
    return code;
  };
  const keys = {};
  let ready = false;
  for await (const line of createInterface({ input: child.stdout })) {
    const [, name, key] = /^\s+\w+\s+(\w+)@demo\S*\s+(mb_test_\w+)/.exec(line) ?? [];
    if (key) keys[name] = key;
    ready = line.includes('curl');
    if (ready) break;
  }
  if (!ready) {
    await stop();
    await remove();
    throw new Error('The server ended, or printed no demo keys.');
  }
  child.stdout.resume();
  const seconds = (performance.now() - began) / 1000;
  return { baseUrl: `http://127.0.0.1:${port}`, port, dataDir, env, keys, seconds, stop, remove };
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
