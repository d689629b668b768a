import 'reflect-metadata';
import { BadSetting, loadConfig } from '#config';
import { DatabaseUnreachable } from '#composition/application';
import { PortTaken, Service } from '#composition/service';
import { EmbeddedPostgresUnavailable } from '#infrastructure/persistence/embedded-postgres';

/** sysexits.h: EX_CONFIG and EX_UNAVAILABLE. */
const EX_CONFIG = 78;
const EX_UNAVAILABLE = 69;

function refuse(message: string, code: number): never {
  process.stderr.write(`minutebook: ${message}\n`);
  process.exit(code);
}

try {
  const service = await Service.start(loadConfig());
  const stop = (): void => {
    // A second signal ends the process at once, as people expect of Ctrl-C twice.
    process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
    service.stop().then(
      () => process.exit(0),
      (error: unknown) => refuse(`could not stop cleanly: ${(error as Error).message}`, 1),
    );
  };
  process.once('SIGINT', stop).once('SIGTERM', stop).once('SIGHUP', stop);
} catch (error) {
  if (error instanceof BadSetting) refuse(error.message, EX_CONFIG);
  if (
    error instanceof PortTaken ||
    error instanceof DatabaseUnreachable ||
    error instanceof EmbeddedPostgresUnavailable
  ) {
    refuse(error.message, EX_UNAVAILABLE);
  }
  throw error;
}
