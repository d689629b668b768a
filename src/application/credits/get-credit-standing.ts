import type { UserId } from '#domain/accounts/user';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { CreditLedger } from './credit-ledger.js';
import { type AccountStanding, CreditReport } from './credit-report.js';

/**
 * What a user's account holds now. What ran out by the clock is closed first, so that no answer counts it, whether or not
 * the job that does the same has come by.
 */
@UseCase()
export class GetCreditStanding {
  constructor(
    private readonly report: CreditReport,
    private readonly ledger: CreditLedger,
    private readonly clock: Clock,
  ) {}

  async execute(userId: UserId): Promise<AccountStanding> {
    const standing = await this.report.standingOf(userId);
    if (standing.alarmAt === null || standing.alarmAt > this.clock.now()) return standing;
    await this.ledger.tidy(userId);
    return this.report.standingOf(userId);
  }
}
