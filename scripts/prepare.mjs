import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Something the operator can put right: one line, and an exit code of sysexits.h. */
export class Unprepared extends Error {
  constructor(message, exitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

const OLDEST_NODE = [20, 19];

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new Unprepared(
    `Minutebook needs Node.js ${OLDEST_NODE.join('.')} or newer, and this is ${process.version}: see https://nodejs.org.`,
    78,
  );
}

/**
 * Installs the packages and builds, each only when needed. Everything is told on stderr: stdout belongs to the command.
 * `development`: the command needs the development packages even when the build is fresh.
 */
export async function prepare({ development }) {
  if (isReady(development)) return;
  await alone(async () => {
    if (!isInstalled(development || isStale())) await install();
    if (isStale()) await build();
  });
}

function isReady(development) {
  const stale = isStale();
  return !stale && isInstalled(development);
}

/**
 * npm writes node_modules/.package-lock.json last, so that file says what is completely installed: an interrupted
 * installation, or packages brought along from another platform, do not pass for one.
 */
function isInstalled(development) {
  const wanted = json('package-lock.json')?.packages;
  if (!wanted) return true;
  const present = json('node_modules/.package-lock.json')?.packages;
  if (!present) return false;
  const asLocked = Object.entries(wanted).every(([path, { version, integrity, optional, devOptional, dev }]) => {
    if (path === '') return true;
    if (present[path]) return present[path].version === version && present[path].integrity === integrity;
    return optional || (!development && (dev || devOptional));
  });
  const excludes = (list, own) => list !== undefined && !list.includes(own);
  return (
    asLocked &&
    !Object.values(present).some(({ os, cpu }) => excludes(os, process.platform) || excludes(cpu, process.arch))
  );
}

async function install() {
  tell('Installing packages (npm ci) …');
  const own = process.env.npm_execpath ?? '';
  const [npm, first] = basename(own) === 'npm-cli.js' ? [process.execPath, [own]] : ['npm', []];
  // Under NODE_ENV=production npm leaves out the compiler.
  const args = [...first, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  if ((await run(npm, args)) !== 0) {
    throw new Unprepared(
      'npm ci failed (its words are above): check the network and the npm registry, then start again.',
      69,
    );
  }
}

const INPUTS = ['src', 'migrations'];
const PAGE = join('page', 'src');
const PAGE_INPUTS = [PAGE, 'page/vite.config.ts', 'page/billing.html', 'page/admin.html', 'page/icon.svg'];
const FINGERPRINT = join(root, 'dist', '.fingerprint');

/** A deployment that brings only dist has nothing to build. */
function isStale() {
  if (!existsSync(join(root, 'src')) || !existsSync(join(root, 'tsconfig.json'))) return false;
  return text(FINGERPRINT) !== fingerprint() || !isComplete(sourceFiles(), outputFiles()) || !hasPage();
}

function hasPage() {
  return ['billing.html', 'admin.html'].every((file) => existsSync(join(root, 'dist', 'page', file)));
}

function sourceFiles() {
  return INPUTS.flatMap(filesIn).filter((file) => /(?<!\.d)\.ts$/.test(file));
}

function outputFiles() {
  return new Set(INPUTS.flatMap((folder) => filesIn(join('dist', folder))));
}

function isComplete(sources, outputs) {
  return sources.every((source) => outputs.has(join('dist', source.replace(/\.ts$/, '.js'))));
}

/** Contents, not times: copies and checkouts set times as they like. */
function fingerprint() {
  const hash = createHash('sha256');
  const pages = PAGE_INPUTS.flatMap((path) => (path === PAGE ? filesIn(path) : [path]));
  for (const file of [...INPUTS.flatMap(filesIn), ...pages, 'tsconfig.json', 'package.json']) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

async function build() {
  tell('Building …');
  const before = fingerprint();
  rmSync(FINGERPRINT, { force: true });
  removeLeftovers();
  if ((await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'])) !== 0) {
    throw new Unprepared('The build failed: the compiler says why above.', 70);
  }
  for (const page of ['billing', 'admin']) {
    const args = ['node_modules/vite/bin/vite.js', 'build', '-c', 'page/vite.config.ts', '--mode', page];
    if ((await run(process.execPath, args)) !== 0) {
      throw new Unprepared('The build of the pages failed: Vite says why above.', 70);
    }
  }
  writeFileSync(FINGERPRINT, before);
}

/** tsc neither removes the output of a deleted source, nor writes again what it believes to be there. */
function removeLeftovers() {
  const sources = sourceFiles();
  const outputs = outputFiles();
  for (const output of outputs) {
    const source = output.slice('dist/'.length).replace(/\.js(\.map)?$/, '.ts');
    if (!sources.includes(source)) rmSync(join(root, output));
  }
  if (!isComplete(sources, outputs)) rmSync(join(root, 'dist', '.tsbuildinfo'), { force: true });
}

const LOCK = join(root, 'dist', '.lock');
const LOCK_STALE_AFTER_MS = 120_000;

/** One process at a time: two installations into one folder destroy each other. The second finds everything done. */
async function alone(work) {
  mkdirSync(dirname(LOCK), { recursive: true });
  let told = false;
  while (!takeLock()) {
    if (!told) tell('Waiting for another start that installs or builds …');
    told = true;
    await sleep(200);
  }
  const heartbeat = setInterval(() => utimesSync(LOCK, new Date(), new Date()), 5000).unref();
  try {
    await work();
  } finally {
    clearInterval(heartbeat);
    rmSync(LOCK, { force: true });
  }
}

function takeLock() {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
    return true;
  } catch (fault) {
    if (fault.code !== 'EEXIST') throw fault;
  }
  const holders = text(LOCK);
  if (holders === null || isHeld(holders)) return false;
  // Only one of those who wait gets the dead lock out of the way; the next round decides who is first.
  const grave = `${LOCK}.${process.pid}`;
  try {
    renameSync(LOCK, grave);
    if (text(grave) !== holders) renameSync(grave, LOCK);
  } catch (fault) {
    if (fault.code !== 'ENOENT') throw fault;
  }
  rmSync(grave, { force: true });
  return false;
}

/** By a process, or by the npm or compiler that outlived it. */
function isHeld(holders) {
  const { mtimeMs } = statSync(LOCK, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
  const age = Date.now() - mtimeMs;
  if (holders === '') return age < 5000;
  return age < LOCK_STALE_AFTER_MS && holders.split(' ').some((pid) => isAlive(Number(pid)));
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (fault) {
    return fault.code === 'EPERM';
  }
}

/** Runs a program to its end, its output on stderr. A signal that ends us ends it too. */
async function run(program, args) {
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32' && program === 'npm',
  });
  writeFileSync(LOCK, `${process.pid} ${child.pid ?? ''}`.trim());
  let interrupted = null;
  const forward = (signal) => child.kill((interrupted = signal));
  for (const signal of SIGNALS) process.on(signal, forward);
  try {
    const [code, signal] = await once(child, 'exit');
    const cause = interrupted ?? signal;
    if (cause) throw new Unprepared(`Interrupted by ${cause}.`, 128 + constants.signals[cause]);
    return code;
  } finally {
    for (const signal of SIGNALS) process.off(signal, forward);
  }
}

export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function filesIn(folder) {
  if (!existsSync(join(root, folder))) return [];
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}

function json(file) {
  const content = text(join(root, file));
  try {
    return content === null ? null : JSON.parse(content);
  } catch {
    // Half written when the installation was interrupted.
    return null;
  }
}

function text(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (fault) {
    if (fault.code === 'ENOENT') return null;
    throw fault;
  }
}

export function tell(line) {
  process.stderr.write(`${line}\n`);
}
