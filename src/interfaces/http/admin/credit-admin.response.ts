import { Type } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsNumber, IsString, IsUUID, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { CreditChange } from '#application/credits/audited-credit-change';
import type { AccountStanding, CreditTransactionRecord } from '#application/credits/credit-report';
import type { CreditBalance } from '#application/credits/get-credit-balance';
import type { CreditSummary } from '#application/credits/get-credit-summary';
import type { UserId } from '#domain/accounts/user';
import { creditsOf } from '#domain/credits/credit';
import { CREDIT_TRANSACTION_TYPES, type CreditTransactionType } from '#domain/credits/credit-transaction';
import { Money } from '#domain/shared/money';
import { CreditBalanceResponse, creditBalanceResponse } from '../credits/credit-balance.response.js';
import {
  CreditSummaryResponse,
  creditSummaryResponse,
  CreditTransactionResponse,
  creditTransactionResponse,
} from '../credits/credit.response.js';

export class AdminCreditsResponse extends CreditBalanceResponse {
  @IsUUID() user_id!: string;
  @ValidateNested() @Type(() => CreditSummaryResponse) summary!: CreditSummaryResponse;
  @JSONSchema({ description: 'The ten newest entries of the ledger, the newest first.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => CreditTransactionResponse)
  newest!: CreditTransactionResponse[];
}

export function adminCreditsResponse(
  userId: UserId,
  balance: CreditBalance,
  summary: CreditSummary,
  newest: readonly CreditTransactionRecord[],
): AdminCreditsResponse {
  return {
    user_id: userId,
    ...creditBalanceResponse(balance),
    summary: creditSummaryResponse(summary),
    newest: newest.map(creditTransactionResponse),
  };
}

export class CreditStandingResponse {
  @IsNumber() credits!: number;
  @IsInt() credits_micros!: number;
  @IsNumber() held!: number;
  @IsInt() held_micros!: number;
  @IsNumber() debt!: number;
  @IsInt() debt_micros!: number;
}

export class CreditChangeResponse {
  @IsUUID() user_id!: string;
  @JSONSchema({ description: 'The entry of the ledger; of what came in it is the grant, too.' })
  @IsUUID()
  transaction_id!: string;
  @IsIn(CREDIT_TRANSACTION_TYPES) type!: CreditTransactionType;
  @JSONSchema({ description: 'In credits: above zero in, below zero out.' }) @IsNumber() amount!: number;
  @IsInt() amount_micros!: number;
  @IsString() key!: string;
  @ValidateNested() @Type(() => CreditStandingResponse) before!: CreditStandingResponse;
  @JSONSchema({ description: 'After what was owed is paid of it.' })
  @ValidateNested()
  @Type(() => CreditStandingResponse)
  after!: CreditStandingResponse;
}

export function creditChangeResponse({ user, entry, before, after }: CreditChange): CreditChangeResponse {
  return {
    user_id: user.id,
    transaction_id: entry.id,
    type: entry.type,
    amount: creditsOf(entry.amount),
    amount_micros: entry.amount.toNumber(),
    key: entry.key,
    before: standingResponse(before),
    after: standingResponse(after),
  };
}

function standingResponse({ balance, held, debt }: AccountStanding): CreditStandingResponse {
  return {
    credits: creditsOf(balance),
    credits_micros: balance.toNumber(),
    held: creditsOf(held),
    held_micros: held.toNumber(),
    debt: creditsOf(debt),
    debt_micros: debt.toNumber(),
  };
}

export class BulkCreditGrantResponse {
  @JSONSchema({ description: 'How many users got it.' }) @IsInt() users!: number;
  @JSONSchema({ description: 'What all of them got together, in credits.' }) @IsNumber() total!: number;
  @IsInt() total_micros!: number;
  @JSONSchema({ description: 'One of each user, in the order of their ids.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => CreditChangeResponse)
  data!: CreditChangeResponse[];
}

export function bulkCreditGrantResponse(changes: readonly CreditChange[]): BulkCreditGrantResponse {
  const total = Money.sum(changes.map(({ entry }) => entry.amount));
  return {
    users: changes.length,
    total: creditsOf(total),
    total_micros: total.toNumber(),
    data: changes.map(creditChangeResponse),
  };
}
