import type { UserId } from '#domain/accounts/user';
import { CreditAccountRepository } from '#domain/credits/credit-account-repository';
import { Clock } from '../ports/clock.js';
import { Log } from '../ports/log.js';
import { UseCase } from '../use-case.js';
import { CreditLedger } from './credit-ledger.js';

const BATCH = 100;

export interface SweptCredit {
  /** Accounts in which what ran out was closed. */
  readonly swept: number;
  /** Those that could not be: each is in the log, and is due the next time. */
  readonly failed: number;
}

/**
 * Writes the entries of credit and holds that ran out. Nothing waits for it: every deed and every answer does the same
 * for its own account before.
 */
@UseCase()
export class CreditExpirySweep {
  constructor(
    private readonly accounts: CreditAccountRepository,
    private readonly ledger: CreditLedger,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Each account is a transaction of its own, and one that fails does not keep the others from theirs. */
  async execute(): Promise<SweptCredit> {
    const now = this.clock.now();
    const tried = new Set<UserId>();
    for (let swept = 0; ;) {
      // Those that failed stay due and come first, so a batch makes room for them. None is tried twice.
      const due = await this.accounts.listDue(now, BATCH + tried.size - swept);
      const next = due.filter((userId) => !tried.has(userId));
      if (next.length === 0) return { swept, failed: tried.size - swept };
      for (const userId of next) {
        tried.add(userId);
        if (await this.sweep(userId)) swept++;
      }
    }
  }

  private async sweep(userId: UserId): Promise<boolean> {
    try {
      await this.ledger.tidy(userId);
      return true;
    } catch (error) {
      this.log.error(error, { user_id: userId }, 'credit that ran out could not be closed');
      return false;
    }
  }
}
