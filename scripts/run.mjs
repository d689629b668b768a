/**
 * The one door to the product and its tools: `node scripts/run.mjs start|cli|test|demo|smoke|bench|… [arguments]`.
 * Installs and builds when needed, with nothing but Node and npm. Product and tools run in this very process, so that
 * signals reach them directly and no second Node takes up memory; only Jest gets its own, because of Node's flags.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findChromium } from './chromium.mjs';
import { SIGNALS, Unprepared, checkNode, prepare, root, tell } from './prepare.mjs';

const COMMANDS = {
  start: { module: 'dist/src/main.js' },
  cli: { module: 'dist/src/admin.js' },
  demo: { module: 'scripts/demo.mjs' },
  smoke: { module: 'scripts/smoke.mjs' },
  bench: { module: 'scripts/bench.mjs', development: true },
  'bench-credits': { module: 'scripts/bench-credits.mjs', development: true },
  'bench-gateway': { module: 'scripts/bench-gateway.mjs', development: true },
  'bench-budget': { module: 'scripts/bench-budget.mjs', development: true },
  'chaos-credits': { module: 'scripts/chaos-credits.mjs', development: true },
  test: { development: true },
  'test-browser': { development: true },
};

const PLAYWRIGHT = ['node_modules/@playwright/test/cli.js', 'test', '-c', 'test/browser/playwright.config.ts'];
const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];

try {
  const [name, ...args] = process.argv.slice(2);
  const command = Object.hasOwn(COMMANDS, name ?? '') ? COMMANDS[name] : null;
  if (!command) throw new Unprepared(`Usage: node scripts/run.mjs ${Object.keys(COMMANDS).join('|')} [arguments]`, 64);
  checkNode();
  await prepare({ development: command.development ?? false });
  if (command.module) await load(join(root, command.module), args);
  else if (name === 'test-browser') process.exitCode = await node([...PLAYWRIGHT, ...args]);
  else process.exitCode = await test(args);
} catch (fault) {
  if (!(fault instanceof Unprepared)) throw fault;
  tell(fault.message);
  process.exitCode = fault.exitCode;
}

async function load(module, args) {
  process.argv.splice(1, Infinity, module, ...args);
  await import(pathToFileURL(module).href);
}

/** With arguments Jest alone; without, all there is, the browser's tests where there is a browser. */
async function test(args) {
  const code = await node([...JEST, ...args]);
  if (args.length > 0) return code;
  if (findChromium() === null) {
    tell(
      'The browser tests were NOT run: no Chromium was found. Install one, or set CHROMIUM_PATH; then npm run test:browser.',
    );
    return code;
  }
  return (await node(PLAYWRIGHT)) || code;
}

async function node(args) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  const [code, signal] = await once(child, 'exit');
  return code ?? 128 + constants.signals[signal];
}
