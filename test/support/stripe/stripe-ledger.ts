import { change, example, type Json } from './stripe-objects.js';
import { type Shape, StripeEvents } from './stripe-events.js';

/** What Stripe knows: its objects by id, its clock, and the events that it sent. */
export class StripeLedger {
  private ahead = 0;
  private serial = 0;
  readonly customers = new Map<string, Json>();
  readonly sessions = new Map<string, Json>();
  readonly intents = new Map<string, Json>();
  readonly charges = new Map<string, Json>();
  readonly refunds = new Map<string, Json>();
  readonly disputes = new Map<string, Json>();
  readonly events = new StripeEvents(this);

  private readonly clock: { now(): Date };

  /** @param clock by which everything at Stripe happens; without one it is always the instant at which the ledger was opened */
  constructor(clock?: { now(): Date }) {
    const opened = new Date();
    this.clock = clock ?? { now: () => opened };
  }

  /** Seconds; scenarios may move it on, beside the clock. */
  get now(): number {
    return Math.floor(this.clock.now().getTime() / 1000) + this.ahead;
  }

  set now(seconds: number) {
    this.ahead += seconds - this.now;
  }

  /** An object as it is now, in an envelope. The old shape has the fields, and lacks the fields, of 2022. */
  event(type: string, object: Json, shape: Shape, previous: Json | null = null): Json {
    return this.events.told(this.id('evt'), type, object, shape, previous);
  }

  /** A new object of this kind. */
  made(into: Map<string, Json>, prefix: string, kind: string, fields: Json): Json {
    const made = example(kind, { ...fields, id: this.id(prefix), created: this.now });
    into.set(made.id as string, made);
    return made;
  }

  id(prefix: string): string {
    return `${prefix}_${String(++this.serial).padStart(8, '0')}${Math.random().toString(36).slice(2, 10)}`;
  }

  /** Money that left for a dispute, or came back: negative, or positive. Answers what the dispute had before. */
  protected moveFunds(dispute: Json, amount: number): Json {
    const movement = example('balance_transaction', {
      id: this.id('txn'),
      amount,
      net: amount,
      created: this.now,
      available_on: this.now,
      currency: dispute.currency,
      description: `Chargeback for ${dispute.charge}`,
      reporting_category: amount < 0 ? 'dispute' : 'dispute_reversal',
      source: dispute.id,
      type: 'adjustment',
    });
    return change(dispute, { balance_transactions: [...(dispute.balance_transactions as Json[]), movement] });
  }

  protected sumRefunds(charge: Json): Json {
    const sum = [...this.refunds.values()]
      .filter(({ charge: of, status }) => of === charge.id && status !== 'failed' && status !== 'canceled')
      .reduce((total, { amount }) => total + Number(amount), 0);
    return change(charge, { amount_refunded: sum, refunded: sum >= Number(charge.amount) });
  }

  protected chargeOf(intentId: string): Json {
    return existing(this.charges, existing(this.intents, intentId).latest_charge as string);
  }
}

/** A scenario that names what there is not is a mistake of the test. */
export function existing(objects: ReadonlyMap<string, Json>, id: string): Json {
  const object = objects.get(id);
  if (!object) throw new Error(`Stripe's double knows no ${id}.`);
  return object;
}
