import { injectable } from 'inversify';
import { GetChangePreview } from '#application/billing/get-change-preview';
import { SubscriptionCancellation } from '#application/billing/subscription-cancellation';
import { SubscriptionChange } from '#application/billing/subscription-change';
import { SubscriptionReactivation } from '#application/billing/subscription-reactivation';
import { Controller, operation, type Request } from '../shared/operation.js';
import { CancelSubscriptionBody, ChangeSubscriptionBody, PreviewChangeBody } from './billing.request.js';
import {
  ChangePreviewResponse,
  changePreviewResponse,
  SubscriptionResponse,
  subscriptionResponse,
} from './billing.response.js';

/** What a user does with a subscription that runs. The provider is told before anything is kept here: each deed is a preparation. */
@injectable()
export class SubscriptionController implements Controller {
  constructor(
    private readonly preview: GetChangePreview,
    private readonly change: SubscriptionChange,
    private readonly cancellation: SubscriptionCancellation,
    private readonly reactivation: SubscriptionReactivation,
  ) {}

  readonly operations = [
    operation({
      method: 'post',
      path: '/api/v1/billing/subscription/preview-change',
      tag: 'billing',
      summary: 'See what another plan or billing cycle would cost, and do to limits and use',
      access: 'user',
      body: PreviewChangeBody,
      answer: ChangePreviewResponse,
      refusals: ['invalid', 'conflict', 'unavailable'],
      prepare: ({ caller, body }) => this.preview.execute(caller.userId, body.plan_id, body.billing_cycle),
      handle: async ({ prepared }) => changePreviewResponse(prepared),
    }),
    operation({
      method: 'post',
      path: '/api/v1/billing/subscription/change',
      tag: 'billing',
      summary: 'Change to another plan or billing cycle',
      description:
        'More is had at once, and the difference is charged at once; less begins when what is paid for is over. Limits follow the ' +
        'plan, and what was used stays used. To the plan that one has, it drops a change that was scheduled.',
      access: 'user',
      body: ChangeSubscriptionBody,
      answer: SubscriptionResponse,
      refusals: ['invalid', 'conflict', 'payment_required', 'unavailable'],
      prepare: ({ caller, body, request }) =>
        this.change.execute(
          caller.userId,
          body.plan_id,
          body.billing_cycle,
          body.preview_at === undefined ? null : new Date(body.preview_at),
          keyOf(request),
        ),
      handle: async ({ prepared }) => subscriptionResponse(prepared),
    }),
    operation({
      method: 'post',
      path: '/api/v1/billing/subscription/cancel',
      tag: 'billing',
      summary: 'Cancel your subscription',
      access: 'user',
      body: CancelSubscriptionBody,
      answer: SubscriptionResponse,
      refusals: ['conflict', 'unavailable'],
      prepare: ({ caller, body, request }) => this.cancellation.execute(caller.userId, body.when, keyOf(request)),
      handle: async ({ prepared }) => subscriptionResponse(prepared),
    }),
    operation({
      method: 'post',
      path: '/api/v1/billing/subscription/reactivate',
      tag: 'billing',
      summary: 'Take back a cancellation that has not happened yet, or a change that is scheduled',
      access: 'user',
      answer: SubscriptionResponse,
      refusals: ['conflict', 'unavailable'],
      prepare: ({ caller, request }) => this.reactivation.execute(caller.userId, keyOf(request)),
      handle: async ({ prepared }) => subscriptionResponse(prepared),
    }),
  ];
}

function keyOf(request: Request): string | null {
  return request.get('Idempotency-Key') ?? null;
}
