import { AsyncLocalStorage } from 'node:async_hooks';
import type { Stripe } from 'stripe';
import type { Clock } from '#application/ports/clock';
import type { InvoiceSnapshot } from '#domain/billing/invoice';
import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import { Money } from '#domain/shared/money';
import { ConfiguredSubscriptionPrices } from '#infrastructure/billing/configured-subscription-prices';
import { StripeSubscriptionGateway } from '#infrastructure/billing/stripe-subscription-gateway';
import { StripeSettings } from '#infrastructure/payments/stripe-settings';
import { FixedPlanCatalog } from '#infrastructure/plans/fixed-plan-catalog';
import { TestApp } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';
import type { Json, Shape } from '#test/support/stripe/stripe-bank';
import { RecordingLog } from '#test/support/fakes/recording-log';
import { STRIPE_TEST_KEY, StripeDouble } from '#test/support/stripe/stripe-double';
import { directGateway } from '../payments/direct-stripe.js';
import { INCLUDED, PRICES, START, UNKNOWN_PRICE } from './permutation-scenarios.js';

/** What is true for one customer alone: the time, and what is told of it. Many of them happen side by side. */
export interface Moment {
  readonly clock: ManualClock;
  readonly shape: Shape;
  /** As the double sent them. */
  readonly events: Json[];
  /** What happens while the next answer of Stripe is on its way. */
  meanwhile: (() => Promise<void>) | null;
}

export const momentAtStart = (shape: Shape): Moment => ({
  clock: new ManualClock(START),
  shape,
  events: [],
  meanwhile: null,
});

const moments = new AsyncLocalStorage<Moment>();

export function within<T>(moment: Moment, deed: () => Promise<T>): Promise<T> {
  return moments.run(moment, deed);
}

/** The time of whoever asks. */
const clock: Clock = { now: () => moments.getStore()?.clock.now() ?? new Date(START) };

/** The real adapter, whose answers can be overtaken by other messages. */
class OvertakenGateway extends StripeSubscriptionGateway {
  override async listInvoices(customerId: string, since: Date | null): Promise<readonly InvoiceSnapshot[]> {
    const answer = await super.listInvoices(customerId, since);
    const moment = moments.getStore();
    const meanwhile = moment?.meanwhile ?? null;
    if (moment) moment.meanwhile = null;
    await meanwhile?.();
    return answer;
  }
}

/** The application over Stripe's double, whose clock is that of the customer it is asked about. */
export async function startWorld(): Promise<{ readonly app: TestApp; readonly stripe: StripeDouble }> {
  const stripe = await StripeDouble.start(clock);
  const { bank } = stripe;
  bank.billing.limitsToOne = false;
  for (const { priceId, amount, cycle } of PRICES) bank.billing.addPrice(priceId, amount, cycle);
  bank.billing.addPrice(UNKNOWN_PRICE, 1234, 'month');
  const send = bank.event.bind(bank);
  bank.event = (type, object, _shape, previous = null) => {
    const moment = moments.getStore()!;
    const event = send(type, object, moment.shape, previous);
    moment.events.push(event);
    return event;
  };
  const payments = directGateway(stripe);
  const subscriptions = new OvertakenGateway(
    new StripeSettings(STRIPE_TEST_KEY, [], stripe.url),
    clock,
    new RecordingLog(),
  );
  handDirectly(subscriptions, payments);
  const app = await TestApp.start({
    clock,
    gateway: payments,
    subscriptions: { gateway: subscriptions, prices: new ConfiguredSubscriptionPrices(PRICES) },
    plans: new FixedPlanCatalog(catalogWithCredit()),
  });
  return { app, stripe };
}

/** What is known of earlier customers only takes time. */
export function forget({ bank }: StripeDouble): void {
  const { billing } = bank;
  for (const objects of [bank.customers, bank.sessions, bank.intents, bank.events]) objects.clear();
  for (const objects of [billing.subscriptions, billing.invoices, billing.invoicePayments, billing.paymentMethods])
    objects.clear();
}

/** As payments are: within this process. */
function handDirectly(to: StripeSubscriptionGateway, from: object): void {
  const { client } = to as unknown as { readonly client: { readonly stripe: Stripe } };
  const { stripe } = from as { readonly stripe: Stripe };
  const setting = client.stripe as unknown as { _setApiField(name: string, value: unknown): void };
  setting._setApiField('httpClient', stripe.getApiField('httpClient'));
}

function catalogWithCredit(): typeof DEFAULT_CATALOG {
  const { version, plans } = DEFAULT_CATALOG;
  const included = Object.entries(plans).map(([name, plan]) => {
    const monthlyIncludedCredit = Money.ofMicros(BigInt(INCLUDED[name] ?? 0) * 1_000_000n);
    return [name, { ...plan, monthlyIncludedCredit }] as const;
  });
  return { version, plans: Object.fromEntries(included) as typeof plans };
}
