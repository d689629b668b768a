import { boundaryAfter } from './stripe-calendar.js';
import type { Shape } from './stripe-events.js';
import type { StripeBilling } from './stripe-billing.js';
import { existing, type StripeLedger } from './stripe-ledger.js';
import { change, type Json } from './stripe-objects.js';
import { noSuch, StripeRefusal } from './stripe-refusal.js';

const RUNNING = ['active', 'not_started'];

/** Schedules of subscriptions that run: https://docs.stripe.com/billing/subscriptions/subscription-schedules */
export class StripeSchedules extends Map<string, Json> {
  constructor(
    private readonly bank: StripeLedger,
    private readonly billing: StripeBilling,
  ) {
    super();
  }

  /** One phase: the period that runs. */
  fromSubscription(params: Json): Json {
    const { from_subscription: id, phases } = params;
    if (id === undefined) throw new StripeRefusal('The double makes schedules from subscriptions alone.');
    if (phases !== undefined) {
      throw new StripeRefusal('You cannot set `phases` if `from_subscription` is set.', { param: 'phases' });
    }
    const subscription = this.billing.subscriptions.get(id as string);
    if (!subscription) throw noSuch('subscription', id as string, 404, 'from_subscription');
    if (subscription.schedule) {
      const message = `You cannot migrate a subscription that is already attached to a schedule: ${subscription.schedule}.`;
      throw new StripeRefusal(message, { begun: true });
    }
    if (subscription.ended_at) {
      throw new StripeRefusal('You cannot migrate a subscription that is canceled.', { begun: true });
    }
    const [item] = subscription.items.data as [Json];
    const schedule = this.bank.made(this, 'sub_sched', 'subscription_schedule', {
      customer: subscription.customer,
      subscription: id,
      end_behavior: subscription.cancel_at_period_end ? 'cancel' : 'release',
      current_phase: { start_date: item.current_period_start, end_date: item.current_period_end },
    });
    schedule.phases = [
      {
        ...(schedule.phases as Json[])[0],
        items: [{ price: item.price.id, quantity: 1, discounts: [], metadata: {}, tax_rates: [] }],
        start_date: item.current_period_start,
        end_date: item.current_period_end,
        trial_end: subscription.status === 'trialing' ? subscription.trial_end : null,
        default_payment_method: subscription.default_payment_method,
      },
    ];
    this.billing.updated(subscription, { schedule: schedule.id }, 'current');
    this.bank.event('subscription_schedule.created', schedule, 'current');
    return schedule;
  }

  revise(id: string, params: Json): Json {
    const schedule = this.running(id, 'update');
    const { phases, end_behavior: end, ...others } = params;
    for (const name of Object.keys(others)) {
      if (name !== 'proration_behavior' && name !== 'expand') throw new StripeRefusal(`The double changes no ${name}.`);
    }
    const changes: Json = { ...(end && { end_behavior: end }) };
    if (phases) changes.phases = this.phasesOf(schedule, phases as Json[]);
    const before = change(schedule, changes);
    this.bank.event('subscription_schedule.updated', schedule, 'current', before);
    return schedule;
  }

  release(id: string): Json {
    const schedule = this.running(id, 'release');
    this.end(existing(this.billing.subscriptions, schedule.subscription as string), 'released', 'current');
    return schedule;
  }

  /** The subscription has none any more. */
  end(subscription: Json, status: 'released' | 'canceled', shape: Shape): Json[] {
    const schedule = subscription.schedule ? this.get(subscription.schedule as string)! : null;
    if (!schedule) return [];
    const at = status === 'released' ? { released_at: this.bank.now } : { canceled_at: this.bank.now };
    const before = change(schedule, {
      status,
      ...at,
      current_phase: null,
      ...(status === 'released' && { released_subscription: schedule.subscription, subscription: null }),
    });
    const told = this.bank.event(`subscription_schedule.${status}`, schedule, shape, before);
    return [told, ...this.billing.updated(subscription, { schedule: null }, shape)];
  }

  /** The price of the phase that begins now, if one does; after the last the subscription is let go. */
  turned(subscription: Json, now: number, shape: Shape): { readonly price: string | null; readonly events: Json[] } {
    const schedule = subscription.schedule ? this.get(subscription.schedule as string)! : null;
    if (!schedule) return { price: null, events: [] };
    const next = (schedule.phases as Json[]).find(({ start_date: start }) => start === now);
    if (!next) return { price: null, events: this.end(subscription, 'released', shape) };
    const before = change(schedule, { current_phase: { start_date: next.start_date, end_date: next.end_date } });
    const events = [this.bank.event('subscription_schedule.updated', schedule, shape, before)];
    return { price: next.items[0].price as string, events };
  }

  private running(id: string, deed: 'update' | 'release'): Json {
    const schedule = this.get(id);
    if (!schedule) throw noSuch('subscription_schedule', id, 404, 'schedule');
    if (RUNNING.includes(schedule.status as string)) return schedule;
    const message = `You cannot ${deed} a subscription schedule that is currently in the \`${schedule.status}\` status. It must be in \`not_started\`, \`active\` status to be ${deed}d.`;
    throw new StripeRefusal(message, { begun: true });
  }

  private phasesOf(schedule: Json, phases: readonly Json[]): Json[] {
    const [like] = schedule.phases as [Json];
    const { start_date: runsSince } = schedule.current_phase as Json;
    let start = Number(phases[0]?.start_date ?? NaN);
    if (Number.isNaN(start)) throw new StripeRefusal('The first phase must have a `start_date`.', { param: 'phases' });
    if (start !== runsSince) {
      throw new StripeRefusal('You can not modify the start date of the current phase.', { param: 'phases' });
    }
    return phases.map((phase, index) => {
      const param = `phases[${index}]`;
      if (phase.start_date !== undefined && Number(phase.start_date) !== start) {
        throw new StripeRefusal('Phases must follow one another.', { param: `${param}[start_date]` });
      }
      if (phase.end_date !== undefined && phase.duration !== undefined) {
        throw new StripeRefusal('You may only specify one of these parameters: duration, end_date.', { param });
      }
      const [item] = phase.items as [Json];
      const price = this.billing.prices.get(item.price as string);
      if (!price) throw noSuch('price', String(item.price), 400, `${param}[items][0][price]`);
      const { interval, interval_count: count } = (phase.duration ?? price.recurring) as Json;
      const end = Number(phase.end_date ?? boundaryAfter(start, { interval, interval_count: count ?? 1 }, start));
      const made = {
        ...like,
        trial_end: null,
        default_payment_method: null,
        ...phase,
        items: [{ discounts: [], metadata: {}, tax_rates: [], ...item }],
        start_date: start,
        end_date: end,
      };
      start = end;
      return made;
    });
  }
}
