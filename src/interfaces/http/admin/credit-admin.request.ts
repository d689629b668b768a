import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsNumber, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { GIVEN_TYPES, type GivenType } from '#application/credits/admin-credit-grant';
import { MOST_USERS } from '#application/credits/bulk-credit-grant';
import { MOST_USD } from '#domain/credits/credit';
import { CREDIT_CATEGORIES, type CreditCategory } from '#domain/credits/credit-grant';
import { IsInstant } from '../shared/shapes.js';
import { ReasonedRequest } from './user-admin.request.js';

/** A credit is a cent. */
const MOST_CREDITS = MOST_USD * 100;
const LEAST_CREDITS = 0.0001;

export class GrantCreditsRequest extends ReasonedRequest {
  @JSONSchema({ description: 'Above zero, with at most four decimals. One credit is 0.01 USD.' })
  @IsNumber()
  @Min(LEAST_CREDITS)
  @Max(MOST_CREDITS)
  credits!: number;

  @IsIn(GIVEN_TYPES)
  type: GivenType = 'admin_grant';

  @JSONSchema({ description: 'Promotional credit is spent before paid credit.' })
  @IsIn(CREDIT_CATEGORIES)
  category: CreditCategory = 'promotional';

  @JSONSchema({ description: 'When it stops counting; never unless given.' })
  @IsOptional()
  @IsInstant()
  expires_at?: string | null;
}

export class BulkGrantCreditsRequest extends GrantCreditsRequest {
  @JSONSchema({ description: 'Each gets the same. All of them or none: one that does not exist refuses the whole.' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_USERS)
  @IsUUID(undefined, { each: true })
  user_ids!: string[];
}

export class AdjustCreditsRequest extends ReasonedRequest {
  @JSONSchema({ description: 'Above zero to add, below zero to take; with at most four decimals.' })
  @IsNumber()
  @Min(-MOST_CREDITS)
  @Max(MOST_CREDITS)
  credits!: number;
}
