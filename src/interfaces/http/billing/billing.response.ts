import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  ValidateNested,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { PlanChangePreview } from '#application/billing/get-change-preview';
import { CHANGED_LIMITS, type LimitChange } from '#application/billing/get-limit-changes';
import { BILLING_STATES, type BillingState, type CurrentSubscription } from '#application/billing/get-subscription';
import type { NextCharge } from '#application/billing/next-charge';
import type { ChangePreview } from '#application/billing/subscription-gateway';
import { BILLING_CYCLES, type BillingCycle, type SoldPlan } from '#domain/billing/billing-cycle';
import { CHANGE_DIRECTIONS, type ChangeDirection } from '#domain/billing/plan-change';
import type { CardOnFile, PendingChange } from '#domain/billing/subscription';
import type { Limit } from '#domain/shared/limit';
import { LIMIT_OR_FORMATS } from '../plans/limit-check.response.js';
import { IsInstant } from '../shared/shapes.js';

export class CardOnFileResponse {
  @IsString() brand!: string;
  @IsString() last4!: string;
}

export class PendingChangeResponse {
  @IsString() plan_id!: string;
  @IsIn(BILLING_CYCLES) billing_cycle!: BillingCycle;
  @IsInstant() effective_at!: string;
}

export class NextChargeResponse {
  @JSONSchema({ description: "In the currency's minor unit, before tax and discounts." }) @IsInt() amount!: number;
  @IsString() currency!: string;
  @IsInstant() at!: string;
}

export class SubscriptionResponse {
  @JSONSchema({ description: 'The plan that the subscription gives: `free` when it gives none.' })
  @IsString()
  tier!: string;
  @JSONSchema({
    description:
      '`inactive`: nobody subscribed. `past_due`: a payment failed; the plan is kept until `grace_period_ends_at`. ' +
      '`review`: an operator must look before it gives a plan.',
  })
  @IsIn(BILLING_STATES)
  status!: BillingState;
  @IsOptional() @IsIn(BILLING_CYCLES) billing_cycle!: BillingCycle | null;
  @IsOptional() @IsInstant() current_period_start!: string | null;
  @IsOptional() @IsInstant() current_period_end!: string | null;
  @JSONSchema({ description: "Of one cycle, in the currency's minor unit; 0 without a subscription." })
  @IsInt()
  price!: number;
  @IsOptional() @IsString() currency!: string | null;
  @IsBoolean() cancel_at_period_end!: boolean;
  @JSONSchema({ description: 'Also of a trial that is over.' })
  @IsOptional()
  @IsInstant()
  trial_end!: string | null;
  @JSONSchema({ description: 'While a payment is due: until when the plan is, or was, kept.' })
  @IsOptional()
  @IsInstant()
  grace_period_ends_at!: string | null;
  @IsOptional()
  @ValidateNested()
  @Type(() => CardOnFileResponse)
  payment_method!: CardOnFileResponse | null;
  @JSONSchema({ description: 'What the subscription becomes at the end of its period.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => PendingChangeResponse)
  pending_change!: PendingChangeResponse | null;
  @JSONSchema({
    description:
      'What is charged next, and when: at the end of the trial or the period, or when an invoice that is owed is tried again. ' +
      'Null without a subscription, when it is canceled, and when it is not known here.',
  })
  @IsOptional()
  @ValidateNested()
  @Type(() => NextChargeResponse)
  next_charge!: NextChargeResponse | null;
}

export class SubscriptionCheckoutResponse {
  @JSONSchema({ description: "The provider's id of the checkout." })
  @IsString()
  session_id!: string;
  @JSONSchema({ description: 'Where the buyer subscribes.' })
  @IsString()
  url!: string;
}

export class PortalResponse {
  @JSONSchema({ description: 'Where the customer goes: open it in the browser.' })
  @IsString()
  url!: string;
}

export class SoldPlanResponse {
  @IsString() plan_id!: string;
  @IsIn(BILLING_CYCLES) billing_cycle!: BillingCycle;
}

export class ChangeLineResponse {
  @IsString() description!: string;
  @JSONSchema({ description: 'Credit is negative.' })
  @IsInt()
  amount!: number;
  @JSONSchema({ description: 'It is for a part of a period.' })
  @IsBoolean()
  is_proration!: boolean;
}

export class ChangeMoneyResponse {
  @IsString() currency!: string;
  @JSONSchema({ description: "Charged at once, in the currency's minor unit; 0 when nothing is." })
  @IsInt()
  due_now!: number;

  @JSONSchema({
    description: 'Credit that is left after the change, in minor units: invoices to come are paid by it first.',
  })
  @IsInt()
  credit_left!: number;
  @IsArray() @ValidateNested({ each: true }) @Type(() => ChangeLineResponse) lines!: ChangeLineResponse[];
}

export class LimitChangeResponse {
  @IsIn(CHANGED_LIMITS) name!: LimitChange['name'];
  @JSONSchema(LIMIT_OR_FORMATS) @IsDefined() from!: Limit | readonly string[];
  @JSONSchema(LIMIT_OR_FORMATS) @IsDefined() to!: Limit | readonly string[];
  @JSONSchema({ description: 'In this period, or now, with what is held. It stays used. Null where nothing adds up.' })
  @IsOptional()
  @IsNumber()
  used!: number | null;
  @JSONSchema({ description: 'Whether that fits; where nothing adds up, whether the other plan allows no less.' })
  @IsBoolean()
  fits!: boolean;
}

export class ChangePreviewResponse {
  @ValidateNested() @Type(() => SoldPlanResponse) from!: SoldPlanResponse;
  @ValidateNested() @Type(() => SoldPlanResponse) to!: SoldPlanResponse;
  @IsIn(CHANGE_DIRECTIONS) direction!: ChangeDirection;
  @IsIn(['now', 'period_end']) effective!: 'now' | 'period_end';
  @JSONSchema({
    description: 'When it would happen. Sent back as `preview_at`, a change at once costs what is shown here.',
  })
  @IsInstant()
  at!: string;
  @JSONSchema({
    description:
      'Whether a trial ends by it: the plan is then paid for whole, and a period begins, when it is carried out.',
  })
  @IsBoolean()
  ends_trial!: boolean;
  @JSONSchema({ description: 'Null when the change itself costs nothing and gives nothing back.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => ChangeMoneyResponse)
  money!: ChangeMoneyResponse | null;
  @JSONSchema({
    description:
      'What is charged next after the change, and when: during a trial that goes on at its end. Null when nothing is.',
  })
  @IsOptional()
  @ValidateNested()
  @Type(() => NextChargeResponse)
  next_charge!: NextChargeResponse | null;
  @IsArray() @ValidateNested({ each: true }) @Type(() => LimitChangeResponse) limits!: LimitChangeResponse[];
}

export function subscriptionResponse(current: CurrentSubscription): SubscriptionResponse {
  return {
    tier: current.tier,
    status: current.status,
    billing_cycle: current.cycle,
    current_period_start: instantOf(current.periodStart),
    current_period_end: instantOf(current.periodEnd),
    price: current.amountMinor,
    currency: current.currency,
    cancel_at_period_end: current.cancelAtPeriodEnd,
    trial_end: instantOf(current.trialEnd),
    grace_period_ends_at: instantOf(current.graceEndsAt),
    payment_method: current.card && cardOnFileResponse(current.card),
    pending_change: current.pending && pendingChangeResponse(current.pending),
    next_charge: current.nextCharge && nextChargeResponse(current.nextCharge),
  };
}

export function cardOnFileResponse({ brand, last4 }: CardOnFile): CardOnFileResponse {
  return { brand, last4 };
}

export function pendingChangeResponse({ plan, cycle, at }: PendingChange): PendingChangeResponse {
  return { plan_id: plan, billing_cycle: cycle, effective_at: at.toISOString() };
}

export function changePreviewResponse(preview: PlanChangePreview): ChangePreviewResponse {
  const { from, to, direction, effective, endsTrial, at, money, nextCharge, limits } = preview;
  return {
    from: soldPlanResponse(from),
    to: soldPlanResponse(to),
    direction,
    effective,
    at: at.toISOString(),
    ends_trial: endsTrial,
    money: money && moneyResponse(money),
    next_charge: nextCharge && nextChargeResponse(nextCharge),
    limits: limits.map(({ name, from: was, to: becomes, used, fits }) => ({
      name,
      from: was,
      to: becomes,
      used,
      fits,
    })),
  };
}

function nextChargeResponse({ amountMinor, currency, at }: NextCharge): NextChargeResponse {
  return { amount: amountMinor, currency, at: at.toISOString() };
}

function soldPlanResponse({ plan, cycle }: SoldPlan): SoldPlanResponse {
  return { plan_id: plan, billing_cycle: cycle };
}

function moneyResponse({ currency, dueNow, creditLeft, lines }: ChangePreview): ChangeMoneyResponse {
  return {
    currency,
    due_now: dueNow,
    credit_left: creditLeft,
    lines: lines.map(({ description, amount, isProration }) => ({ description, amount, is_proration: isProration })),
  };
}

function instantOf(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}
