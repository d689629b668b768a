import { includedKeys } from '#domain/billing/included-credit';
import type { Subscription } from '#domain/billing/subscription';
import { CreditLedger } from '../credits/credit-ledger.js';
import { UseCase } from '../use-case.js';

/** Takes back what a trial brought, when it ends before its time, also by a plan that is paid for at once: nothing was paid for that. */
@UseCase()
export class IncludedCreditEnd {
  constructor(private readonly ledger: CreditLedger) {}

  /** In the running transaction, which holds the user. Does nothing twice. */
  async execute(before: readonly Subscription[], after: readonly Subscription[]): Promise<void> {
    for (const one of after) {
      const was = before.find(({ externalId }) => externalId === one.externalId);
      const { userId, itemId, trialEnd, endedAt } = one;
      if (was?.status !== 'trialing' || one.status === 'trialing' || itemId === null || was.trialEnd === null) continue;
      const over = endedAt ?? trialEnd;
      if (over === null || over >= was.trialEnd) continue;
      for (const { key } of await this.ledger.list(userId, includedKeys(itemId))) await this.ledger.expire(userId, key);
    }
  }
}
