import { injectable } from 'inversify';
import { CheckoutPreparation, type CheckoutRequest } from '#application/payments/checkout-preparation';
import { CheckoutStart } from '#application/payments/checkout-start';
import { GetPayment } from '#application/payments/get-payment';
import { ListPayments } from '#application/payments/list-payments';
import { PaymentRefresh } from '#application/payments/payment-refresh';
import { CreditOffers } from '#domain/payments/credit-package';
import { PaymentNotFound } from '#domain/payments/payment';
import { InvalidValue } from '#domain/shared/domain-exception';
import { Controller, operation } from '../shared/operation.js';
import { PageQuery, pageResponse } from '../shared/page.js';
import { idParam } from '../shared/params.js';
import { CheckoutRequestBody } from './payment.request.js';
import {
  CheckoutResponse,
  checkoutResponse,
  CreditOfferResponse,
  creditOfferResponse,
  PaymentListResponse,
  PaymentResponse,
  paymentResponse,
} from './payment.response.js';

/** Buying credit. */
@injectable()
export class PaymentController implements Controller {
  constructor(
    private readonly offers: CreditOffers,
    private readonly preparation: CheckoutPreparation,
    private readonly start: CheckoutStart,
    private readonly refresh: PaymentRefresh,
    private readonly listPayments: ListPayments,
    private readonly getPayment: GetPayment,
  ) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/api/v1/payments/packages',
      tag: 'payments',
      summary: 'See what is on sale',
      access: 'user',
      page: true,
      answer: CreditOfferResponse,
      handle: async () => creditOfferResponse(this.offers.offer),
    }),
    operation({
      method: 'post',
      path: '/api/v1/payments/checkout',
      tag: 'payments',
      summary: 'Begin a purchase of credit, and get the address to pay at',
      description:
        'Name a package, or an amount. How much credit that is, is decided here. Repeat with the same Idempotency-Key ' +
        'when the answer was lost: it is one purchase.',
      access: 'user',
      page: true,
      status: 201,
      body: CheckoutRequestBody,
      answer: CheckoutResponse,
      refusals: ['invalid', 'conflict', 'unavailable'],
      prepare: ({ caller, body, request }) =>
        this.preparation.execute({
          userId: caller.userId,
          idempotencyKey: request.get('Idempotency-Key') ?? null,
          wish: wishOf(body),
          currency: body.currency,
          successUrl: body.success_url ?? null,
          cancelUrl: body.cancel_url ?? null,
        }),
      handle: async ({ prepared }) => checkoutResponse(await this.start.execute(prepared)),
    }),
    operation({
      method: 'get',
      path: '/api/v1/payments',
      tag: 'payments',
      summary: 'List your purchases, newest first',
      access: 'user',
      query: PageQuery,
      answer: PaymentListResponse,
      handle: async ({ caller, query }) =>
        pageResponse(await this.listPayments.execute(caller.userId, query), query, paymentResponse),
    }),
    operation({
      method: 'get',
      path: '/api/v1/payments/:id',
      tag: 'payments',
      summary: 'Get one of your purchases',
      access: 'user',
      answer: PaymentResponse,
      refusals: ['not_found'],
      handle: async (call) =>
        paymentResponse(await this.getPayment.execute(idParam(call, PaymentNotFound), call.caller.userId)),
    }),
    operation({
      method: 'post',
      path: '/api/v1/payments/:id/refresh',
      tag: 'payments',
      summary: 'Ask the provider how a purchase stands, and book what was paid',
      description: 'For the page that a buyer comes back to. It may be asked any number of times.',
      access: 'user',
      page: true,
      answer: PaymentResponse,
      refusals: ['not_found', 'conflict', 'unavailable'],
      prepare: (call) => this.refresh.execute(idParam(call, PaymentNotFound), call.caller.userId),
      handle: async ({ prepared }) => paymentResponse(prepared),
    }),
  ];
}

function wishOf({ package_id: packageId, amount }: CheckoutRequestBody): CheckoutRequest['wish'] {
  if (packageId !== undefined && amount === undefined) return { packageId };
  if (amount !== undefined && packageId === undefined) return { amountMinor: amount };
  throw new InvalidValue('package_or_amount', 'Name either a package_id or an amount.', {
    package_id: packageId ?? null,
    amount: amount ?? null,
  });
}
