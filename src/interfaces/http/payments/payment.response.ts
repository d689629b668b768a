import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  ValidateNested,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { creditsOf } from '#domain/credits/credit';
import type { CreditOffer, CreditPackage } from '#domain/payments/credit-package';
import { type Payment, PAYMENT_STANDINGS, type PaymentStanding } from '#domain/payments/payment';
import { IsInstant } from '../shared/shapes.js';

export class CheckoutResponse {
  @JSONSchema({ description: "The provider's id of the checkout." })
  @IsString()
  session_id!: string;
  @JSONSchema({ description: 'Where the buyer pays.' })
  @IsString()
  url!: string;
  @IsUUID() payment_id!: string;
  @IsInstant() expires_at!: string;
  @JSONSchema({ description: "In the currency's minor unit." })
  @IsInt()
  amount!: number;
  @IsString() currency!: string;
  @JSONSchema({ description: 'What is booked once it is paid.' })
  @IsNumber()
  credits!: number;
  @JSONSchema({ description: '`sandbox` when no money moves.', examples: ['sandbox', 'stripe-live'] })
  @IsString()
  provider!: string;
}

export function checkoutResponse(payment: Payment): CheckoutResponse {
  return {
    session_id: payment.checkoutId!,
    url: payment.checkoutUrl!,
    payment_id: payment.id,
    expires_at: payment.expiresAt.toISOString(),
    amount: payment.amountMinor,
    currency: payment.currency,
    credits: creditsOf(payment.credit),
    provider: payment.gateway,
  };
}

export class PaymentResponse {
  @IsUUID() id!: string;
  @IsIn(PAYMENT_STANDINGS) status!: PaymentStanding;
  @JSONSchema({ description: 'Null for an amount of choice.' })
  @IsOptional()
  @IsString()
  package_id!: string | null;
  @JSONSchema({ description: "In the currency's minor unit, like the amounts that went back." })
  @IsInt()
  amount!: number;
  @IsString() currency!: string;
  @IsInt() refunded_amount!: number;
  @IsInt() disputed_amount!: number;
  @JSONSchema({ description: 'What it gives, or gave.' })
  @IsNumber()
  credits!: number;
  @IsInt() credits_micros!: number;
  @IsString() provider!: string;
  @IsOptional() @IsString() session_id!: string | null;
  @JSONSchema({ description: 'Where to pay, as long as that is possible.' })
  @IsOptional()
  @IsString()
  url!: string | null;
  @JSONSchema({ description: 'Why it failed, or that a person looks at it.' })
  @IsOptional()
  @IsString()
  message!: string | null;
  @IsInstant() created_at!: string;
  @IsInstant() expires_at!: string;
  @IsOptional() @IsInstant() completed_at!: string | null;
}

export class PaymentListResponse {
  @IsArray() @ValidateNested({ each: true }) @Type(() => PaymentResponse) data!: PaymentResponse[];
  @IsInt() total!: number;
  @IsBoolean() has_more!: boolean;
}

export function paymentResponse(payment: Payment): PaymentResponse {
  return {
    id: payment.id,
    status: payment.standing,
    package_id: payment.packageId,
    amount: payment.amountMinor,
    currency: payment.currency,
    refunded_amount: payment.refundedMinor,
    disputed_amount: payment.disputedMinor,
    credits: creditsOf(payment.credit),
    credits_micros: payment.credit.toNumber(),
    provider: payment.gateway,
    session_id: payment.checkoutId,
    url: payment.status === 'pending' ? payment.checkoutUrl : null,
    message: messageOf(payment),
    created_at: payment.createdAt.toISOString(),
    expires_at: payment.expiresAt.toISOString(),
    completed_at: payment.completedAt?.toISOString() ?? null,
  };
}

/** What was found to contradict the order is for the operator; the buyer is told that somebody looks at it. */
function messageOf({ status, problem }: Payment): string | null {
  if (status === 'failed') return problem;
  return status === 'review' ? 'This payment is being looked at. Nothing was booked yet.' : null;
}

export class CreditPackageResponse {
  @IsString() id!: string;
  @IsString() name!: string;
  @IsNumber() credits!: number;
  @JSONSchema({ description: 'Currency to price, in its minor unit.', examples: [{ usd: 1000 }] })
  @IsObject()
  prices!: Readonly<Record<string, number>>;
  @IsBoolean() popular!: boolean;
}

export class CreditOfferResponse {
  @IsArray() @ValidateNested({ each: true }) @Type(() => CreditPackageResponse) data!: CreditPackageResponse[];
  @JSONSchema({ description: 'An amount of choice, in cents of a US dollar, is at least this …' })
  @IsInt()
  minimum_amount!: number;
  @JSONSchema({ description: '… and at most this. 1 USD is 100 credits.' })
  @IsInt()
  maximum_amount!: number;
  @IsString() currency!: string;
}

export function creditOfferResponse({ packages, leastCents, mostCents }: CreditOffer): CreditOfferResponse {
  return {
    data: packages.map(packageResponse),
    minimum_amount: leastCents,
    maximum_amount: mostCents,
    currency: 'usd',
  };
}

function packageResponse({ id, displayName, credit, prices, popular }: CreditPackage): CreditPackageResponse {
  return { id, name: displayName, credits: creditsOf(credit), prices, popular };
}
