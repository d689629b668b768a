import { PageSessionRepository } from '#domain/accounts/page-session';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';

/** Until then, whoever comes late is told that the link expired, and not that it never was. */
const KEPT_MS = 24 * 60 * 60 * 1000;
const BATCH = 1000;

/** Removes sessions of the page that expired over a day ago. */
@UseCase()
export class PageSessionRemoval {
  constructor(
    private readonly sessions: PageSessionRepository,
    private readonly clock: Clock,
  ) {}

  /** How many there were. Each batch is kept by itself, so an interruption loses nothing. */
  async execute(): Promise<number> {
    const instant = new Date(this.clock.now().getTime() - KEPT_MS);
    for (let removed = 0; ;) {
      const batch = await this.sessions.removeExpiredBefore(instant, BATCH);
      removed += batch;
      if (batch < BATCH) return removed;
    }
  }
}
