import { UserRepository } from '#domain/accounts/user-repository';
import { Customers } from '#domain/billing/customers';
import type { InvoiceSnapshot } from '#domain/billing/invoice';
import type { PaymentNotice } from '#domain/payments/payment-event';
import { PaymentEventIntake } from '../payments/payment-event-intake.js';
import { CheckoutNotFound } from '../payments/payment-gateway.js';
import { UseCase } from '../use-case.js';
import { CustomerSynchronisation } from './customer-synchronisation.js';
import {
  CheckoutOver,
  InvoiceNotFound,
  PortalNotFound,
  type SandboxPortalSession,
  type SandboxPortalSubscription,
  type SandboxSubscriptionCheckout,
  SandboxSubscriptionDesk,
  type SubscriptionDeed,
  SubscriptionNotFound,
} from './sandbox-subscription-desk.js';
import { SubscriptionGateway } from './subscription-gateway.js';

export interface SandboxPortal extends SandboxPortalSession {
  readonly subscriptions: readonly SandboxPortalSubscription[];
  /** Newest first. */
  readonly invoices: readonly InvoiceSnapshot[];
}

/**
 * Plays the customer at the sandbox's checkout, portal and invoices. There is nothing to play at when payments are real. Each deed
 * delivers the notice that a provider would, and does not end before the product knows: whoever is sent back sees what was done.
 */
@UseCase()
export class SandboxSubscriptionPayment {
  constructor(
    private readonly desk: SandboxSubscriptionDesk,
    private readonly gateway: SubscriptionGateway,
    private readonly customers: Customers,
    private readonly users: UserRepository,
    private readonly intake: PaymentEventIntake,
    private readonly synchronisation: CustomerSynchronisation,
  ) {}

  /** Throws CheckoutNotFound. */
  async showCheckout(sessionId: string): Promise<SandboxSubscriptionCheckout> {
    if (!this.isSandbox) throw new CheckoutNotFound(sessionId);
    return this.desk.showCheckout(sessionId);
  }

  /** Throws CheckoutNotFound, and CheckoutOver for one that can no longer be paid. */
  async pay(sessionId: string): Promise<SandboxSubscriptionCheckout> {
    if (!this.isSandbox) throw new CheckoutNotFound(sessionId);
    await this.mustBeActive(await this.desk.showCheckout(sessionId));
    await this.bringHome(await this.desk.payCheckout(sessionId));
    return this.desk.showCheckout(sessionId);
  }

  /** Throws PortalNotFound. */
  async showPortal(portalId: string): Promise<SandboxPortal> {
    const session = await this.portal(portalId);
    const { customerId } = session;
    const invoices = [...(await this.gateway.listInvoices(customerId, null))];
    invoices.sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime());
    return { ...session, subscriptions: await this.desk.listOf(customerId), invoices };
  }

  /** Throws PortalNotFound and SubscriptionNotFound, also for a foreign one. */
  async act(portalId: string, externalId: string, deed: SubscriptionDeed): Promise<void> {
    const { customerId } = await this.portal(portalId);
    const own = await this.desk.listOf(customerId);
    if (!own.some((one) => one.externalId === externalId)) throw new SubscriptionNotFound(externalId);
    await this.bringHome(await this.desk.act(externalId, deed));
  }

  /** Throws InvoiceNotFound. */
  async showInvoice(address: string): Promise<InvoiceSnapshot> {
    if (!this.isSandbox) throw new InvoiceNotFound(address);
    return this.desk.showInvoice(address);
  }

  /** Pays it by a card that pays; one that is not open stays as it is. Throws InvoiceNotFound. */
  async payInvoice(address: string): Promise<InvoiceSnapshot> {
    if (!this.isSandbox) throw new InvoiceNotFound(address);
    await this.bringHome(await this.desk.payInvoice(address));
    return this.desk.showInvoice(address);
  }

  /** Throws CheckoutOver for one of a user who is suspended: it is about to be closed. */
  private async mustBeActive({ sessionId, customerId, state }: SandboxSubscriptionCheckout): Promise<void> {
    const userId = await this.customers.findUser(this.gateway.name, customerId);
    const user = userId && (await this.users.get(userId));
    if (state === 'open' && user?.suspendedAt) throw new CheckoutOver(sessionId);
  }

  private portal(portalId: string): Promise<SandboxPortalSession> {
    if (!this.isSandbox) throw new PortalNotFound();
    return this.desk.getPortal(portalId);
  }

  /** The notice is kept first: were this to be cut off, it would bring home what happened. */
  private async bringHome(notice: PaymentNotice): Promise<void> {
    await this.intake.execute(notice);
    await this.synchronisation.execute(this.gateway.customerIn(notice)!);
  }

  private get isSandbox(): boolean {
    return this.gateway.name === 'sandbox';
  }
}
