import type { SessionId } from '#domain/sessions/session';
import { HoldRepository } from '#domain/usage/hold-repository';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';

/** A result that is on its way when its hold expires still has this long to land by itself. */
const GRACE_MS = 10 * 60 * 1000;

/** As many as one sweep lands; the next one follows within a minute. */
const MOST = 500;

export interface LostTranscription {
  readonly sessionId: SessionId;
  readonly attempt: number;
}

/**
 * Transcriptions whose hold ran out long ago and that nobody ever landed: the worker died for good, or the provider
 * never answered. Their holds do not count any more; what is left to do is to tell the owner.
 */
@UseCase()
export class ListLostTranscriptions {
  constructor(
    private readonly holds: HoldRepository,
    private readonly clock: Clock,
  ) {}

  /** Oldest first. */
  async execute(): Promise<readonly LostTranscription[]> {
    const lost = await this.holds.listExpiredBefore(new Date(this.clock.now().getTime() - GRACE_MS), MOST);
    return lost.map(({ sessionId, attempt }) => ({ sessionId, attempt }));
  }
}
