import type { UserId } from '#domain/accounts/user';
import { DomainException } from '#domain/shared/domain-exception';

/** How many requests a user may send in a minute and at once. Counted by each process for itself. */
export abstract class RequestRates {
  /** Admits one request until the answered function is called. Throws RateLimited. */
  abstract admit(userId: UserId): Promise<() => void>;
}

export class RateLimited extends DomainException {
  constructor(
    limit: 'requests_per_minute' | 'requests_at_once',
    allowed: number,
    readonly retryAfterMs: number,
  ) {
    const what = limit === 'requests_per_minute' ? `${allowed} requests a minute` : `${allowed} requests at once`;
    super(
      'rate_limit_exceeded',
      `You may send ${what}. Try again in ${Math.ceil(retryAfterMs / 1000)} s.`,
      { limit, allowed, retry_after_seconds: Math.ceil(retryAfterMs / 1000) },
      'unavailable',
    );
  }
}
