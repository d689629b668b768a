import { creditsOf } from '#domain/credits/credit';
import { DomainException } from '#domain/shared/domain-exception';
import type { Money } from '#domain/shared/money';

/** How much an operator may give away: a slip of the hand, or a stolen key, costs this much and no more. */
export class CreditGrantCaps {
  constructor(
    /** At once; a grant to many users counts as the sum. */
    readonly perGrant: Money,
    /** By one operator on one day (UTC). */
    readonly perDay: Money,
  ) {}
}

/** What an operator wanted to give, what that one gave already today, and the cap that it is over. */
export class CreditGrantCapExceeded extends DomainException {
  constructor(scope: 'grant' | 'day', granted: Money, requested: Money, cap: Money) {
    const [sum, most, today] = [creditsOf(requested), creditsOf(cap), creditsOf(granted)];
    super(
      'credit_grant_cap_exceeded',
      scope === 'grant'
        ? `At most ${most} credits can be given at once, and this is ${sum}. Give less, or have the cap raised.`
        : `You gave ${today} credits today; with ${sum} more that is above the ${most} of a day (UTC). Wait for the next day, ask another operator, or have the cap raised.`,
      {
        scope,
        granted_today: today,
        requested: sum,
        cap: most,
        granted_today_micros: granted.toNumber(),
        requested_micros: requested.toNumber(),
        cap_micros: cap.toNumber(),
      },
      'forbidden',
    );
  }
}
