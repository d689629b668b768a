import type { SubscriptionResponse } from '#interfaces/http/billing/billing.response';
import type { Tone } from '../shared/components/badge';

/** How a subscription stands, as its owner would say it. */
export type StandingKind =
  | 'free'
  | 'granted'
  | 'incomplete'
  | 'trial'
  | 'active'
  | 'ending'
  | 'due'
  | 'lapsed'
  | 'paused'
  | 'canceled'
  | 'review';

export type PlanAction = 'upgrade' | 'manage' | 'fix' | 'pay' | 'cancel' | 'reactivate' | 'undo';

export interface Standing {
  readonly kind: StandingKind;
  readonly tone: Tone;
  /** Whether the subscription gives the plan now. */
  readonly isGiven: boolean;
  /** The day that its words name. */
  readonly at: string | null;
  /** The first one is the one that most people want. */
  readonly actions: readonly PlanAction[];
  /** Whether another plan can be chosen here: by a checkout, by a change, or not now. */
  readonly choice: 'checkout' | 'change' | 'blocked';
}

/** @param plan What the limits are counted by: an operator may have given it without a subscription. */
export function standingOf(subscription: SubscriptionResponse, plan: string | null, now: Date): Standing {
  const ends = instantOf(subscription.current_period_end);
  const still = { isGiven: false, at: null, tone: 'quiet', choice: 'checkout', actions: ['upgrade'] } as const;
  const owing = { ...still, tone: 'bad', choice: 'blocked', actions: ['fix', 'manage', 'cancel'] } as const;
  switch (subscription.status) {
    case 'inactive':
      return { ...still, kind: plan === null || plan === 'free' ? 'free' : 'granted' };
    case 'canceled':
      return { ...still, kind: 'canceled', actions: ['upgrade', 'manage'] };
    case 'incomplete':
      return { ...still, kind: 'incomplete', tone: 'warn', actions: ['pay', 'upgrade'] };
    case 'review':
      return { ...still, kind: 'review', tone: 'warn', choice: 'blocked', actions: ['manage'] };
    case 'paused':
      return { ...owing, kind: 'paused', tone: 'warn' };
    case 'past_due': {
      const at = instantOf(subscription.grace_period_ends_at);
      const isGiven = at !== null && new Date(at) > now;
      return { ...owing, kind: isGiven ? 'due' : 'lapsed', isGiven, at };
    }
    case 'trialing':
    case 'active':
      return running(subscription, ends);
  }
}

function running(
  { status, cancel_at_period_end, pending_change, trial_end }: SubscriptionResponse,
  ends: string | null,
): Standing {
  if (cancel_at_period_end) {
    return {
      kind: 'ending',
      isGiven: true,
      tone: 'warn',
      at: ends,
      choice: 'blocked',
      actions: ['reactivate', 'manage'],
    };
  }
  const running = {
    isGiven: true,
    choice: 'change',
    actions: [pending_change ? 'undo' : 'upgrade', 'manage', 'cancel'],
  } as const;
  return status === 'trialing'
    ? { ...running, kind: 'trial', tone: 'info', at: instantOf(trial_end) ?? ends }
    : { ...running, kind: 'active', tone: 'good', at: null };
}

/** A provider that knows no instant may say 0, and nobody's plan ends in 1970. */
export function instantOf(instant: string | null): string | null {
  return instant !== null && Date.parse(instant) > 0 ? instant : null;
}
