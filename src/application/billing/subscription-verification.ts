import type { UserId } from '#domain/accounts/user';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';

/** A broken book is told of by its first thousand findings of each kind. */
const MOST_FINDINGS = 1_000;

/** What can be wrong with subscriptions, and with what follows from them. */
export const SUBSCRIPTION_FINDING_KINDS = [
  /** A user's plan is not what the subscription gives, and no operator has decided so. */
  'plan_differs',
  /** More than one that gives a plan. */
  'several_subscriptions',
  /** Usage periods are not counted from the subscription's anchor, and no operator has decided so. */
  'anchor_differs',
  /** Included credit came while that of the same item still ran. */
  'included_twice',
  /** More was paid of an invoice than was due. */
  'overpaid_invoice',
  /** Something has happened that lies ahead. */
  'step_ahead',
] as const;
export type SubscriptionFindingKind = (typeof SUBSCRIPTION_FINDING_KINDS)[number];

export type SubscriptionFacts = Readonly<Record<string, string | null>>;

export interface SubscriptionFinding {
  readonly kind: SubscriptionFindingKind;
  readonly userId: UserId;
  /** The provider's id of the subscription or invoice, or the key of the credit. */
  readonly id: string;
  readonly stored: SubscriptionFacts;
  /** As it follows from the rest. */
  readonly recomputed: SubscriptionFacts;
}

export interface SubscriptionVerificationReport {
  /** How many subscriptions were looked at. */
  readonly subscriptions: number;
  readonly findings: readonly SubscriptionFinding[];
  /** True when there are more findings than are listed. */
  readonly truncated: boolean;
}

/** Of one user, or of everybody (null). */
export abstract class SubscriptionFindings {
  abstract size(userId: UserId | null): Promise<number>;
  abstract find(
    kind: SubscriptionFindingKind,
    userId: UserId | null,
    now: Date,
    limit: number,
  ): Promise<readonly SubscriptionFinding[]>;
}

/** Compares what subscriptions say with what follows from them here. What the provider says is asked by "minutebook subscription sync". */
@UseCase()
export class SubscriptionVerification {
  constructor(
    private readonly books: SubscriptionFindings,
    private readonly clock: Clock,
  ) {}

  /** Of one user, or of everybody (null). */
  async execute(userId: UserId | null): Promise<SubscriptionVerificationReport> {
    const now = this.clock.now();
    const lists: (readonly SubscriptionFinding[])[] = [];
    for (const kind of SUBSCRIPTION_FINDING_KINDS) {
      lists.push(await this.books.find(kind, userId, now, MOST_FINDINGS + 1));
    }
    return {
      subscriptions: await this.books.size(userId),
      findings: lists.flatMap((list) => list.slice(0, MOST_FINDINGS)),
      truncated: lists.some((list) => list.length > MOST_FINDINGS),
    };
  }
}
