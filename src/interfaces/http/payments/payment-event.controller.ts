import { injectable } from 'inversify';
import { GetPaymentEvent } from '#application/payments/get-payment-event';
import { ListPaymentEvents } from '#application/payments/list-payment-events';
import { PaymentEventReplay } from '#application/payments/payment-event-replay';
import { PaymentEventNotFound } from '#domain/payments/payment-event';
import { Controller, operation } from '../shared/operation.js';
import { pageResponse } from '../shared/page.js';
import { ListPaymentEventsQuery, ReplayPaymentEventRequest } from './payment-event.request.js';
import {
  PaymentEventDetailResponse,
  paymentEventDetailResponse,
  PaymentEventListResponse,
  PaymentEventResponse,
  paymentEventResponse,
} from './payment-event.response.js';

/** An operator sees what payment providers told us, and has it handled again. */
@injectable()
export class PaymentEventController implements Controller {
  constructor(
    private readonly list: ListPaymentEvents,
    private readonly get: GetPaymentEvent,
    private readonly replay: PaymentEventReplay,
  ) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/api/v1/admin/webhooks/events',
      tag: 'admin',
      summary: 'List the events of payment providers, newest first',
      access: 'admin',
      page: true,
      query: ListPaymentEventsQuery,
      answer: PaymentEventListResponse,
      handle: async ({ query }) => {
        const { status = null, type = null } = query;
        return pageResponse(await this.list.execute({ status, type }, query), query, paymentEventResponse);
      },
    }),
    operation({
      method: 'get',
      path: '/api/v1/admin/webhooks/events/:event',
      tag: 'admin',
      summary: 'Show one event of a payment provider, as it came',
      access: 'admin',
      page: true,
      answer: PaymentEventDetailResponse,
      refusals: ['not_found'],
      handle: async (call) => paymentEventDetailResponse(await this.get.execute(eventParam(call))),
    }),
    operation({
      method: 'post',
      path: '/api/v1/admin/webhooks/events/:event/replay',
      tag: 'admin',
      summary: 'Have an event handled again, whatever became of it',
      description: 'It is handled by a worker within seconds, and does nothing twice.',
      access: 'admin',
      page: true,
      body: ReplayPaymentEventRequest,
      status: 202,
      answer: PaymentEventResponse,
      refusals: ['not_found'],
      handle: async (call) => {
        const operator = { actor: call.caller.userId, reason: call.body.reason };
        const { after } = await this.replay.execute(eventParam(call), operator);
        return paymentEventResponse(after);
      },
    }),
  ];
}

/** The provider's ids are plain ASCII: what is not is answered like what does not exist, never asked of the database. */
function eventParam({ params }: { readonly params: Readonly<Record<string, string>> }): string {
  const id = params.event!;
  if (!/^[\x21-\x7e]{1,255}$/.test(id)) throw new PaymentEventNotFound(id);
  return id;
}
