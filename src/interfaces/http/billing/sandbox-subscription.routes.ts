import { type Request, Router } from 'express';
import { injectable } from 'inversify';
import { SUBSCRIPTION_DEEDS } from '#application/billing/sandbox-subscription-desk';
import { SandboxSubscriptionPayment } from '#application/billing/sandbox-subscription-payment';
import { PORTAL_FLOWS } from '#application/billing/subscription-gateway';
import { showPage } from '../payments/checkout-page.routes.js';
import { NO_CONTRACT } from '../shared/path-contract.js';
import { HttpProblem } from '../shared/problem.js';
import type { RawRoutes } from '../shared/raw-routes.js';
import { sandboxPortalPage, sandboxSubscriptionPage } from './sandbox-subscription-pages.js';

/** Pages of the sandbox for a customer's browser: the checkout of a subscription, and the portal. */
@injectable()
export class SandboxSubscriptionRoutes implements RawRoutes {
  readonly contract = NO_CONTRACT;

  constructor(private readonly sandbox: SandboxSubscriptionPayment) {}

  readonly router = Router()
    .get('/sandbox/subscribe/:session', async (request, response) => {
      response.locals.route = '/sandbox/subscribe/:session';
      showPage(response, sandboxSubscriptionPage(await this.sandbox.showCheckout(request.params.session)));
    })
    .post('/sandbox/subscribe/:session/pay', async (request, response) => {
      response.locals.route = '/sandbox/subscribe/:session/pay';
      const { successUrl } = await this.sandbox.pay(request.params.session);
      response.redirect(303, successUrl);
    })
    .get('/sandbox/portal/:customer', async (request, response) => {
      response.locals.route = '/sandbox/portal/:customer';
      const portal = await this.sandbox.showPortal(request.params.customer, wayBack(request));
      const flow = PORTAL_FLOWS.find((one) => one === request.query.flow) ?? null;
      showPage(response, sandboxPortalPage(portal, flow));
    })
    .post('/sandbox/portal/:customer/:subscription/:deed', async (request, response) => {
      response.locals.route = '/sandbox/portal/:customer/:subscription/:deed';
      const { customer, subscription, deed: named } = request.params;
      const deed = SUBSCRIPTION_DEEDS.find((one) => one === named);
      if (!deed) throw new HttpProblem(404, 'route_not_found', `There is nothing at POST ${request.path}.`);
      const { returnUrl } = await this.sandbox.showPortal(customer, wayBack(request));
      await this.sandbox.act(customer, subscription, deed);
      const query = returnUrl === null ? '' : `?return_url=${encodeURIComponent(returnUrl)}`;
      response.redirect(303, `/sandbox/portal/${encodeURIComponent(customer)}${query}`);
    });
}

function wayBack({ query }: Request): string | null {
  return typeof query.return_url === 'string' ? query.return_url : null;
}
