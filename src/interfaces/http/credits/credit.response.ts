import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsInt, IsNumber, IsObject, IsString, IsUUID, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { CreditTransactionRecord } from '#application/credits/credit-report';
import type { CreditSummary } from '#application/credits/get-credit-summary';
import { creditsOf } from '#domain/credits/credit';
import {
  CREDIT_TRANSACTION_TYPES,
  type CreditTransactionType,
  type GrantPart,
  type Metadata,
} from '#domain/credits/credit-transaction';
import { Money } from '#domain/shared/money';
import { IsInstant } from '../shared/shapes.js';

/** A part of what an entry took, or of what a hold reserves. */
export class GrantPartResponse {
  @JSONSchema({ description: 'The grant, by the id of the entry that brought it.' })
  @IsUUID()
  grant_id!: string;
  @IsNumber() credits!: number;
}

export class CreditTransactionResponse {
  @IsUUID() id!: string;
  @JSONSchema({ description: 'The place in your ledger, from 1, without a gap.' })
  @IsInt()
  sequence!: number;
  @IsIn(CREDIT_TRANSACTION_TYPES) type!: CreditTransactionType;
  @JSONSchema({ description: 'In credits, like all that is not named otherwise: above zero in, below zero out.' })
  @IsNumber()
  amount!: number;
  @IsInt() amount_micros!: number;
  @JSONSchema({ description: 'What it changes of what is owed.' })
  @IsNumber()
  debt!: number;
  @IsInt() debt_micros!: number;
  @IsNumber() balance_before!: number;
  @IsNumber() balance_after!: number;
  @IsString() description!: string;
  @IsObject() metadata!: Metadata;
  @JSONSchema({ description: 'Which grants paid. Empty for what comes in.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => GrantPartResponse)
  paid_by!: GrantPartResponse[];
  @JSONSchema({ description: 'What the entry is about; there is one entry of each key.' }) @IsString() key!: string;
  @JSONSchema({ description: 'Who did it: a user id, `cli:<name>`, or `system`.' }) @IsString() actor!: string;
  @IsInstant() created_at!: string;
  @JSONSchema({ description: 'SHA-256 of this entry and the hash of the one before, as hexadecimal digits.' })
  @IsString()
  hash!: string;
}

export class CreditTransactionListResponse {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => CreditTransactionResponse)
  data!: CreditTransactionResponse[];
  @IsInt() total!: number;
  @IsBoolean() has_more!: boolean;
}

export function creditTransactionResponse(entry: CreditTransactionRecord): CreditTransactionResponse {
  return {
    id: entry.id,
    sequence: entry.sequence,
    type: entry.type,
    amount: creditsOf(entry.amount),
    amount_micros: entry.amount.toNumber(),
    debt: creditsOf(entry.debt),
    debt_micros: entry.debt.toNumber(),
    balance_before: creditsOf(entry.balanceBefore),
    balance_after: creditsOf(entry.balanceAfter),
    description: entry.description,
    metadata: entry.metadata,
    paid_by: entry.sources.map(grantPartResponse),
    key: entry.key,
    actor: entry.actor,
    created_at: entry.createdAt.toISOString(),
    hash: entry.hash,
  };
}

export function grantPartResponse({ grant, micros }: GrantPart): GrantPartResponse {
  return { grant_id: grant, credits: creditsOf(Money.ofMicros(micros)) };
}

export class CreditTypeTotalResponse {
  @IsIn(CREDIT_TRANSACTION_TYPES) type!: CreditTransactionType;
  @IsInt() count!: number;
  @JSONSchema({ description: 'Signed, like the entries.' }) @IsNumber() amount!: number;
  @IsInt() amount_micros!: number;
}

export class CreditSummaryResponse {
  @JSONSchema({ description: 'What use cost, above zero: entries of the types `api_usage` and `transcription`.' })
  @IsNumber()
  total_spent!: number;
  @IsInt() total_spent_micros!: number;
  @JSONSchema({ description: 'What was bought, refunds not taken off: entries of the type `purchase`.' })
  @IsNumber()
  total_purchased!: number;
  @IsInt() total_purchased_micros!: number;
  @JSONSchema({
    description: 'What was given: entries of the types `bonus`, `referral_bonus` and `admin_grant`.',
  })
  @IsNumber()
  total_bonus!: number;
  @IsInt() total_bonus_micros!: number;
  @JSONSchema({ description: 'The balance as of now, whatever the span.' }) @IsNumber() net_balance!: number;
  @IsInt() net_balance_micros!: number;
  @JSONSchema({ description: 'Every type that has entries.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => CreditTypeTotalResponse)
  by_type!: CreditTypeTotalResponse[];
}

export function creditSummaryResponse(summary: CreditSummary): CreditSummaryResponse {
  const { spent, purchased, bonus, netBalance, byType } = summary;
  return {
    total_spent: creditsOf(spent),
    total_spent_micros: spent.toNumber(),
    total_purchased: creditsOf(purchased),
    total_purchased_micros: purchased.toNumber(),
    total_bonus: creditsOf(bonus),
    total_bonus_micros: bonus.toNumber(),
    net_balance: creditsOf(netBalance),
    net_balance_micros: netBalance.toNumber(),
    by_type: byType.map(({ type, entries, amount }) => ({
      type,
      count: entries,
      amount: creditsOf(amount),
      amount_micros: amount.toNumber(),
    })),
  };
}
