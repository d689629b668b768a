import { type NextFunction, type Request, type Response, Router } from 'express';
import { injectable } from 'inversify';
import { InvoiceDocuments } from '#application/billing/invoice-documents';
import { CheckoutOver, SUBSCRIPTION_DEEDS } from '#application/billing/sandbox-subscription-desk';
import { SandboxSubscriptionPayment } from '#application/billing/sandbox-subscription-payment';
import { showPage } from '../payments/checkout-page.routes.js';
import { NO_CONTRACT } from '../shared/path-contract.js';
import { HttpProblem } from '../shared/problem.js';
import type { RawRoutes } from '../shared/raw-routes.js';
import { sandboxInvoicePage } from './sandbox-invoice-page.js';
import { sandboxPortalPage, sandboxSubscriptionPage } from './sandbox-subscription-pages.js';

/**
 * Pages of the sandbox for a customer's browser: the checkout of a subscription, the portal and invoices. As at a real provider nobody
 * signs in there: the unguessable address is the authorization.
 */
@injectable()
export class SandboxSubscriptionRoutes implements RawRoutes {
  readonly contract = NO_CONTRACT;

  constructor(
    private readonly sandbox: SandboxSubscriptionPayment,
    private readonly documents: InvoiceDocuments,
  ) {}

  readonly router = Router()
    .param('session', mustBeText)
    .param('portal', mustBeText)
    .param('subscription', mustBeText)
    .param('invoice', mustBeText)
    .get('/sandbox/subscribe/:session', async (request, response) => {
      response.locals.route = '/sandbox/subscribe/:session';
      showPage(response, sandboxSubscriptionPage(await this.sandbox.showCheckout(request.params.session)));
    })
    .post('/sandbox/subscribe/:session/pay', async (request, response) => {
      response.locals.route = '/sandbox/subscribe/:session/pay';
      const { session } = request.params;
      try {
        const { successUrl } = await this.sandbox.pay(session);
        response.redirect(303, successUrl);
      } catch (error) {
        if (!(error instanceof CheckoutOver) || !isBrowser(request)) throw error;
        response.status(409);
        showPage(response, sandboxSubscriptionPage(await this.sandbox.showCheckout(session)));
      }
    })
    .get('/sandbox/portal/:portal', async (request, response) => {
      response.locals.route = '/sandbox/portal/:portal';
      showPage(response, sandboxPortalPage(await this.sandbox.showPortal(request.params.portal)));
    })
    .post('/sandbox/portal/:portal/:subscription/:deed', async (request, response) => {
      response.locals.route = '/sandbox/portal/:portal/:subscription/:deed';
      const { portal, subscription, deed: named } = request.params;
      const deed = SUBSCRIPTION_DEEDS.find((one) => one === named);
      if (!deed) throw new HttpProblem(404, 'route_not_found', `There is nothing at POST ${request.path}.`);
      await this.sandbox.act(portal, subscription, deed);
      response.redirect(303, `/sandbox/portal/${encodeURIComponent(portal)}`);
    })
    .get('/sandbox/invoices/:invoice.pdf', async (request, response) => {
      response.locals.route = '/sandbox/invoices/:invoice.pdf';
      const invoice = await this.sandbox.showInvoice(request.params.invoice);
      response
        .set('Referrer-Policy', 'no-referrer')
        .set('Content-Disposition', `inline; filename="${invoice.number}.pdf"`)
        .type('pdf')
        .send(await this.documents.pdf(invoice));
    })
    .get('/sandbox/invoices/:invoice', async (request, response) => {
      response.locals.route = '/sandbox/invoices/:invoice';
      const { invoice } = request.params;
      showPage(response, sandboxInvoicePage(invoice, await this.sandbox.showInvoice(invoice)));
    })
    .post('/sandbox/invoices/:invoice/pay', async (request, response) => {
      response.locals.route = '/sandbox/invoices/:invoice/pay';
      const { invoice } = request.params;
      await this.sandbox.payInvoice(invoice);
      response.redirect(303, `/sandbox/invoices/${encodeURIComponent(invoice)}`);
    });
}

/** What no id can hold is in no table: the database would not even look. */
function mustBeText(request: Request, _response: Response, next: NextFunction, id: string): void {
  if (id.includes('\0'))
    throw new HttpProblem(404, 'route_not_found', `There is nothing at ${request.method} ${request.path}.`);
  next();
}

/** Programs take anything, and are answered JSON. */
function isBrowser(request: Request): boolean {
  return request.accepts(['json', 'html']) === 'html';
}
