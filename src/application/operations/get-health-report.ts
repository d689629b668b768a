import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import type { Finding } from './finding.js';
import { GetDiagnosis } from './get-diagnosis.js';
import { schemaFindings } from './schema-findings.js';
import { SystemState } from './system-state.js';

export interface HealthReport {
  readonly findings: readonly Finding[];
  readonly checkedAt: Date;
}

/** What "minutebook doctor" says. Of a schema that is behind it says that alone. */
@UseCase()
export class GetHealthReport {
  constructor(
    private readonly state: SystemState,
    private readonly diagnosis: GetDiagnosis,
    private readonly clock: Clock,
  ) {}

  async execute(): Promise<HealthReport> {
    const checkedAt = this.clock.now();
    const pending = await this.state.pendingMigrations();
    const first = schemaFindings(pending);
    return { findings: pending.length > 0 ? first : [...first, ...(await this.diagnosis.execute())], checkedAt };
  }
}
