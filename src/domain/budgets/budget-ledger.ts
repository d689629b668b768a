import type { UserId } from '../accounts/user.js';
import { DomainException, type Facts } from '../shared/domain-exception.js';
import type { Money } from '../shared/money.js';
import {
  type BudgetStanding,
  CEILING_AT_CRITICAL,
  CEILING_AT_RED,
  type Unaffordable,
  USUAL_BUFFER,
  padded,
} from './affordability.js';
import type { AlertLevel } from './alert-level.js';
import type { BudgetId, BudgetMode } from './budget.js';
import { dollars } from './budget-alert.js';
import type { BudgetPeriod } from './budget-period.js';

/** What kind of provider work money went to. */
export const SERVICE_TYPES = ['llm', 'image', 'stt', 'tts', 'other'] as const;
export type ServiceType = (typeof SERVICE_TYPES)[number];

/** Provider money that work may come to, asked for before it begins. */
export interface BudgetDemand {
  readonly userId: UserId;
  /** One request is one hold. */
  readonly requestId: string;
  /** The most it can cost us. Zero is always allowed. */
  readonly cost: Money;
  /** When the work began: it counts in the period that this is in, whenever it ends. */
  readonly at: Date;
  /** From then on it is not held any more, by the clock alone. */
  readonly expiresAt: Date;
}

/** Provider money that was spent. */
export interface ProviderSpend {
  /** Null when it is nobody's: it counts in the global budget alone. */
  readonly userId: UserId | null;
  readonly requestId: string;
  readonly cost: Money;
  /** No provider reported it: we reckoned it. */
  readonly isEstimate: boolean;
  /** As the demand said. */
  readonly at: Date;
  readonly service: ServiceType;
  /** Null when nobody was reached: nothing was spent then. */
  readonly provider: string | null;
  readonly model: string | null;
  /** In and out; zero for what is not counted in tokens. */
  readonly tokens: number;
}

/**
 * Provider money, held and spent within two budgets at once: the user's and the global one. Every deed takes part in the
 * running transaction, and comes last in it: what it locks, all users share. Thresholds that a spend crosses become alerts in
 * the same transaction, each once for a period.
 */
export abstract class BudgetLedger {
  /**
   * Reserves what work may cost, in both budgets or in none. Answers the worse of their levels. Throws BudgetExceeded.
   * One hold for each request: the second finds it placed.
   */
  abstract hold(demand: BudgetDemand): Promise<AlertLevel>;

  /** Books what work cost in place of what is held for it, whatever it is: what was spent is never refused. */
  abstract settle(spend: ProviderSpend): Promise<void>;

  /** Reckons a budget anew after it was configured, and tells what its new limits have crossed: what is spent can be above them. */
  abstract reckon(id: BudgetId): Promise<void>;

  /** Gives back what is held: nothing was spent. */
  abstract release(userId: UserId, requestId: string): Promise<void>;
}

/** What no budget of the two may spend. */
export class BudgetExceeded extends DomainException {
  readonly mode: BudgetMode;

  constructor(
    readonly scope: 'user' | 'global',
    readonly reason: Unaffordable,
    standing: BudgetStanding,
    period: BudgetPeriod,
    required: Money,
    /** Whether the caller may know the figures: those of the global budget are the operator's, and a user's can be hidden. */
    isTold: boolean,
  ) {
    super(
      'budget_exceeded',
      messageOf(scope, reason, period),
      factsOf(scope, reason, standing, period, required, isTold),
      'payment_required',
    );
    this.mode = standing.mode;
  }
}

function messageOf(scope: 'user' | 'global', reason: Unaffordable, { end }: BudgetPeriod): string {
  const whose = scope === 'user' ? 'Your budget for provider costs' : 'The budget of this service for provider costs';
  const why = {
    budget_spent: 'has too little left for this request',
    too_dear_at_red: `is nearly spent, so only requests below ${dollars(CEILING_AT_RED)} USD are served`,
    too_dear_at_critical: `is spent, so only requests below ${dollars(CEILING_AT_CRITICAL)} USD may be served`,
  }[reason];
  const next = scope === 'user' ? 'ask an administrator for more, or ask for less' : 'try again later, or ask for less';
  return `${whose} ${why}. It starts anew at ${end.toISOString()}; until then ${next}.`;
}

/** Whoever may not know the figures is told what was asked for, and when the budget starts anew. */
function factsOf(
  scope: 'user' | 'global',
  reason: Unaffordable,
  { limit, used, held, level, mode }: BudgetStanding,
  { start, end }: BudgetPeriod,
  required: Money,
  isTold: boolean,
): Facts {
  const told = {
    budget: scope,
    reason,
    alert_level: level,
    mode,
    required_micros: required.toNumber(),
    required_with_buffer_micros: padded(required, USUAL_BUFFER).toNumber(),
    period_start: start.toISOString(),
    resets_at: end.toISOString(),
  };
  if (!isTold) return told;
  return { ...told, limit_micros: limit.toNumber(), used_micros: used.toNumber(), held_micros: held.toNumber() };
}
