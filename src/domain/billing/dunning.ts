import type { SubscriptionStatus } from './subscription.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** After the first payment that failed the plan is kept for so long. */
export const GRACE_DAYS = 7;

/** Days of grace on which the user is reminded. */
export const REMINDER_DAYS = [0, 3, 6] as const;

/** `clear`: nothing is owed. `grace`: a payment failed, and the plan is kept. `lapsed`: grace is over. `ended`: so is the subscription. */
export const DUNNING_STATES = ['clear', 'grace', 'lapsed', 'ended'] as const;
export type DunningState = (typeof DUNNING_STATES)[number];

export const DUNNING_EVENTS = ['payment_failed', 'payment_received', 'grace_over', 'subscription_ended'] as const;
export type DunningEvent = (typeof DUNNING_EVENTS)[number];

/** Every move there is. What stands for itself does not move. */
export const DUNNING_MOVES: Readonly<Record<DunningState, Readonly<Record<DunningEvent, DunningState>>>> = {
  clear: { payment_failed: 'grace', payment_received: 'clear', grace_over: 'clear', subscription_ended: 'ended' },
  grace: { payment_failed: 'grace', payment_received: 'clear', grace_over: 'lapsed', subscription_ended: 'ended' },
  lapsed: { payment_failed: 'lapsed', payment_received: 'clear', grace_over: 'lapsed', subscription_ended: 'ended' },
  ended: { payment_failed: 'ended', payment_received: 'ended', grace_over: 'ended', subscription_ended: 'ended' },
};

/** What a status says about payment. The first one, before which there is no plan, is no matter of dunning. */
const TOLD_BY: Readonly<Record<SubscriptionStatus, DunningEvent | null>> = {
  incomplete: null,
  incomplete_expired: 'subscription_ended',
  trialing: 'payment_received',
  active: 'payment_received',
  past_due: 'payment_failed',
  unpaid: 'payment_failed',
  canceled: 'subscription_ended',
  paused: null,
};

/** What becomes of a plan that is not paid for. */
export class Dunning {
  private constructor(
    readonly state: DunningState,
    /** Of the first payment that failed, while something is owed. */
    readonly since: Date | null,
  ) {}

  static readonly clear = new Dunning('clear', null);

  /** As it was kept. */
  static of(state: DunningState, since: Date | null): Dunning {
    return new Dunning(state, since);
  }

  get graceEndsAt(): Date | null {
    return this.since && new Date(this.since.getTime() + GRACE_DAYS * DAY_MS);
  }

  /** `unpaidSince` is when the oldest of what is owed was asked for: however late we hear of it, grace began then. */
  followed(status: SubscriptionStatus, unpaidSince: Date): Dunning {
    const event = TOLD_BY[status];
    return event === null ? this : this.moved(event, unpaidSince);
  }

  graceEndedAt(now: Date): Dunning {
    const end = this.graceEndsAt;
    return end !== null && end <= now ? this.moved('grace_over', now) : this;
  }

  /** The reminders that are due by now. */
  remindersDueAt(now: Date): readonly number[] {
    if (this.state !== 'grace' || this.since === null) return [];
    const days = (now.getTime() - this.since.getTime()) / DAY_MS;
    return REMINDER_DAYS.filter((day) => day <= days);
  }

  private moved(event: DunningEvent, at: Date): Dunning {
    const state = DUNNING_MOVES[this.state][event];
    if (state === this.state) return this;
    return new Dunning(state, state === 'grace' ? at : state === 'lapsed' ? this.since : null);
  }
}
