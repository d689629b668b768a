import type { UserId } from '#domain/accounts/user';
import type { Facts } from '#domain/shared/domain-exception';

/** Something that happened to a user while the clock moved. */
export interface ClockEvent {
  readonly at: Date;
  readonly what: 'step' | 'notification';
  /** `renewed`, `grace_over`, …; of a notification its kind. */
  readonly kind: string;
  readonly userId: UserId;
  readonly email: string;
  /** What was told; empty for a step. */
  readonly title: string;
  readonly facts: Facts;
}

/** How far the records went at one moment. */
export interface TimelineMark {
  readonly lastStep: string;
  readonly notificationsFrom: Date;
}

/** Steps of subscriptions and notifications, across all users. Reads only. */
export abstract class ClockTimeline {
  /** `now` is what the clock says: what is told later is told after it. */
  abstract mark(now: Date): Promise<TimelineMark>;

  /** What was written since, in the order of what it says of when: at most `limit` of each kind. */
  abstract since(mark: TimelineMark, limit: number): Promise<readonly ClockEvent[]>;
}
