import { IsIn, IsInt, IsISO8601, IsOptional, Matches, Max, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

export const REVENUE_FORMATS = ['json', 'csv'] as const;
export type RevenueFormat = (typeof REVENUE_FORMATS)[number];

const DATE = /^\d{4}-\d\d-\d\d$/;

export class RevenueQuery {
  @IsIn(REVENUE_FORMATS)
  format: RevenueFormat = 'json';
}

export class RevenueSnapshotsQuery extends RevenueQuery {
  @IsOptional()
  @Matches(DATE, { message: 'from must be a date such as 2026-01-31' })
  @IsISO8601({ strict: true })
  @JSONSchema({ description: 'A UTC date, included; ninety days before `to` if left out.' })
  from?: string;

  @IsOptional()
  @Matches(DATE, { message: 'to must be a date such as 2026-01-31' })
  @IsISO8601({ strict: true })
  @JSONSchema({ description: 'A UTC date, included; today if left out.' })
  to?: string;

  @JSONSchema({ description: 'How many days: 20 if left out, and all of them for a file.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  limit?: number;

  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  offset: number = 0;
}
