import { injectable } from 'inversify';
import { GetSubscription } from '#application/billing/get-subscription';
import { ListInvoices } from '#application/billing/list-invoices';
import { PortalOpening } from '#application/billing/portal-opening';
import { SubscriptionCheckout } from '#application/billing/subscription-checkout';
import { Clock } from '#application/ports/clock';
import { Telemetry } from '#application/ports/telemetry';
import { planName } from '#domain/plans/plan-name';
import { Controller, operation } from '../shared/operation.js';
import { PageQuery, pageResponse } from '../shared/page.js';
import { orWhenToRetry } from './busy.js';
import { PortalBody, SubscriptionCheckoutBody } from './billing.request.js';
import {
  PortalResponse,
  SubscriptionCheckoutResponse,
  SubscriptionResponse,
  subscriptionResponse,
} from './billing.response.js';
import { InvoiceListResponse, invoiceResponse } from './invoice.response.js';

/** A user's subscription: how it stands, how one is begun, and the ways to the provider's own pages. */
@injectable()
export class BillingController implements Controller {
  constructor(
    private readonly getSubscription: GetSubscription,
    private readonly checkout: SubscriptionCheckout,
    private readonly portal: PortalOpening,
    private readonly listInvoices: ListInvoices,
    private readonly telemetry: Telemetry,
    private readonly clock: Clock,
  ) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/api/v1/billing/subscription',
      tag: 'billing',
      summary: 'Get your subscription',
      description: 'Who never subscribed is answered too: `free`, `inactive`.',
      access: 'user',
      page: true,
      answer: SubscriptionResponse,
      handle: async ({ caller }) => subscriptionResponse(await this.getSubscription.execute(caller.userId)),
    }),
    operation({
      method: 'post',
      path: '/api/v1/billing/checkout',
      tag: 'billing',
      summary: 'Begin a subscription, and get the address to pay at',
      description:
        'A user has one open checkout: asked again for the same, it is the same one; asked for something else, the first one is ' +
        'closed. 400 `unknown_plan`. 409 `already_subscribed` to who has a subscription: change that one. 409 `payment_due` while a ' +
        'payment of it is due, and `subscription_paused`: the message names the way on, such as the portal. 422 `plan_not_sold`, ' +
        '`unknown_billing_cycle` and `return_url_not_allowed`. 503 `payment_provider_unavailable`: repeat it.',
      access: 'user',
      page: true,
      status: 201,
      body: SubscriptionCheckoutBody,
      answer: SubscriptionCheckoutResponse,
      refusals: ['invalid', 'conflict', 'unavailable'],
      prepare: ({ caller, body }) =>
        orWhenToRetry(
          this.checkout.execute({
            userId: caller.userId,
            planId: body.plan_id,
            cycle: body.billing_cycle,
            successUrl: body.success_url ?? null,
            cancelUrl: body.cancel_url ?? null,
          }),
        ),
      handle: async ({ prepared: { sessionId, url, isNew }, body }): Promise<SubscriptionCheckoutResponse> => {
        if (isNew) this.telemetry.checkoutStarted(planName(body.plan_id));
        return { session_id: sessionId, url };
      },
    }),
    operation({
      method: 'post',
      path: '/api/v1/billing/portal',
      tag: 'billing',
      summary: "Open the payment provider's portal, and get its address",
      description:
        'For everybody who ever subscribed, also with a payment that is due: cards are changed and invoices paid there. 409 ' +
        '`no_subscription` to who never did, and to who asks for the flow `cancel` with nothing to cancel. 422 `return_url_not_allowed`. ' +
        '503 `payment_provider_unavailable`.',
      access: 'user',
      page: true,
      status: 201,
      body: PortalBody,
      answer: PortalResponse,
      refusals: ['invalid', 'conflict', 'unavailable'],
      prepare: ({ caller, body }) =>
        this.portal.execute({
          userId: caller.userId,
          flow: body.flow ?? null,
          returnUrl: body.return_url ?? null,
        }),
      handle: async ({ prepared: { url } }): Promise<PortalResponse> => {
        this.telemetry.portalOpened();
        return { url };
      },
    }),
    operation({
      method: 'get',
      path: '/api/v1/billing/invoices',
      tag: 'billing',
      summary: 'List your invoices, newest first',
      access: 'user',
      page: true,
      query: PageQuery,
      answer: InvoiceListResponse,
      handle: async ({ caller, query }) => {
        const now = this.clock.now();
        const found = await this.listInvoices.execute(caller.userId, query);
        return pageResponse(found, query, (invoice) => invoiceResponse(invoice, now));
      },
    }),
  ];
}
