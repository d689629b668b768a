import type { UserId } from '#domain/accounts/user';
import type { MutableKind } from '#domain/notifications/notification';
import { NotificationPreferences } from '#domain/notifications/notification-preferences';
import { NotificationRepository } from '#domain/notifications/notification-repository';
import { Clock } from '../ports/clock.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';

/** Mutes the kinds that are named, and no others. What was told before stays. */
@UseCase()
export class NotificationPreferencesChange {
  constructor(
    private readonly notifications: NotificationRepository,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  async execute(userId: UserId, muted: readonly MutableKind[]): Promise<NotificationPreferences> {
    const preferences = NotificationPreferences.muting(userId, muted);
    await this.transaction.run(() => this.notifications.savePreferences(preferences, this.clock.now()));
    return preferences;
  }
}
