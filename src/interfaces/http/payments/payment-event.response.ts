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
import { PAYMENT_EVENT_STATUSES, type PaymentEvent, type PaymentEventStatus } from '#domain/payments/payment-event';
import { IsInstant } from '../shared/shapes.js';

export class PaymentEventResponse {
  @JSONSchema({ description: "The provider's id of the event." })
  @IsString()
  id!: string;
  @IsString() gateway!: string;
  @IsString() type!: string;
  @IsIn(PAYMENT_EVENT_STATUSES) status!: PaymentEventStatus;
  @JSONSchema({ description: "The version of the provider's API that the event is written in." })
  @IsOptional()
  @IsString()
  api_version!: string | null;
  @JSONSchema({ description: "False in the provider's test mode." })
  @IsBoolean()
  live!: boolean;
  @JSONSchema({ description: 'The payment that it was about, once it was applied.' })
  @IsOptional()
  @IsUUID()
  payment_id!: string | null;
  @JSONSchema({ description: 'How often it could not be applied.' })
  @IsInt()
  failures!: number;
  @IsOptional() @IsString() last_error!: string | null;
  @JSONSchema({ description: 'When it happened, as the provider says.' })
  @IsInstant()
  created_at!: string;
  @IsInstant() received_at!: string;
  @JSONSchema({ description: 'When it was applied, ignored, or given up.' })
  @IsOptional()
  @IsInstant()
  closed_at!: string | null;
}

export class PaymentEventListResponse {
  @IsArray() @ValidateNested({ each: true }) @Type(() => PaymentEventResponse) data!: PaymentEventResponse[];
  @IsInt() total!: number;
  @IsBoolean() has_more!: boolean;
}

export class PaymentEventDetailResponse extends PaymentEventResponse {
  @JSONSchema({ description: 'The event as it came.' })
  @IsObject()
  payload!: object;
}

export function paymentEventResponse(event: PaymentEvent): PaymentEventResponse {
  return {
    id: event.id,
    gateway: event.gateway,
    type: event.type,
    status: event.status,
    api_version: event.apiVersion,
    live: event.live,
    payment_id: event.paymentId,
    failures: event.failures,
    last_error: event.lastError,
    created_at: event.createdAt.toISOString(),
    received_at: event.receivedAt.toISOString(),
    closed_at: event.closedAt?.toISOString() ?? null,
  };
}

export function paymentEventDetailResponse(event: PaymentEvent): PaymentEventDetailResponse {
  return { ...paymentEventResponse(event), payload: event.payload as object };
}
