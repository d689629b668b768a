import { Customers } from '#domain/billing/customers';
import { DomainException } from '#domain/shared/domain-exception';
import { CheckoutSettings } from '../payments/checkout-settings.js';
import { PaymentEventIntake } from '../payments/payment-event-intake.js';
import { CheckoutNotFound } from '../payments/payment-gateway.js';
import { allowedReturnUrl } from '../payments/return-urls.js';
import { UseCase } from '../use-case.js';
import {
  type SandboxPortalSubscription,
  type SandboxSubscriptionCheckout,
  SandboxSubscriptionDesk,
  type SubscriptionDeed,
  SubscriptionNotFound,
} from './sandbox-subscription-desk.js';
import { SubscriptionGateway } from './subscription-gateway.js';

export interface SandboxPortal {
  readonly customerId: string;
  readonly subscriptions: readonly SandboxPortalSubscription[];
  /** Null when the portal was opened without one. */
  readonly returnUrl: string | null;
}

/** Plays the customer at the sandbox's checkout and portal. There is nothing to play at when payments are real. */
@UseCase()
export class SandboxSubscriptionPayment {
  constructor(
    private readonly desk: SandboxSubscriptionDesk,
    private readonly gateway: SubscriptionGateway,
    private readonly customers: Customers,
    private readonly intake: PaymentEventIntake,
    private readonly settings: CheckoutSettings,
  ) {}

  /** Throws CheckoutNotFound. */
  async showCheckout(sessionId: string): Promise<SandboxSubscriptionCheckout> {
    if (!this.isSandbox) throw new CheckoutNotFound(sessionId);
    return this.desk.showCheckout(sessionId);
  }

  /** Pays it, and delivers the notice as a provider would. Throws CheckoutNotFound, also for one that can no longer be paid. */
  async pay(sessionId: string): Promise<SandboxSubscriptionCheckout> {
    if (!this.isSandbox) throw new CheckoutNotFound(sessionId);
    await this.intake.execute(await this.desk.payCheckout(sessionId));
    return this.desk.showCheckout(sessionId);
  }

  /** Throws PortalNotFound and ReturnUrlNotAllowed. */
  async showPortal(customerId: string, returnUrl: string | null): Promise<SandboxPortal> {
    await this.mustHavePortal(customerId);
    const allowed = returnUrl === null ? null : allowedReturnUrl(returnUrl, this.settings);
    return { customerId, subscriptions: await this.desk.listOf(customerId), returnUrl: allowed };
  }

  /** Does it, and delivers the notice as a provider would. Throws PortalNotFound and SubscriptionNotFound, also for a foreign one. */
  async act(customerId: string, externalId: string, deed: SubscriptionDeed): Promise<void> {
    await this.mustHavePortal(customerId);
    const own = await this.desk.listOf(customerId);
    if (!own.some((one) => one.externalId === externalId)) throw new SubscriptionNotFound(externalId);
    await this.intake.execute(await this.desk.act(externalId, deed));
  }

  private async mustHavePortal(customerId: string): Promise<void> {
    if (!this.isSandbox || (await this.customers.findUser(this.gateway.name, customerId)) === null) {
      throw new PortalNotFound(customerId);
    }
  }

  private get isSandbox(): boolean {
    return this.gateway.name === 'sandbox';
  }
}

export class PortalNotFound extends DomainException {
  constructor(customerId: string) {
    super(
      'portal_not_found',
      `There is no portal for ${customerId}. POST /api/v1/billing/portal opens one.`,
      { customer_id: customerId },
      'not_found',
    );
  }
}
