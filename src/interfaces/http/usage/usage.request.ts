import { IsIn, IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { USAGE_FORMATS, type UsageFormat } from '#application/usage/usage-documents';
import { EXPLAINED_METRICS, type ExplainedMetric } from '#application/usage/usage-evidence';
import { type Grouping, GROUPINGS } from '#domain/usage/usage-totals';
import { IsInstant } from '../shared/shapes.js';

export class UsageHistoryQuery {
  @IsInt()
  @Min(1)
  @Max(12)
  @JSONSchema({ description: 'How many billing periods, the current one included.' })
  months: number = 3;
}

export class UsageTrendsQuery {
  @IsInt()
  @Min(7)
  @Max(365)
  @JSONSchema({ description: 'How many UTC days, today included. Weeks and months that they touch are given whole.' })
  days: number = 30;

  @IsIn(GROUPINGS)
  group_by: Grouping = 'day';
}

export class UsageExplanationQuery {
  @IsIn(EXPLAINED_METRICS)
  metric: ExplainedMetric = 'minutes';

  @Matches(/^(current|open|\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))$/, {
    message:
      'period_start must be "current", "open" or the start of a period as an instant such as 2026-01-31T09:30:00Z',
  })
  @JSONSchema({ description: '`current`, `open`, or the start of a period exactly as the history shows it.' })
  period_start: string = 'current';

  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;

  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  offset: number = 0;
}

export class UsageExportQuery {
  @IsIn(USAGE_FORMATS)
  format: UsageFormat = 'csv';

  @IsOptional()
  @IsInstant()
  @JSONSchema({
    description: 'Entries completed at this instant or later; the start of the current period if left out.',
  })
  from?: string;

  @IsOptional()
  @IsInstant()
  @JSONSchema({ description: 'Entries completed before this instant; now if left out.' })
  to?: string;
}
