import { CustomerSynchronisation, type SynchronisedCustomer } from '#application/billing/customer-synchronisation';
import { GetSubscription } from '#application/billing/get-subscription';
import { SubscriptionEffect } from '#application/billing/subscription-effect';
import { SubscriptionRefresh } from '#application/billing/subscription-refresh';
import { CheckoutSettings } from '#application/payments/checkout-settings';
import { PaymentCustomer } from '#application/payments/payment-customer';
import type { User } from '#domain/accounts/user';
import type { Subscription, SubscriptionSnapshot } from '#domain/billing/subscription';
import { PlanNotSold, type SubscriptionPrices } from '#domain/billing/subscription-prices';
import type { SubscriptionStep } from '#domain/billing/subscription-repository';
import { aSnapshot, planOf } from './builders/subscriptions.js';
import { InMemoryCustomers } from './fakes/in-memory-customers.js';
import { InMemoryInvoiceRepository } from './fakes/in-memory-invoice-repository.js';
import { InMemoryPaymentRepository } from './fakes/in-memory-payment-repository.js';
import { InMemorySubscriptionCheckouts } from './fakes/in-memory-subscription-checkouts.js';
import { InMemorySubscriptionRepository } from './fakes/in-memory-subscription-repository.js';
import { RecordingJobQueue } from './fakes/recording-job-queue.js';
import { ScriptedPaymentGateway } from './fakes/scripted-payment-gateway.js';
import { ScriptedSubscriptionGateway } from './fakes/scripted-subscription-gateway.js';
import { PeriodWorld } from './period-world.js';

/** Prices are called after what they stand for: `pro_month`. */
const PRICES: SubscriptionPrices = {
  idOf: (plan, cycle) => {
    const id = `${plan}_${cycle}`;
    if (planOf(id) === null) throw new PlanNotSold(plan, cycle);
    return id;
  },
  find: planOf,
};

/** Users with their subscriptions, and a provider in memory. */
export class BillingWorld extends PeriodWorld {
  readonly prices = PRICES;
  readonly settings = new CheckoutSettings('https://api.example.com', ['https://app.example.com']);
  readonly subscriptions = new InMemorySubscriptionRepository(this.transaction);
  readonly invoices = new InMemoryInvoiceRepository(this.transaction);
  readonly checkouts = new InMemorySubscriptionCheckouts(this.transaction);
  readonly payments = new InMemoryPaymentRepository(this.transaction);
  readonly customers = new InMemoryCustomers(this.transaction);
  readonly jobs = new RecordingJobQueue(this.transaction);
  readonly register = new ScriptedPaymentGateway(this.transaction);
  readonly gateway = new ScriptedSubscriptionGateway(this.transaction);
  readonly customer = new PaymentCustomer(this.users, this.payments, this.register, this.transaction, this.clock);
  readonly effect = new SubscriptionEffect(this.users, this.resets, this.audit, this.clock, this.ids);
  /** How often what is remembered of callers was forgotten. */
  forgotten = 0;
  readonly synchronisation = new CustomerSynchronisation(
    this.customers,
    this.users,
    this.subscriptions,
    this.invoices,
    this.prices,
    this.gateway,
    this.effect,
    { get: () => null, set: () => undefined, clear: () => void this.forgotten++ },
    this.jobs,
    this.transaction,
    this.clock,
    this.ids,
  );
  readonly refresh = new SubscriptionRefresh(this.payments, this.gateway, this.synchronisation);
  readonly getSubscription = new GetSubscription(this.subscriptions);

  /** Who is the customer `cus_<id>` at the provider. */
  async buyer(of: Partial<User> = {}): Promise<User> {
    const user = await this.user(of);
    await this.customer.execute(user.id);
    return user;
  }

  /** A buyer whose subscription the provider and we know: a monthly `pro` since now, unless told otherwise. */
  async subscriber(of: Partial<SubscriptionSnapshot> & { readonly priceId?: string } = {}): Promise<User> {
    const user = await this.buyer();
    this.gateway.put(this.snapshot(user, of));
    await this.synchronise(user);
    return this.users.get(user.id);
  }

  snapshot(
    user: User,
    { priceId = 'pro_month', ...of }: Partial<SubscriptionSnapshot> & { readonly priceId?: string } = {},
  ): SubscriptionSnapshot {
    const now = this.clock.now();
    const item = { id: 'si_1', priceId, periodStart: now, periodEnd: new Date('2026-04-20T12:00:00.000Z') };
    return aSnapshot({ customerId: `cus_${user.id}`, item, anchor: now, startedAt: now, ...of });
  }

  async synchronise(user: User): Promise<SynchronisedCustomer> {
    return (await this.synchronisation.execute(`cus_${user.id}`))!;
  }

  async subscriptionsOf(user: User): Promise<readonly Subscription[]> {
    return this.subscriptions.listOf(user.id);
  }

  async stepsOf(user: User): Promise<readonly SubscriptionStep[]> {
    return (await this.subscriptions.listSteps(user.id, { limit: 100, offset: 0 })).items;
  }

  async planOf(user: User): Promise<string> {
    return (await this.users.get(user.id)).plan;
  }
}
