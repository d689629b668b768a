import { ContainerModule } from 'inversify';
import { GetDiagnosis } from '#application/operations/get-diagnosis';
import { SystemState } from '#application/operations/system-state';
import { SqlSystemState } from '#infrastructure/operations/sql-system-state';

export const operations = new ContainerModule(({ bind }) => {
  bind(SystemState).to(SqlSystemState);
  bind(GetDiagnosis).toSelf();
});
