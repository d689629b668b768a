import type { UserId } from '../accounts/user.js';
import { MUTABLE_KINDS, type MutableKind, type Tidings } from './notification.js';

/** What a user does not want to be told. */
export class NotificationPreferences {
  private constructor(
    readonly userId: UserId,
    /** Each once, in the order of MUTABLE_KINDS. */
    readonly muted: readonly MutableKind[],
  ) {}

  /** Of somebody who never changed them: everything is told. */
  static unchanged(userId: UserId): NotificationPreferences {
    return new NotificationPreferences(userId, []);
  }

  static muting(userId: UserId, kinds: readonly MutableKind[]): NotificationPreferences {
    return new NotificationPreferences(
      userId,
      MUTABLE_KINDS.filter((kind) => kinds.includes(kind)),
    );
  }

  /** What is critical is told in any case. */
  allow({ kind, severity }: Pick<Tidings, 'kind' | 'severity'>): boolean {
    return severity === 'critical' || !this.muted.some((muted) => muted === kind);
  }
}
