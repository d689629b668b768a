import type { UserId } from '../accounts/user.js';
import { DomainException, type Facts } from '../shared/domain-exception.js';
import type { Id } from '../shared/id.js';

export type NotificationId = Id<'Notification'>;

export const NOTIFICATION_SEVERITIES = ['info', 'warning', 'critical'] as const;
export type NotificationSeverity = (typeof NOTIFICATION_SEVERITIES)[number];

/** What a user may choose not to be told. */
export const MUTABLE_KINDS = [
  'budget_orange',
  'budget_red',
  'budget_forecast',
  'global_budget_orange',
  'global_budget_red',
  'global_budget_forecast',
  'trial_ending',
  'payment_recovered',
  'subscription_ended',
] as const;
export type MutableKind = (typeof MUTABLE_KINDS)[number];

export const NOTIFICATION_KINDS = [
  ...MUTABLE_KINDS,
  'budget_critical',
  'global_budget_critical',
  'payment_failed',
  'payment_overdue',
  'grace_ending',
  'plan_lost',
] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

/** What there is to tell somebody. */
export interface Tidings {
  readonly kind: NotificationKind;
  readonly severity: NotificationSeverity;
  readonly title: string;
  readonly message: string;
  /** The figures behind the message, in the field names of the public contract. */
  readonly facts: Facts;
  /** What it is about: a user is told of it once. */
  readonly sourceKey: string;
}

/** Something that a user was told. */
export class Notification {
  constructor(
    readonly id: NotificationId,
    readonly userId: UserId,
    readonly kind: NotificationKind,
    readonly severity: NotificationSeverity,
    readonly title: string,
    readonly message: string,
    readonly facts: Facts,
    readonly sourceKey: string,
    readonly createdAt: Date,
    /** Null until the user has read it. */
    readonly readAt: Date | null,
  ) {}

  static of(id: NotificationId, userId: UserId, tidings: Tidings, now: Date): Notification {
    const { kind, severity, title, message, facts, sourceKey } = tidings;
    return new Notification(id, userId, kind, severity, title, message, facts, sourceKey, now, null);
  }

  /** Read at `now`, or when it was read first. */
  read(now: Date): Notification {
    if (this.readAt !== null) return this;
    const { id, userId, kind, severity, title, message, facts, sourceKey, createdAt } = this;
    return new Notification(id, userId, kind, severity, title, message, facts, sourceKey, createdAt, now);
  }
}

export class NotificationNotFound extends DomainException {
  constructor(id: string) {
    super('notification_not_found', `There is no notification ${id}.`, { notification: id }, 'not_found');
  }
}
