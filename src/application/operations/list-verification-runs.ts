import type { Page, PageOf } from '#domain/shared/page';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { VERIFICATION_LOST_MS, type VerificationRun, VerificationRuns } from './verification-runs.js';

/** The verifications of the books, newest first, with what they found. */
@UseCase()
export class ListVerificationRuns {
  constructor(
    private readonly runs: VerificationRuns,
    private readonly clock: Clock,
  ) {}

  execute(page: Page): Promise<PageOf<VerificationRun>> {
    return this.runs.list(page, new Date(this.clock.now().getTime() - VERIFICATION_LOST_MS));
  }
}
