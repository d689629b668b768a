import { injectable } from 'inversify';
import { GetRevenue } from '#application/billing/get-revenue';
import { ListRevenueSnapshots, LONGEST_DAYS } from '#application/billing/list-revenue-snapshots';
import { RevenueDocuments } from '#application/billing/revenue-documents';
import { utcDay } from '#domain/billing/utc-day';
import { Attachment, Controller, operation } from '../shared/operation.js';
import { pageResponse } from '../shared/page.js';
import { RevenueQuery, RevenueSnapshotsQuery } from './revenue.request.js';
import {
  RevenueResponse,
  revenueResponse,
  RevenueSnapshotListResponse,
  revenueSnapshotResponse,
} from './revenue.response.js';

const CSV = 'text/csv; charset=utf-8';

/** As of every list. */
const USUAL_LIMIT = 20;

/** What subscriptions bring, for operators. */
@injectable()
export class RevenueController implements Controller {
  constructor(
    private readonly getRevenue: GetRevenue,
    private readonly listSnapshots: ListRevenueSnapshots,
    private readonly documents: RevenueDocuments,
  ) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/api/v1/admin/analytics/revenue',
      tag: 'admin',
      summary: 'See what subscriptions bring now, how many there are, and how many were lost in thirty days',
      description:
        'Amounts are in the minor unit of their currency. `format=csv` answers the same as one line for each currency.',
      access: 'admin',
      query: RevenueQuery,
      answer: RevenueResponse,
      files: ['text/csv'],
      handle: async ({ query }) => {
        const revenue = await this.getRevenue.execute();
        if (query.format === 'json') return revenueResponse(revenue);
        const day = utcDay(revenue.at);
        return csv(`revenue-${day}.csv`, this.documents.csv([{ day, revenue }]));
      },
    }),
    operation({
      method: 'get',
      path: '/api/v1/admin/analytics/revenue/snapshots',
      tag: 'admin',
      summary: 'List the figures that were kept of each day, oldest first',
      description: 'A day has the figures of the first hour in which a worker ran. One without a worker has none.',
      access: 'admin',
      query: RevenueSnapshotsQuery,
      answer: RevenueSnapshotListResponse,
      files: ['text/csv'],
      refusals: ['invalid'],
      handle: async ({ query }) => {
        const { from = null, to = null, format, offset } = query;
        const page = { limit: query.limit ?? (format === 'json' ? USUAL_LIMIT : LONGEST_DAYS), offset };
        const found = await this.listSnapshots.execute(from, to, page);
        if (format === 'json') return pageResponse(found, page, revenueSnapshotResponse);
        return csv('revenue-snapshots.csv', this.documents.csv(found.items));
      },
    }),
  ];
}

function csv(name: string, content: string): Attachment {
  return new Attachment(CSV, `attachment; filename="${name}"`, content);
}
