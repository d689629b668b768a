import { injectable } from 'inversify';
import { GetChangePreview } from '#application/billing/get-change-preview';
import { OwnSubscriptionRefresh } from '#application/billing/own-subscription-refresh';
import { SubscriptionCancellation } from '#application/billing/subscription-cancellation';
import { SubscriptionChange } from '#application/billing/subscription-change';
import { SubscriptionReactivation } from '#application/billing/subscription-reactivation';
import { Controller, operation, type Request } from '../shared/operation.js';
import { orWhenToRetry } from './busy.js';
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
    private readonly refresh: OwnSubscriptionRefresh,
  ) {}

  readonly operations = [
    operation({
      method: 'post',
      path: '/api/v1/billing/subscription/refresh',
      tag: 'billing',
      summary: 'Ask the provider how your subscription stands, and get it',
      description:
        'For the page that a customer comes back to. It may be asked any number of times: the provider is asked once in two seconds, and ' +
        'in between it answers as `GET /api/v1/billing/subscription` does. `payment_provider_unavailable` when the provider cannot be reached.',
      access: 'user',
      page: true,
      answer: SubscriptionResponse,
      refusals: ['unavailable'],
      prepare: ({ caller }) => this.refresh.execute(caller.userId),
      handle: async ({ prepared }) => subscriptionResponse(prepared),
    }),
    operation({
      method: 'post',
      path: '/api/v1/billing/subscription/preview-change',
      tag: 'billing',
      summary: 'See what another plan or billing cycle would cost, and do to limits and use',
      description:
        'Nothing is changed. 409 `no_subscription`, `subscription_in_review`, `payment_due`, `subscription_paused`, `cancellation_scheduled` ' +
        '(take it back first) and `nothing_to_change`. 400 `unknown_plan`; 422 `plan_not_sold` and `unknown_billing_cycle`. 503 ' +
        '`payment_provider_unavailable`.',
      access: 'user',
      page: true,
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
        'More is had at once, and the difference is charged at once; less begins when what is paid for is over. In a trial, more ends the ' +
        'trial, and its whole price is charged at once. Limits follow the ' +
        'plan, and what was used stays used. To the plan that one has, it drops a change that was scheduled. 402 `payment_failed`: the card ' +
        'was declined, or there is none, with the `reason` in the words of the provider, and nothing has changed. 409 `no_subscription`, ' +
        '`subscription_in_review`, `payment_due`, `subscription_paused`, `cancellation_scheduled` (take it back first) and `preview_outdated` ' +
        '(ask for a preview again). 400 `unknown_plan`; 422 `plan_not_sold` and `unknown_billing_cycle`. 503 ' +
        '`payment_provider_unavailable` and `subscription_busy`: repeat it with the same Idempotency-Key.',
      access: 'user',
      page: true,
      body: ChangeSubscriptionBody,
      answer: SubscriptionResponse,
      refusals: ['invalid', 'conflict', 'payment_required', 'unavailable'],
      prepare: ({ caller, body, request }) =>
        orWhenToRetry(
          this.change.execute(
            caller.userId,
            body.plan_id,
            body.billing_cycle,
            // Null is nothing, as what is left out.
            body.preview_at ? new Date(body.preview_at) : null,
            keyOf(request),
          ),
        ),
      handle: async ({ prepared }) => subscriptionResponse(prepared),
    }),
    operation({
      method: 'post',
      path: '/api/v1/billing/subscription/cancel',
      tag: 'billing',
      summary: 'Cancel your subscription',
      description:
        'With what is paid for, or at once; also one that is past due. 409 `no_subscription`. 503 `payment_provider_unavailable` and ' +
        '`subscription_busy`: repeat it with the same Idempotency-Key.',
      access: 'user',
      page: true,
      body: CancelSubscriptionBody,
      answer: SubscriptionResponse,
      refusals: ['conflict', 'unavailable'],
      prepare: ({ caller, body, request }) =>
        orWhenToRetry(this.cancellation.execute(caller.userId, body.when, keyOf(request))),
      handle: async ({ prepared }) => subscriptionResponse(prepared),
    }),
    operation({
      method: 'post',
      path: '/api/v1/billing/subscription/reactivate',
      tag: 'billing',
      summary: 'Take back a cancellation that has not happened yet, or a change that is scheduled',
      description:
        'Nothing happens where nothing is to be taken back. 409 `no_subscription` and `subscription_in_review`. 503 ' +
        '`payment_provider_unavailable` and `subscription_busy`: repeat it with the same Idempotency-Key.',
      access: 'user',
      page: true,
      answer: SubscriptionResponse,
      refusals: ['conflict', 'unavailable'],
      prepare: ({ caller, request }) => orWhenToRetry(this.reactivation.execute(caller.userId, keyOf(request))),
      handle: async ({ prepared }) => subscriptionResponse(prepared),
    }),
  ];
}

function keyOf(request: Request): string | null {
  return request.get('Idempotency-Key') ?? null;
}
