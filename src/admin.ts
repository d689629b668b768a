import 'reflect-metadata';
import { userInfo } from 'node:os';
import { type Config, loadConfig } from '#config';
import { VERSION } from '#application/system/version';
import { runCli } from '#interfaces/cli/cli';
import type { SchemaWish, System } from '#interfaces/cli/shared/surroundings';

/** 128 + the signal's number, as shells report it. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/** What a signal does now: it ends the process, or asks the work under way to end after its next step. */
let onSignal: ((exitCode: number) => void) | null = null;
for (const [signal, exitCode] of Object.entries(SIGNALS)) {
  process.on(signal, () => {
    const ask = onSignal;
    // Asked once: the second signal ends the process, whatever it is at.
    onSignal = null;
    if (ask) ask(exitCode);
    else process.exit(exitCode);
  });
}

async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController();
  onSignal = () => interruption.abort();
  try {
    return await work(interruption.signal);
  } finally {
    onSignal = null;
  }
}

/** Whoever reads our answer may have seen enough of it, as `head` does. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

/** Accounts of containers need not have a name. */
function operatingSystemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}

process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  actor: `cli:${operatingSystemUser()}`,
  version: VERSION,
  open,
  interruptible,
});

/** Help and mistakes are answered before the product is even loaded: that alone takes longer than everything else. */
async function open(schema: SchemaWish): Promise<System> {
  const { openAdministration } = await import('#composition/administration');
  const { PinoLog } = await import('#infrastructure/telemetry/pino-log');
  // Standard output belongs to the answer, and what is only information to the server's log.
  const log = ({ logLevel }: Config) =>
    new PinoLog(logLevel === 'info' ? 'warn' : logLevel, { write: (line) => process.stderr.write(line) });
  return openAdministration(schema, { config: loadConfig, log });
}
