import type { UserId } from '../accounts/user.js';
import { DomainException } from '../shared/domain-exception.js';
import type { Id } from '../shared/id.js';
import type { Money } from '../shared/money.js';
import type { GrantPart, Metadata } from './credit-transaction.js';

export type CreditHoldId = Id<'CreditHold'>;
export type CreditHoldState = 'open' | 'settled' | 'released' | 'expired';

/** Credit reserved before paid work begins, out of named grants. One request is one hold, for ever. */
export class CreditHold {
  constructor(
    readonly id: CreditHoldId,
    readonly userId: UserId,
    /** The caller's own name of the work. */
    readonly requestId: string,
    readonly amount: Money,
    readonly parts: readonly GrantPart[],
    readonly description: string,
    readonly state: CreditHoldState,
    /** What the work cost in the end; null unless settled. */
    readonly settled: Money | null,
    readonly placedAt: Date,
    readonly expiresAt: Date,
    readonly closedAt: Date | null,
    /** What the work is, for whoever finds the hold without it. */
    readonly metadata: Metadata = {},
  ) {}

  isExpiredAt(now: Date): boolean {
    return this.state === 'open' && this.expiresAt <= now;
  }

  /** With the parts of grants that make it up. */
  reserving(parts: readonly GrantPart[]): CreditHold {
    return this.with({ parts });
  }

  closed(state: Exclude<CreditHoldState, 'open'>, closedAt: Date, settled: Money | null = null): CreditHold {
    return this.with({ state, closedAt, settled });
  }

  private with(changes: Partial<Pick<CreditHold, 'parts' | 'state' | 'closedAt' | 'settled'>>): CreditHold {
    return Object.assign(Object.create(CreditHold.prototype) as CreditHold, this, changes);
  }
}

export class CreditHoldNotFound extends DomainException {
  constructor(requestId: string) {
    super(
      'credit_hold_not_found',
      `No credit is held for request ${requestId}.`,
      { request_id: requestId },
      'not_found',
    );
  }
}

/** What was settled or released stays so. */
export class CreditHoldClosed extends DomainException {
  constructor({ requestId, state, settled }: CreditHold) {
    super(
      'credit_hold_closed',
      `The hold of request ${requestId} is ${state} already. Use a new request id for new work.`,
      { request_id: requestId, state, settled_micros: settled?.toNumber() ?? null },
      'conflict',
    );
  }
}
