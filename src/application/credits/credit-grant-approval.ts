import { InvalidValue } from '#domain/shared/domain-exception';
import type { Money } from '#domain/shared/money';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { CreditAllowances } from './credit-allowances.js';
import { CreditGrantCapExceeded, CreditGrantCaps } from './credit-grant-caps.js';

/** Decides whether an operator may give so much, and remembers that it was given. */
@UseCase()
export class CreditGrantApproval {
  constructor(
    private readonly caps: CreditGrantCaps,
    private readonly allowances: CreditAllowances,
    private readonly clock: Clock,
  ) {}

  /**
   * In the transaction of the grant itself, and before it opens an account: operators wait for each other here, in one
   * order. Throws InvalidValue and CreditGrantCapExceeded.
   */
  async execute(actor: string, amount: Money): Promise<void> {
    // A sum below zero would give allowance back.
    if (!amount.isPositive) throw notPositive(amount);
    const { perGrant, perDay } = this.caps;
    const now = this.clock.now();
    if (perGrant.isLessThan(amount)) {
      throw new CreditGrantCapExceeded('grant', await this.allowances.grantedOn(actor, now), amount, perGrant);
    }
    if (!(await this.allowances.take(actor, now, amount, perDay))) {
      throw new CreditGrantCapExceeded('day', await this.allowances.grantedOn(actor, now), amount, perDay);
    }
  }
}

function notPositive({ micros }: Money): InvalidValue {
  return new InvalidValue('invalid_amount', 'Credit that is given is above zero.', {
    amount_micros: micros.toString(),
  });
}
