import { DeviceRepository } from '#domain/accounts/device';
import type { Role } from '#domain/accounts/role';
import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { currentOf } from '#domain/billing/running-subscription';
import type { Subscription } from '#domain/billing/subscription';
import { SubscriptionRepository } from '#domain/billing/subscription-repository';
import { budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { BudgetRepository } from '#domain/budgets/budget-repository';
import { CreditOffers } from '#domain/payments/credit-package';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import type { Page, PageOf } from '#domain/shared/page';
import { HoldRepository } from '#domain/usage/hold-repository';
import { type KeptRefusal, RefusalLog } from '#domain/usage/refusal';
import { type BudgetOutlook, isStillRefused, type UserStanding } from '#domain/usage/refused-check';
import { type Remedy, remediesOf } from '#domain/usage/remedy';
import { BudgetSettings } from '../budgets/budget-settings.js';
import { GetCreditStanding } from '../credits/get-credit-standing.js';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';

/** A refusal of before, and what it comes to now. */
export interface ExplainedRefusal {
  /** With the figures of a budget only where its user may see it now. */
  readonly refusal: KeptRefusal;
  /** Null where it cannot be told. */
  readonly stillRefused: boolean | null;
  readonly remedies: readonly Remedy[];
}

/** Why a user was blocked, whether that is so still, and what can be done about it. Decides nothing, and reserves nothing. */
@UseCase()
export class ListRefusals {
  constructor(
    private readonly refusals: RefusalLog,
    private readonly users: UserRepository,
    private readonly devices: DeviceRepository,
    private readonly subscriptions: SubscriptionRepository,
    private readonly plans: PlanCatalog,
    private readonly holds: HoldRepository,
    private readonly credit: GetCreditStanding,
    private readonly offers: CreditOffers,
    private readonly budgets: BudgetRepository,
    private readonly budgetSettings: BudgetSettings,
    private readonly clock: Clock,
  ) {}

  /** Newest first. `role` is that of whoever asks, who may be allowed less than the account. Throws UserNotFound. */
  async execute(userId: UserId, role: Role, page: Page): Promise<PageOf<ExplainedRefusal>> {
    const { items, total } = await this.refusals.latestOf(userId, page);
    if (items.length === 0) return { items: [], total };
    const standing = await this.standingOf(userId, role, items);
    const isHidden = ({ code, facts }: KeptRefusal): boolean =>
      code === 'budget_exceeded' &&
      (facts['budget'] !== 'user' || !standing.budgets.user?.status.budget.permissions.visible);
    const explained = items.map((refusal) => ({
      refusal: isHidden(refusal) ? refusal.withoutFigures() : refusal,
      stillRefused: isStillRefused(refusal, standing),
      remedies: remediesOf(refusal, standing),
    }));
    return { items: explained, total };
  }

  /** Only what these refusals are about is asked for. */
  private async standingOf(userId: UserId, role: Role, refusals: readonly KeptRefusal[]): Promise<UserStanding> {
    const isAbout = (code: string, budget?: 'user' | 'global'): boolean =>
      refusals.some((one) => one.code === code && (budget === undefined || one.facts['budget'] === budget));
    const now = this.clock.now();
    const user = await this.users.get(userId);
    const period = user.billingPeriodAt(now);
    return {
      plan: this.plans.find(user.plan),
      plans: this.plans.plans,
      period,
      usage: await this.holds.usageIn(period, userId, now),
      devices: isAbout('device_limit_exceeded') ? await this.devices.countActive(userId) : null,
      credit: isAbout('insufficient_credits') ? await this.credit.execute(userId) : null,
      packages: this.offers.offer.packages,
      budgets: {
        user: isAbout('budget_exceeded', 'user') ? await this.outlook(userId, role, now) : null,
        global: isAbout('budget_exceeded', 'global') ? await this.outlook(null, role, now) : null,
      },
      paymentDue: paymentDue(currentOf(await this.subscriptions.listOf(userId))),
    };
  }

  /** Of the global budget for nobody. */
  private async outlook(userId: UserId | null, role: Role, now: Date): Promise<BudgetOutlook> {
    const status = await this.budgets.status(userId === null ? GLOBAL_BUDGET : budgetOf(userId), now);
    const mayRaise = role === 'admin' || (userId !== null && status.budget.permissions.canModify);
    return { status, microAllowance: this.budgetSettings.microAllowance, mayRaise };
  }
}

/** As a change of the subscription is refused: a failed payment, or a trial that ended without a card. */
function paymentDue(current: Subscription | null): UserStanding['paymentDue'] {
  if (!current?.isLive) return null;
  const { dunning, status, sold } = current;
  const owes = dunning.state === 'grace' || dunning.state === 'lapsed' || status === 'paused';
  return owes ? { restores: sold?.plan ?? null } : null;
}
