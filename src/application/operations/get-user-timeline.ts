import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { UseCase } from '../use-case.js';
import { type TimelineFilter, type TimelineStretch, UserTimeline } from './user-timeline.js';

/** All that happened to one user, newest first, for the operator. */
@UseCase()
export class GetUserTimeline {
  constructor(
    private readonly users: UserRepository,
    private readonly timeline: UserTimeline,
  ) {}

  /** Throws UserNotFound. */
  async execute(userId: UserId, filter: TimelineFilter): Promise<TimelineStretch> {
    await this.users.get(userId);
    return this.timeline.stretchOf(userId, filter);
  }
}
