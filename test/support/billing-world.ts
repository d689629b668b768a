import { CustomerSynchronisation, type SynchronisedCustomer } from '#application/billing/customer-synchronisation';
import { GetSubscription } from '#application/billing/get-subscription';
import { IncludedCreditEnd } from '#application/billing/included-credit-end';
import { CreditLedger } from '#application/credits/credit-ledger';
import { SubscriptionEffect } from '#application/billing/subscription-effect';
import { SubscriptionRefresh } from '#application/billing/subscription-refresh';
import { SubscriptionTurn } from '#application/billing/subscription-turn';
import { SubscriptionTelling } from '#application/billing/subscription-telling';
import { BudgetSettings } from '#application/budgets/budget-settings';
import { NotificationDispatch } from '#application/notifications/notification-dispatch';
import { CheckoutSettings } from '#application/payments/checkout-settings';
import { PaymentCustomer } from '#application/payments/payment-customer';
import type { User } from '#domain/accounts/user';
import type { Subscription, SubscriptionSnapshot } from '#domain/billing/subscription';
import { PlanNotSold, type SubscriptionPrices } from '#domain/billing/subscription-prices';
import { Money } from '#domain/shared/money';
import type { SubscriptionStep } from '#domain/billing/subscription-repository';
import { aSnapshot, planOf } from './builders/subscriptions.js';
import { InMemoryBillingTurns } from './fakes/in-memory-billing-turns.js';
import { InMemoryCreditAccountRepository } from './fakes/in-memory-credit-account-repository.js';
import { InMemoryCustomers } from './fakes/in-memory-customers.js';
import { InMemoryInvoiceRepository } from './fakes/in-memory-invoice-repository.js';
import { InMemoryNotificationRepository } from './fakes/in-memory-notification-repository.js';
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
  readonly credits = new InMemoryCreditAccountRepository(this.transaction);
  readonly ledger = new CreditLedger(this.credits, this.transaction, this.clock, this.ids);
  readonly includedEnd = new IncludedCreditEnd(this.ledger);
  readonly effect = new SubscriptionEffect(
    ...([this.users, this.resets, this.audit, this.clock, this.ids, this.includedEnd] as const),
  );
  readonly notifications = new InMemoryNotificationRepository(this.transaction);
  readonly telling = new SubscriptionTelling(
    new NotificationDispatch(this.notifications, this.clock, this.ids),
    new BudgetSettings(Money.zero, Money.zero, { url: 'https://hooks.example.com', secret: 'whsec_dGVzdA==' }),
    this.jobs,
  );
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
    this.telling,
    { get: () => null, set: () => undefined, clear: () => void this.forgotten++ },
    this.jobs,
    this.transaction,
    this.clock,
    this.ids,
  );
  readonly refresh = new SubscriptionRefresh(this.payments, this.gateway, this.synchronisation);
  readonly turns = new InMemoryBillingTurns(this.transaction);
  readonly turn = new SubscriptionTurn(this.turns, this.refresh);
  readonly getSubscription = new GetSubscription(this.subscriptions, this.invoices, this.plans);

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
