import { createHash } from 'node:crypto';
import { type Response, Router } from 'express';
import { injectable } from 'inversify';
import { SANDBOX_DEEDS } from '#application/payments/sandbox-desk';
import { SandboxPayment } from '#application/payments/sandbox-payment';
import { DomainException } from '#domain/shared/domain-exception';
import { HttpProblem } from '../shared/problem.js';
import { NO_CONTRACT } from '../shared/path-contract.js';
import type { RawRoutes } from '../shared/raw-routes.js';
import { PAGE_STYLE, returnPage, sandboxCheckoutPage } from './checkout-pages.js';

const STYLE_HASH = createHash('sha256').update(PAGE_STYLE).digest('base64');

/** No `form-action`: browsers apply it to where a form leads in the end, and that is the seller's own page. */
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'`;

/**
 * Pages for a buyer's browser: the sandbox's checkout, whose unguessable id is the authorization as at a real provider, and the
 * page to come back to. No scripts, nothing loaded, never in a frame.
 */
@injectable()
export class CheckoutPageRoutes implements RawRoutes {
  readonly contract = NO_CONTRACT;

  constructor(private readonly sandbox: SandboxPayment) {}

  readonly router = Router()
    .get('/checkout/return', (request, response) => {
      response.locals.route = '/checkout/return';
      showPage(response, returnPage(request.query.outcome === 'success'));
    })
    .get('/sandbox/checkout/:id', async (request, response) => {
      response.locals.route = '/sandbox/checkout/:id';
      showPage(response, sandboxCheckoutPage(await this.sandbox.show(request.params.id)));
    })
    .post('/sandbox/checkout/:id/:deed', async (request, response) => {
      response.locals.route = '/sandbox/checkout/:id/:deed';
      const { id, deed: named } = request.params;
      const deed = SANDBOX_DEEDS.find((one) => one === named);
      if (!deed) throw new HttpProblem(404, 'route_not_found', `There is nothing at POST ${request.path}.`);
      try {
        const { successUrl } = await this.sandbox.act(id, deed);
        response.redirect(303, deed === 'pay' ? successUrl : `/sandbox/checkout/${id}`);
      } catch (error) {
        const isRefused = error instanceof DomainException && error.refusal === 'conflict';
        if (!isRefused || request.accepts(['json', 'html']) !== 'html') throw error;
        response.status(409);
        showPage(response, sandboxCheckoutPage(await this.sandbox.show(id)));
      }
    });
}

/** A page for a browser: no scripts, nothing loaded, never in a frame. */
export function showPage(response: Response, page: string): void {
  response
    .set('Content-Security-Policy', POLICY)
    // The address is a secret as long as it can be paid.
    .set('Referrer-Policy', 'no-referrer')
    .type('html')
    .send(page);
}
