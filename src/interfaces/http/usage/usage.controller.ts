import { injectable } from 'inversify';
import { GetCurrentUsage } from '#application/usage/get-current-usage';
import { type ExportedUsage, GetUsageExport } from '#application/usage/get-usage-export';
import { GetUsageExplanation } from '#application/usage/get-usage-explanation';
import { GetUsageHistory } from '#application/usage/get-usage-history';
import { GetUsageInsights } from '#application/usage/get-usage-insights';
import { GetUsagePredictions } from '#application/usage/get-usage-predictions';
import { GetUsageSummary } from '#application/usage/get-usage-summary';
import { GetUsageTrends } from '#application/usage/get-usage-trends';
import type { UsageFormat } from '#application/usage/usage-documents';
import { Attachment, Controller, operation } from '../shared/operation.js';
import { InvalidRequest } from '../shared/parse.js';
import { CurrentUsageResponse, currentUsageResponse } from './current-usage.response.js';
import { UsageExplanationResponse, usageExplanationResponse } from './usage-explanation.response.js';
import {
  UsageInsightsResponse,
  usageInsightsResponse,
  UsagePredictionsResponse,
  usagePredictionsResponse,
} from './usage-outlook.response.js';
import {
  UsageHistoryResponse,
  usageHistoryResponse,
  UsageSummaryResponse,
  usageSummaryResponse,
  UsageTrendsResponse,
  usageTrendsResponse,
} from './usage-report.response.js';
import { UsageExplanationQuery, UsageExportQuery, UsageHistoryQuery, UsageTrendsQuery } from './usage.request.js';

const CONTENT_TYPES: Readonly<Record<UsageFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** What a user has used, what it is made of, and where it goes. */
@injectable()
export class UsageController implements Controller {
  constructor(
    private readonly currentUsage: GetCurrentUsage,
    private readonly summary: GetUsageSummary,
    private readonly history: GetUsageHistory,
    private readonly trends: GetUsageTrends,
    private readonly insights: GetUsageInsights,
    private readonly predictions: GetUsagePredictions,
    private readonly explanation: GetUsageExplanation,
    private readonly usageExport: GetUsageExport,
  ) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/api/v1/usage/current',
      tag: 'usage',
      summary: 'What is used, held and left in the current billing period',
      access: 'user',
      page: true,
      answer: CurrentUsageResponse,
      refusals: ['unavailable'],
      handle: async ({ caller }) => currentUsageResponse(await this.currentUsage.execute(caller.userId)),
    }),
    operation({
      method: 'get',
      path: '/api/v1/usage/summary',
      tag: 'usage',
      summary: 'The current period by transcription type and provider, and everything since registration',
      access: 'user',
      page: true,
      answer: UsageSummaryResponse,
      refusals: ['unavailable'],
      handle: async ({ caller }) => usageSummaryResponse(await this.summary.execute(caller.userId)),
    }),
    operation({
      method: 'get',
      path: '/api/v1/usage/history',
      tag: 'usage',
      summary: 'Billing periods, newest first, empty ones included',
      access: 'user',
      query: UsageHistoryQuery,
      answer: UsageHistoryResponse,
      handle: async ({ caller, query }) =>
        usageHistoryResponse(await this.history.execute(caller.userId, query.months)),
    }),
    operation({
      method: 'get',
      path: '/api/v1/usage/trends',
      tag: 'usage',
      summary: 'What happened by UTC day, ISO week or calendar month, empty ones included',
      access: 'user',
      page: true,
      query: UsageTrendsQuery,
      answer: UsageTrendsResponse,
      handle: async ({ caller, query: { days, group_by: by } }) =>
        usageTrendsResponse(by, await this.trends.execute(caller.userId, { days, by })),
    }),
    operation({
      method: 'get',
      path: '/api/v1/usage/insights',
      tag: 'usage',
      summary: 'What plan and log show that is worth knowing, each with its evidence',
      access: 'user',
      answer: UsageInsightsResponse,
      refusals: ['unavailable'],
      handle: async ({ caller }) => usageInsightsResponse(await this.insights.execute(caller.userId)),
    }),
    operation({
      method: 'get',
      path: '/api/v1/usage/predictions',
      tag: 'usage',
      summary: 'Where the current period ends at the pace so far, where there is enough to tell',
      access: 'user',
      page: true,
      answer: UsagePredictionsResponse,
      refusals: ['unavailable'],
      handle: async ({ caller }) => usagePredictionsResponse(await this.predictions.execute(caller.userId)),
    }),
    operation({
      method: 'get',
      path: '/api/v1/usage/explain',
      tag: 'usage',
      summary: 'The entries that make up a number of a billing period, and their sum',
      access: 'user',
      query: UsageExplanationQuery,
      answer: UsageExplanationResponse,
      refusals: ['not_found'],
      handle: async ({ caller: { userId }, query: { metric, period_start: start, ...page } }) =>
        usageExplanationResponse(
          await this.explanation.execute({ userId, metric, periodStart: periodStart(start), page }),
          page,
        ),
    }),
    operation({
      method: 'get',
      path: '/api/v1/usage/export',
      tag: 'usage',
      summary: 'Download the log entries of a span of time',
      access: 'user',
      page: true,
      query: UsageExportQuery,
      answer: { file: Object.values(CONTENT_TYPES) },
      refusals: ['invalid'],
      handle: async ({ caller: { userId }, query: { format, from, to } }) =>
        attachment(await this.usageExport.execute({ userId, format, from: instant(from), to: instant(to) })),
    }),
  ];
}

function periodStart(text: string): Date | 'open' | 'current' {
  if (text === 'open' || text === 'current') return text;
  const start = new Date(text);
  if (!Number.isNaN(start.getTime())) return start;
  throw new InvalidRequest([{ field: 'period_start', message: 'period_start is no instant of the calendar' }]);
}

function instant(text: string | undefined): Date | null {
  return text === undefined ? null : new Date(text);
}

function attachment({ format, from, to, content }: ExportedUsage): Attachment {
  const [first, last] = [from.toISOString().slice(0, 10), to.toISOString().slice(0, 10)];
  const disposition = `attachment; filename="usage-${first}-to-${last}.${format}"`;
  return new Attachment(CONTENT_TYPES[format], disposition, content);
}
