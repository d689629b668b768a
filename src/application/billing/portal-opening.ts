import type { UserId } from '#domain/accounts/user';
import { currentOf, NoSubscription } from '#domain/billing/running-subscription';
import { SubscriptionRepository } from '#domain/billing/subscription-repository';
import { CheckoutSettings } from '../payments/checkout-settings.js';
import { allowedReturnUrl } from '../payments/return-urls.js';
import { UseCase } from '../use-case.js';
import { type PortalFlow, SubscriptionGateway } from './subscription-gateway.js';

export interface PortalRequest {
  readonly userId: UserId;
  /** Null: the whole portal. */
  readonly flow: PortalFlow | null;
  /** Null: the billing page of this service. */
  readonly returnUrl: string | null;
}

/** Opens the provider's portal, where cards are changed and invoices paid: for all who ever subscribed, whatever they owe. */
@UseCase()
export class PortalOpening {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly gateway: SubscriptionGateway,
    private readonly settings: CheckoutSettings,
  ) {}

  /** Never inside a transaction. Throws NoSubscription, ReturnUrlNotAllowed and PaymentProviderUnavailable. */
  async execute({ userId, flow, returnUrl }: PortalRequest): Promise<{ readonly url: string }> {
    const back = returnUrl === null ? `${this.settings.publicUrl}/billing` : allowedReturnUrl(returnUrl, this.settings);
    const all = await this.subscriptions.listOf(userId);
    const current = currentOf(all.filter(({ gateway }) => gateway === this.gateway.name));
    if (current === null) throw new NoSubscription();
    const { customerId, externalId, isLive, cancelAtPeriodEnd } = current;
    if (flow === 'cancel' && !isLive) throw new NoSubscription();
    // What ends already cannot be ended again: the whole portal shows that, and takes it back.
    const step = flow === 'cancel' && cancelAtPeriodEnd ? null : flow;
    return { url: await this.gateway.openPortal(customerId, step, isLive ? externalId : null, back) };
  }
}
