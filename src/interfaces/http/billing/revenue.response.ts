import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsInt, IsObject, IsOptional, IsString, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { RevenueSnapshot } from '#application/billing/revenue-snapshots';
import { BILLING_CYCLES, type BillingCycle } from '#domain/billing/billing-cycle';
import type { CurrencyRevenue, Revenue } from '#domain/billing/revenue';
import { PLAN_NAMES, type PlanName } from '#domain/plans/plan-name';
import { IsInstant } from '../shared/shapes.js';

export class CurrencyRevenueResponse {
  @IsString() currency!: string;
  @JSONSchema({ description: "What a month brings, in the currency's minor unit: a year counts a twelfth." })
  @IsInt()
  mrr!: number;
  @JSONSchema({ description: 'What a year brings, exactly.' }) @IsInt() arr!: number;
  @JSONSchema({ description: 'What a month brings of each that pays.' }) @IsOptional() @IsInt() arpu!: number | null;
  @JSONSchema({ description: 'The part of `mrr` whose payment failed, and whose grace is not over.' })
  @IsInt()
  at_risk!: number;
  @IsInt() paying!: number;
}

export class PlanCountResponse {
  @IsIn(PLAN_NAMES) plan!: PlanName;
  @IsIn(BILLING_CYCLES) billing_cycle!: BillingCycle;
  @IsInt() paying!: number;
  @IsInt() trialing!: number;
}

export class ChurnResponse {
  @IsInstant() from!: string;
  @IsInstant() to!: string;
  @JSONSchema({ description: 'Subscriptions that were paid for at the start of the span.' }) @IsInt() at_start!: number;
  @JSONSchema({ description: 'Of these, those that are over at its end.' }) @IsInt() lost!: number;
  @JSONSchema({ description: '`lost` of a million of `at_start`; null when there was none.' })
  @IsOptional()
  @IsInt()
  rate_ppm!: number | null;
}

export class RevenueResponse {
  @IsInstant() at!: string;
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => CurrencyRevenueResponse)
  currencies!: CurrencyRevenueResponse[];
  @JSONSchema({ description: 'Subscriptions that are paid for, or in grace. Trials are not.' })
  @IsInt()
  paying!: number;
  @IsInt() trialing!: number;
  @IsInt() in_grace!: number;
  @JSONSchema({ description: 'Those that an operator must look at: they count nowhere else.' })
  @IsInt()
  in_review!: number;
  @JSONSchema({ description: 'Subscriptions by status, ended ones too.' }) @IsObject() by_status!: object;
  @IsArray() @ValidateNested({ each: true }) @Type(() => PlanCountResponse) by_plan!: PlanCountResponse[];
  @ValidateNested() @Type(() => ChurnResponse) churn!: ChurnResponse;
}

export class RevenueSnapshotResponse {
  @JSONSchema({ description: 'A UTC date.' }) @IsString() day!: string;
  @ValidateNested() @Type(() => RevenueResponse) revenue!: RevenueResponse;
}

export class RevenueSnapshotListResponse {
  @IsArray() @ValidateNested({ each: true }) @Type(() => RevenueSnapshotResponse) data!: RevenueSnapshotResponse[];
  @IsInt() total!: number;
  @IsBoolean() has_more!: boolean;
}

export function revenueResponse(revenue: Revenue): RevenueResponse {
  const { churn } = revenue;
  return {
    at: revenue.at.toISOString(),
    currencies: revenue.currencies.map(currencyResponse),
    paying: revenue.paying,
    trialing: revenue.trialing,
    in_grace: revenue.inGrace,
    in_review: revenue.inReview,
    by_status: revenue.byStatus,
    by_plan: revenue.byPlan.map(({ cycle, ...count }) => ({ ...count, billing_cycle: cycle })),
    churn: {
      from: churn.from.toISOString(),
      to: churn.to.toISOString(),
      at_start: churn.atStart,
      lost: churn.lost,
      rate_ppm: churn.ratePpm,
    },
  };
}

export function revenueSnapshotResponse({ day, revenue }: RevenueSnapshot): RevenueSnapshotResponse {
  return { day, revenue: revenueResponse(revenue) };
}

function currencyResponse({ currency, mrr, arr, arpu, atRisk, paying }: CurrencyRevenue): CurrencyRevenueResponse {
  return {
    currency,
    mrr: whole(mrr),
    arr: whole(arr),
    arpu: arpu === null ? null : whole(arpu),
    at_risk: whole(atRisk),
    paying,
  };
}

/** Exact, or an error: a JSON number is no place for more than nine quadrillion. */
function whole(minor: bigint): number {
  const value = Number(minor);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${minor} does not fit a JSON number.`);
  return value;
}
