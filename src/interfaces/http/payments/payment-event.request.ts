import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { PAYMENT_EVENT_STATUSES, type PaymentEventStatus } from '#domain/payments/payment-event';
import { ReasonedRequest } from '../admin/user-admin.request.js';
import { PageQuery } from '../shared/page.js';

export class ListPaymentEventsQuery extends PageQuery {
  @IsOptional()
  @IsIn(PAYMENT_EVENT_STATUSES)
  @JSONSchema({
    description:
      '`received`: to be applied. `applied`. `ignored`: about none of our payments. `dead`: failed too often, and waits for a replay.',
  })
  status?: PaymentEventStatus;

  @IsOptional()
  @IsString()
  @Length(1, 255)
  @JSONSchema({ description: "The provider's own word for what happened.", examples: ['checkout.session.completed'] })
  type?: string;
}

export class ReplayPaymentEventRequest extends ReasonedRequest {}
