import type { UserId } from '#domain/accounts/user';
import { causeOf, isAboutAllowance, KeptRefusal, RefusalLog } from '#domain/usage/refusal';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { Log } from '../ports/log.js';
import { UseCase } from '../use-case.js';
import { RecentRefusals } from './recent-refusals.js';

/** Where a refusal happened. */
export interface RefusedRequest {
  readonly route: string;
  readonly requestId: string;
}

/**
 * Keeps what a user was refused, before the answer leaves, so that a page that asks next finds it. A client that hammers is
 * written down once a second for each cause, by each process: it must not make the database hammer along.
 */
@UseCase()
export class RefusalRecording {
  constructor(
    private readonly refusals: RefusalLog,
    private readonly recent: RecentRefusals,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
    private readonly log: Log,
  ) {}

  /** What is not about plan, credit or budget is passed over. Never throws, and runs outside of any transaction. */
  async execute(userId: UserId, error: unknown, { route, requestId }: RefusedRequest): Promise<void> {
    if (!isAboutAllowance(error)) return;
    const { code, message, facts, refusal: kind } = error;
    const now = this.clock.now();
    if (this.recent.isRepeated(userId, causeOf(error), now)) return;
    try {
      await this.refusals.add(
        new KeptRefusal(this.ids.next(), userId, now, code, kind, message, facts, route, requestId),
      );
    } catch (failure) {
      // The refusal stands and is answered as it is: what cannot be kept of it is our loss, and no other answer for the caller.
      this.log.error(failure, { request_id: requestId, route, code }, 'a refusal could not be kept');
    }
  }
}
