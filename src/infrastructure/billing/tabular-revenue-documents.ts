import { type Options, stringify } from 'csv-stringify/sync';
import { injectable } from 'inversify';
import type { RevenueDocuments } from '#application/billing/revenue-documents';
import type { RevenueSnapshot } from '#application/billing/revenue-snapshots';
import type { CurrencyRevenue } from '#domain/billing/revenue';

type Line = RevenueSnapshot & { readonly own: CurrencyRevenue | null };
type Value = string | number | bigint | null;

/** One column each, in this order. */
const COLUMNS: readonly (readonly [name: string, value: (line: Line) => Value])[] = [
  ['day', ({ day }) => day],
  ['currency', ({ own }) => own?.currency ?? null],
  ['mrr', ({ own }) => own?.mrr ?? null],
  ['arr', ({ own }) => own?.arr ?? null],
  ['arpu', ({ own }) => own?.arpu ?? null],
  ['at_risk', ({ own }) => own?.atRisk ?? null],
  ['paying_in_currency', ({ own }) => own?.paying ?? 0],
  ['paying', ({ revenue }) => revenue.paying],
  ['trialing', ({ revenue }) => revenue.trialing],
  ['in_grace', ({ revenue }) => revenue.inGrace],
  ['in_review', ({ revenue }) => revenue.inReview],
  ['churn_from', ({ revenue }) => revenue.churn.from.toISOString()],
  ['churn_to', ({ revenue }) => revenue.churn.to.toISOString()],
  ['churn_at_start', ({ revenue }) => revenue.churn.atStart],
  ['churn_lost', ({ revenue }) => revenue.churn.lost],
  ['churn_rate_ppm', ({ revenue }) => revenue.churn.ratePpm],
];

const CSV: Options = { escape_formulas: true, record_delimiter: 'windows' };

@injectable()
export class TabularRevenueDocuments implements RevenueDocuments {
  csv(snapshots: readonly RevenueSnapshot[]): string {
    const lines = snapshots.flatMap((snapshot): readonly Line[] => {
      const { currencies } = snapshot.revenue;
      return currencies.length === 0
        ? [{ ...snapshot, own: null }]
        : currencies.map((own): Line => ({ ...snapshot, own }));
    });
    return stringify(
      [COLUMNS.map(([name]) => name), ...lines.map((line) => COLUMNS.map(([, value]) => value(line)))],
      CSV,
    );
  }
}
