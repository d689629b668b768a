import express, { type Request, type Response, Router } from 'express';
import { injectable } from 'inversify';
import { PaymentEventIntake } from '#application/payments/payment-event-intake';
import { PaymentWebhook, WebhookRefused } from '#application/payments/payment-gateway';
import { Clock } from '#application/ports/clock';
import { Log } from '#application/ports/log';
import { Telemetry } from '#application/ports/telemetry';
import type { PaymentNotice } from '#domain/payments/payment-event';
import { HttpProblem, requestIdOf } from '../shared/problem.js';
import type { RawRoutes } from '../shared/raw-routes.js';
import { WEBHOOK_CONTRACT } from './webhook.contract.js';

/** Many times what an event takes. */
const BODY_LIMIT = '1mb';

/** A signature is over the bytes that were sent: of whatever type they say they are, and nothing is unpacked. */
const bytes = express.raw({ type: () => true, limit: BODY_LIMIT, inflate: false });

/**
 * `POST /webhooks/stripe`: the receiving end of Stripe's events. The signature is the authorization; nobody need be known. It is
 * answered with 200 once the event is kept, and with 5xx when it could not be: then Stripe sends it again
 * (https://docs.stripe.com/webhooks#retries).
 */
@injectable()
export class WebhookRoutes implements RawRoutes {
  readonly contract = WEBHOOK_CONTRACT;

  constructor(
    private readonly webhook: PaymentWebhook,
    private readonly intake: PaymentEventIntake,
    private readonly telemetry: Telemetry,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  get router(): Router {
    const path = '/webhooks/stripe';
    return Router()
      .all(path, (request, response, next) => {
        response.locals.route = path;
        if (request.method === 'POST') return next();
        const message = `${path} does not take ${request.method}.`;
        throw new HttpProblem(405, 'method_not_allowed', message, { allowed: ['POST'] }, { Allow: 'POST' });
      })
      .post(path, bytes, async (request, response) => {
        const kept = await this.intake.execute(this.verified(request, response));
        if (!kept) this.telemetry.webhookRepeated();
        response.json({ received: true, duplicate: !kept });
      });
  }

  private verified(request: Request, response: Response): PaymentNotice {
    const body: unknown = request.body;
    try {
      const sent = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
      return this.webhook.verify(sent, request.get('Stripe-Signature'), this.clock.now());
    } catch (error) {
      if (!(error instanceof WebhookRefused)) throw error;
      this.telemetry.webhookRefused();
      this.log.warn({ request_id: requestIdOf(response), reason: error.reason }, 'a webhook was refused');
      throw new HttpProblem(400, error.code, error.message);
    }
  }
}
