import { ContainerModule } from 'inversify';
import { DatabaseHealth } from '#application/system/database-health';
import { MetricsExposition } from '#application/system/metrics-exposition';
import { PostgresHealth } from '#infrastructure/persistence/postgres-health';
import { Controller } from '#interfaces/http/shared/operation';
import { SystemController } from '#interfaces/http/system/system.controller';

export const health = new ContainerModule(({ bind }) => {
  bind(DatabaseHealth).to(PostgresHealth).inSingletonScope();
  bind(MetricsExposition).toSelf();
  bind(Controller).to(SystemController);
});
