/** Structured log lines. Fields never carry secrets; the adapter redacts what is known to be one. */
export abstract class Log {
  abstract info(fields: Readonly<Record<string, unknown>>, message: string): void;
  abstract warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  /** `error.cause` and stack go to the log and nowhere else. */
  abstract error(error: unknown, fields: Readonly<Record<string, unknown>>, message: string): void;
}
