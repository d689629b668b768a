import { Logger, type LogFunctionFactory } from 'graphile-worker';
import type { Log } from '#application/ports/log';

/** What graphile-worker says about itself. What it says about single jobs is said by us, in one line each. */
export function graphileLog(log: Log): Logger {
  const factory: LogFunctionFactory = () => (level, message, meta) => {
    if (meta?.failure || meta?.success) return;
    const loudness: string = level;
    if (loudness === 'error') log.error(meta?.error ?? new Error(message), {}, message);
    if (loudness === 'warning') log.warn({}, message);
  };
  return new Logger(factory);
}
