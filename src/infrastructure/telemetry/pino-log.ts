import { inspect } from 'node:util';
import { pino, type DestinationStream, type Logger } from 'pino';
import type { Log } from '#application/ports/log';
import { redacted } from './redaction.js';

/** Lines wait until there are 4 kB of them, or a second: one write for many requests. */
const BUFFERED_BYTES = 4096;
const FLUSH_EVERY_MS = 1000;

/** How far a chain of causes is followed. */
const DEEPEST_CAUSE = 5;

/**
 * One JSON object a line. What looks like a secret is taken out of the finished line, wherever in it it stands, so
 * that no field, message or stack trace has to be thought of.
 */
export class PinoLog implements Log {
  private readonly logger: Logger;

  /** `level` is pino's: trace, debug, info, warn, error or silent. Lines still buffered are written when the process exits. */
  constructor(level: string, destination: DestinationStream = bufferedStdout()) {
    this.logger = pino(
      {
        level,
        base: { pid: process.pid },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        hooks: { streamWrite: redacted },
      },
      destination,
    );
  }

  info(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.logger.info(fields, message);
  }

  warn(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.logger.warn(fields, message);
  }

  error(error: unknown, fields: Readonly<Record<string, unknown>>, message: string): void {
    this.logger.error({ ...fields, error: described(error) }, message);
  }

  /** Resolves when everything logged so far is written, and on disk where there is one. */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => this.logger.flush((error) => (isFault(error) ? reject(error) : resolve())));
  }
}

/** The lines are written before they are synced, and neither a pipe nor a terminal can be synced: EINVAL says so. */
function isFault(error: NodeJS.ErrnoException | null | undefined): error is Error {
  return error != null && error.code !== 'EINVAL';
}

function bufferedStdout(): DestinationStream {
  return pino.destination({ fd: 1, sync: false, minLength: BUFFERED_BYTES, periodicFlush: FLUSH_EVERY_MS });
}

/**
 * Name, message, code, stack and causes, and nothing else: drivers hang statements and their values on their errors.
 */
function described(error: unknown, depth = 0): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { type: typeof error, message: inspect(error, { depth: 2 }) };
  const { code } = error as { code?: unknown };
  const followed = depth < DEEPEST_CAUSE;
  return {
    type: error.name,
    message: error.message,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    stack: error.stack,
    ...(followed && error.cause !== undefined && { cause: described(error.cause, depth + 1) }),
    ...(followed &&
      error instanceof AggregateError && { errors: error.errors.map((one: unknown) => described(one, depth + 1)) }),
  };
}
