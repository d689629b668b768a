import { IsIn, IsOptional, IsString, IsUrl, Length } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { CANCELLATION_TIMES, type CancellationTime } from '#application/billing/subscription-cancellation';
import { PORTAL_FLOWS, type PortalFlow } from '#application/billing/subscription-gateway';
import { BILLING_CYCLES, type BillingCycle } from '#domain/billing/billing-cycle';
import { IsInstant } from '../shared/shapes.js';

const URL_SHAPE = { protocols: ['http', 'https'], require_protocol: true, require_tld: false };

/** What is wanted: a plan, paid in a rhythm. */
class PlanRequest {
  @JSONSchema({ description: 'One of GET /api/v1/plans that has a price.', examples: ['pro'] })
  @IsString()
  @Length(1, 100)
  plan_id!: string;

  @IsIn(BILLING_CYCLES)
  billing_cycle!: BillingCycle;
}

export class SubscriptionCheckoutBody extends PlanRequest {
  @JSONSchema({
    description: 'Where the buyer goes after subscribing, at an allowed origin; a page of this service unless given.',
  })
  @IsOptional()
  @IsUrl(URL_SHAPE)
  @Length(1, 2000)
  success_url?: string;

  @JSONSchema({ description: 'Where the buyer goes who does not subscribe.' })
  @IsOptional()
  @IsUrl(URL_SHAPE)
  @Length(1, 2000)
  cancel_url?: string;
}

export class PortalBody {
  @JSONSchema({ description: 'The one thing to be done there; the whole portal unless given.' })
  @IsOptional()
  @IsIn(PORTAL_FLOWS)
  flow?: PortalFlow;

  @JSONSchema({
    description: 'Where the customer goes afterwards, at an allowed origin; a page of this service unless given.',
  })
  @IsOptional()
  @IsUrl(URL_SHAPE)
  @Length(1, 2000)
  return_url?: string;
}

export class PreviewChangeBody extends PlanRequest {}

export class ChangeSubscriptionBody extends PlanRequest {
  @JSONSchema({ description: 'The `at` of the preview that was shown: the change is reckoned by the same instant.' })
  @IsOptional()
  @IsInstant()
  preview_at?: string;
}

export class CancelSubscriptionBody {
  @JSONSchema({
    description: '`period_end`: the plan is kept until what is paid for is over. `now`: it ends at once.',
  })
  @IsIn(CANCELLATION_TIMES)
  when!: CancellationTime;
}
