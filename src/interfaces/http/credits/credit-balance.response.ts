import { Type } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsNumber, IsOptional, IsString, IsUUID, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { LiveGrant } from '#application/credits/credit-report';
import type { CreditBalance } from '#application/credits/get-credit-balance';
import { creditsOf } from '#domain/credits/credit';
import { CREDIT_CATEGORIES, type CreditCategory } from '#domain/credits/credit-grant';
import type { CreditHold } from '#domain/credits/credit-hold';
import { CREDIT_TRANSACTION_TYPES, type CreditTransactionType } from '#domain/credits/credit-transaction';
import { IsInstant } from '../shared/shapes.js';
import { GrantPartResponse, grantPartResponse } from './credit.response.js';

export class ExpiringCreditsResponse {
  @IsNumber() credits!: number;
  @IsInstant() expires_at!: string;
}

export class CreditGrantResponse {
  @JSONSchema({ description: 'That of the entry which brought it.' }) @IsUUID() id!: string;
  @IsIn(CREDIT_TRANSACTION_TYPES) type!: CreditTransactionType;
  @JSONSchema({ description: 'Promotional credit is spent before paid credit.' })
  @IsIn(CREDIT_CATEGORIES)
  category!: CreditCategory;
  @IsString() description!: string;
  @IsNumber() credits!: number;
  @IsNumber() remaining!: number;
  @JSONSchema({ description: 'The part of what remains that open holds have reserved.' }) @IsNumber() held!: number;
  @IsOptional() @IsInstant() expires_at!: string | null;
  @IsInstant() created_at!: string;
}

export class CreditHoldResponse {
  @IsUUID() id!: string;
  @JSONSchema({ description: 'The work that it is reserved for.' }) @IsString() request_id!: string;
  @IsNumber() credits!: number;
  @IsString() description!: string;
  @JSONSchema({ description: 'Out of which grants.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => GrantPartResponse)
  reserved_of!: GrantPartResponse[];
  @IsInstant() placed_at!: string;
  @JSONSchema({ description: 'When it stops counting, unless the work ends before.' })
  @IsInstant()
  expires_at!: string;
}

export class CreditBalanceResponse {
  @JSONSchema({ description: 'The balance. One credit is 0.01 USD; the micros beside it are millionths of a USD.' })
  @IsNumber()
  credits!: number;
  @JSONSchema({ description: 'Reserved for work under way.' }) @IsNumber() held!: number;
  @JSONSchema({ description: 'What can be spent: the balance without what is held.' }) @IsNumber() available!: number;
  @JSONSchema({ description: 'What is owed, and is paid first by any credit that comes in.' })
  @IsNumber()
  debt!: number;
  @IsInt() credits_micros!: number;
  @IsInt() held_micros!: number;
  @IsInt() available_micros!: number;
  @IsInt() debt_micros!: number;
  @JSONSchema({ description: 'What remains of the credit that expires first; null when none does.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => ExpiringCreditsResponse)
  expiring_next!: ExpiringCreditsResponse | null;
  @JSONSchema({ description: 'What can still pay, in the order in which it is spent.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => CreditGrantResponse)
  grants!: CreditGrantResponse[];
  @JSONSchema({ description: 'Those that are open, the next to expire first.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => CreditHoldResponse)
  holds!: CreditHoldResponse[];
}

export function creditBalanceResponse(account: CreditBalance): CreditBalanceResponse {
  const { balance, held, available, debt, expiringNext, grants, holds } = account;
  return {
    credits: creditsOf(balance),
    held: creditsOf(held),
    available: creditsOf(available),
    debt: creditsOf(debt),
    credits_micros: balance.toNumber(),
    held_micros: held.toNumber(),
    available_micros: available.toNumber(),
    debt_micros: debt.toNumber(),
    expiring_next: expiringNext && {
      credits: creditsOf(expiringNext.amount),
      expires_at: expiringNext.at.toISOString(),
    },
    grants: grants.map(grantResponse),
    holds: holds.map(holdResponse),
  };
}

function grantResponse(grant: LiveGrant): CreditGrantResponse {
  return {
    id: grant.id,
    type: grant.type,
    category: grant.category,
    description: grant.description,
    credits: creditsOf(grant.amount),
    remaining: creditsOf(grant.remaining),
    held: creditsOf(grant.held),
    expires_at: grant.expiresAt?.toISOString() ?? null,
    created_at: grant.createdAt.toISOString(),
  };
}

function holdResponse({
  id,
  requestId,
  amount,
  description,
  parts,
  placedAt,
  expiresAt,
}: CreditHold): CreditHoldResponse {
  return {
    id,
    request_id: requestId,
    credits: creditsOf(amount),
    description,
    reserved_of: parts.map(grantPartResponse),
    placed_at: placedAt.toISOString(),
    expires_at: expiresAt.toISOString(),
  };
}
