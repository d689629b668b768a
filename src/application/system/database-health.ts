/** `outdated`: it answers, and waits for migrations that this program comes with. */
export type DatabaseState = 'ready' | 'outdated' | 'unreachable';

export abstract class DatabaseHealth {
  /** Always answers, within a second: that is what it is for. */
  abstract check(): Promise<DatabaseState>;
}
