import type { UserId } from '#domain/accounts/user';
import type { CreditHold } from '#domain/credits/credit-hold';
import { Money } from '#domain/shared/money';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { CreditReport, type LiveGrant } from './credit-report.js';
import { GetCreditStanding } from './get-credit-standing.js';

export interface CreditBalance {
  readonly balance: Money;
  readonly held: Money;
  /** What can be spent or held: the balance without what is held. */
  readonly available: Money;
  readonly debt: Money;
  /** In the order in which they are spent. */
  readonly grants: readonly LiveGrant[];
  /** The next to run out first. */
  readonly holds: readonly CreditHold[];
  /** What remains of the credit that runs out first, and when; null when none does. */
  readonly expiringNext: { readonly amount: Money; readonly at: Date } | null;
}

/** How much credit a user has, what it is made of, and what of it runs out first. */
@UseCase()
export class GetCreditBalance {
  constructor(
    private readonly standing: GetCreditStanding,
    private readonly report: CreditReport,
    private readonly clock: Clock,
  ) {}

  async execute(userId: UserId): Promise<CreditBalance> {
    await this.standing.execute(userId); // What ran out is closed before the account is read.
    const { balance, held, debt, grants, holds } = await this.report.contentsOf(userId);
    const expiringNext = firstToExpire(grants, this.clock.now());
    return { balance, held, available: balance.minus(held), debt, grants, holds, expiringNext };
  }
}

/** What is over and still there is held, and lapses when its hold ends: at no known instant. */
function firstToExpire(grants: readonly LiveGrant[], now: Date): CreditBalance['expiringNext'] {
  const instants = grants.flatMap(({ expiresAt }) =>
    expiresAt !== null && expiresAt > now ? [expiresAt.getTime()] : [],
  );
  if (instants.length === 0) return null;
  const first = Math.min(...instants);
  const expiring = grants.filter(({ expiresAt }) => expiresAt?.getTime() === first);
  return { amount: Money.sum(expiring.map(({ remaining }) => remaining)), at: new Date(first) };
}
