import { injectable } from 'inversify';
import { GetRevenue } from '#application/billing/get-revenue';
import { ListRevenueSnapshots } from '#application/billing/list-revenue-snapshots';
import { RevenueDocuments } from '#application/billing/revenue-documents';
import { Attachment, Controller, operation } from '../shared/operation.js';
import { RevenueQuery, RevenueSnapshotsQuery } from './revenue.request.js';
import {
  RevenueResponse,
  revenueResponse,
  RevenueSnapshotListResponse,
  revenueSnapshotListResponse,
} from './revenue.response.js';

const CSV = 'text/csv; charset=utf-8';

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
        const day = revenue.at.toISOString().slice(0, 10);
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
        const snapshots = await this.listSnapshots.execute(query.from ?? null, query.to ?? null);
        if (query.format === 'json') return revenueSnapshotListResponse(snapshots);
        return csv('revenue-snapshots.csv', this.documents.csv(snapshots));
      },
    }),
  ];
}

function csv(name: string, content: string): Attachment {
  return new Attachment(CSV, `attachment; filename="${name}"`, content);
}
