import type { ServiceIdentifier } from 'inversify';
import { DataSource } from 'typeorm';
import type { Clock } from '#application/ports/clock';
import type { Log } from '#application/ports/log';
import { BadSetting, type Config } from '#config';
import { pendingMigrations } from '#infrastructure/operations/pending-migrations';
import { EmbeddedPostgresUnavailable } from '#infrastructure/persistence/embedded-postgres';
import { migrate } from '#infrastructure/persistence/migrate';
import { ExitCode } from '#interfaces/cli/shared/exit-code';
import { NotOpened, type SchemaWish, type System } from '#interfaces/cli/shared/surroundings';
import { Application, DatabaseUnreachable } from './application.js';
import { seedDemoStory } from './demo-story.js';
import { priceBook } from './price-book.module.js';

/** Opens the product for the command line. Throws NotOpened; nothing is left running then. */
export async function openAdministration(
  schema: SchemaWish,
  given: { readonly config: () => Config; readonly log: (config: Config) => Log; readonly clock?: Clock },
): Promise<System> {
  try {
    const config = given.config();
    const migrating = schema === 'migrated';
    const application = await Application.open(config, { log: given.log(config), migrating, clock: given.clock });
    try {
      application.container.load(priceBook);
      const system = administrationOf(application);
      if (schema === 'current') await mustBeCurrent(system);
      return system;
    } catch (error) {
      await application.close();
      throw error;
    }
  } catch (error) {
    if (error instanceof BadSetting) throw new NotOpened('configuration', ExitCode.configuration, error.message);
    if (error instanceof DatabaseUnreachable || error instanceof EmbeddedPostgresUnavailable) {
      throw new NotOpened('database', ExitCode.unavailable, error.message);
    }
    throw error;
  }
}

function administrationOf(application: Application): System {
  const { container, databaseUrl } = application;
  const pending = (): Promise<readonly string[]> => pendingMigrations(container.get(DataSource));
  return {
    get: <T>(key: abstract new (...args: never[]) => T) => container.get(key as ServiceIdentifier<T>),
    pendingMigrations: pending,
    migrate: async () => {
      try {
        const before = await pending();
        await migrate(databaseUrl);
        const after = new Set(await pending());
        return before.filter((name) => !after.has(name));
      } catch (error) {
        throw (error as { code?: unknown }).code === LOCK_NOT_AVAILABLE ? inUse() : error;
      }
    },
    seed: () => seedDemoStory(application),
    close: () => application.close(),
  };
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: a statement waited longer than lock_timeout. */
const LOCK_NOT_AVAILABLE = '55P03';

function inUse(): NotOpened {
  return new NotOpened(
    'schema',
    ExitCode.unavailable,
    'A migration waited too long for a table that others are at work on, and left it as it was. Run "minutebook migrate" again in a quieter moment.',
  );
}

async function mustBeCurrent(system: System): Promise<void> {
  const pending = await system.pendingMigrations();
  if (pending.length === 0) return;
  throw new NotOpened(
    'schema',
    ExitCode.unavailable,
    `The database lacks ${pending.length === 1 ? 'a migration' : `${pending.length} migrations`}: run "minutebook migrate" first ("minutebook migrate --dry-run" lists them).`,
  );
}
