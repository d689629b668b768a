import { runCli } from '#interfaces/cli/cli';
import type { NotOpened, SchemaWish, System } from '#interfaces/cli/shared/surroundings';

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** How the system was opened; empty when it was not. */
  readonly opened: readonly SchemaWish[];
  readonly closed: number;
}

type Key = abstract new (...args: never[]) => unknown;

/** What the system answers with, by class, and what else a test wants of it. */
export interface FakeSystem extends Partial<Omit<System, 'get' | 'close'>> {
  readonly parts?: readonly (readonly [key: Key, part: unknown])[];
  readonly notOpened?: NotOpened;
}

/** One command line over a system made of the given parts. */
export async function ran(
  args: readonly string[],
  { parts = [], notOpened, ...system }: FakeSystem = {},
): Promise<Ran> {
  const written = { stdout: '', stderr: '' };
  const opened: SchemaWish[] = [];
  let closed = 0;
  const bound = new Map<Key, unknown>(parts);
  const exitCode = await runCli(args, {
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
    actor: 'cli:tester',
    version: '1.2.3',
    open: async (schema) => {
      opened.push(schema);
      if (notOpened) throw notOpened;
      return {
        get: <T>(key: abstract new (...given: never[]) => T) => {
          if (!bound.has(key)) throw new Error(`The test has no ${key.name}.`);
          return bound.get(key) as T;
        },
        pendingMigrations: async () => [],
        migrate: async () => [],
        seed: async () => ({ seeded: false, keys: [] }),
        close: async () => void closed++,
        ...system,
      };
    },
    interruptible: (work) => work(new AbortController().signal),
  });
  return { exitCode, ...written, opened, closed };
}
