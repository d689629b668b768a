import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  ValidateNested,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { SubscriptionTimeline } from '#application/billing/get-subscription-timeline';
import { BILLING_CYCLES, type BillingCycle } from '#domain/billing/billing-cycle';
import { DUNNING_STATES, type DunningState } from '#domain/billing/dunning';
import { type Subscription, SUBSCRIPTION_STATUSES, type SubscriptionStatus } from '#domain/billing/subscription';
import type { SubscriptionStep } from '#domain/billing/subscription-repository';
import type { Page } from '#domain/shared/page';
import {
  CardOnFileResponse,
  cardOnFileResponse,
  PendingChangeResponse,
  pendingChangeResponse,
} from '../billing/billing.response.js';
import { InvoiceListResponse, invoiceResponse } from '../billing/invoice.response.js';
import { pageResponse } from '../shared/page.js';
import { IsInstant } from '../shared/shapes.js';

export class AdminSubscriptionResponse {
  @IsUUID() id!: string;
  @IsString() provider!: string;
  @JSONSchema({ description: "The provider's own id." })
  @IsString()
  external_id!: string;
  @IsString() customer_id!: string;
  @JSONSchema({ description: 'What is sold; null while its price is in no plan.' })
  @IsOptional()
  @IsString()
  plan!: string | null;
  @IsOptional() @IsIn(BILLING_CYCLES) billing_cycle!: BillingCycle | null;
  @JSONSchema({ description: 'The plan that it gives now, if it gives one.' })
  @IsOptional()
  @IsString()
  gives_plan!: string | null;
  @IsOptional() @IsString() price_id!: string | null;
  @IsIn(SUBSCRIPTION_STATUSES) status!: SubscriptionStatus;
  @JSONSchema({ description: "Of one cycle, in the currency's minor unit." })
  @IsInt()
  price!: number;
  @IsString() currency!: string;
  @IsInstant() started_at!: string;
  @IsInstant() current_period_start!: string;
  @IsInstant() current_period_end!: string;
  @IsOptional() @IsInstant() trial_end!: string | null;
  @IsBoolean() cancel_at_period_end!: boolean;
  @IsOptional() @IsInstant() cancel_at!: string | null;
  @IsOptional() @IsInstant() ended_at!: string | null;
  @IsOptional()
  @ValidateNested()
  @Type(() => CardOnFileResponse)
  payment_method!: CardOnFileResponse | null;
  @IsOptional()
  @ValidateNested()
  @Type(() => PendingChangeResponse)
  pending_change!: PendingChangeResponse | null;
  @IsIn(DUNNING_STATES) dunning!: DunningState;
  @IsOptional() @IsInstant() grace_period_ends_at!: string | null;
  @JSONSchema({ description: 'Why an operator must look; it gives no plan meanwhile.' })
  @IsOptional()
  @IsString()
  review!: string | null;
  @IsInt() version!: number;
  @IsInstant() updated_at!: string;
}

export class SubscriptionStepResponse {
  @JSONSchema({ description: "The provider's id of the subscription." })
  @IsString()
  subscription!: string;
  @JSONSchema({ examples: ['subscribed', 'renewed', 'plan_changed', 'payment_failed', 'recovered', 'canceled'] })
  @IsString()
  kind!: string;
  @IsInstant() at!: string;
  @IsObject() facts!: Readonly<Record<string, unknown>>;
}

export class SubscriptionStepListResponse {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => SubscriptionStepResponse)
  data!: SubscriptionStepResponse[];
  @IsInt() total!: number;
  @IsBoolean() has_more!: boolean;
}

export class SubscriptionTimelineResponse {
  @IsUUID() user_id!: string;
  @JSONSchema({ description: 'The plan that the user has, whoever gave it.' })
  @IsString()
  plan!: string;
  @JSONSchema({ description: 'All of them, newest first.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => AdminSubscriptionResponse)
  subscriptions!: AdminSubscriptionResponse[];
  @ValidateNested() @Type(() => SubscriptionStepListResponse) steps!: SubscriptionStepListResponse;
  @ValidateNested() @Type(() => InvoiceListResponse) invoices!: InvoiceListResponse;
}

export function subscriptionTimelineResponse(timeline: SubscriptionTimeline, page: Page): SubscriptionTimelineResponse {
  const { user, subscriptions, steps, invoices, now } = timeline;
  return {
    user_id: user.id,
    plan: user.plan,
    subscriptions: subscriptions.map(adminSubscriptionResponse),
    steps: pageResponse(steps, page, stepResponse),
    invoices: pageResponse(invoices, page, (invoice) => invoiceResponse(invoice, now)),
  };
}

function adminSubscriptionResponse(one: Subscription): AdminSubscriptionResponse {
  return {
    id: one.id,
    provider: one.gateway,
    external_id: one.externalId,
    customer_id: one.customerId,
    plan: one.sold?.plan ?? null,
    billing_cycle: one.cycle,
    gives_plan: one.plan,
    price_id: one.priceId,
    status: one.status,
    price: one.amountMinor,
    currency: one.currency,
    started_at: one.startedAt.toISOString(),
    current_period_start: one.periodStart.toISOString(),
    current_period_end: one.periodEnd.toISOString(),
    trial_end: instantOf(one.trialEnd),
    cancel_at_period_end: one.cancelAtPeriodEnd,
    cancel_at: instantOf(one.cancelAt),
    ended_at: instantOf(one.endedAt),
    payment_method: one.card && cardOnFileResponse(one.card),
    pending_change: one.pending && pendingChangeResponse(one.pending),
    dunning: one.dunning.state,
    grace_period_ends_at: instantOf(one.dunning.graceEndsAt),
    review: one.review,
    version: one.version,
    updated_at: one.updatedAt.toISOString(),
  };
}

function stepResponse({ externalId, kind, at, facts }: SubscriptionStep): SubscriptionStepResponse {
  return { subscription: externalId, kind, at: at.toISOString(), facts };
}

function instantOf(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}
