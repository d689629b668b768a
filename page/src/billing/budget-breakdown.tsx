import type {
  BudgetBreakdownResponse,
  BudgetOperationResponse,
  NamedBudgetSliceResponse,
} from '#interfaces/http/budgets/budget-report.response';
import { Bars } from '../shared/components/bars';
import { type Column, DataTable } from '../shared/components/data-table';
import { Moment } from '../shared/components/moment';
import { Empty, Loaded } from '../shared/components/section';
import { useLocale } from '../shared/locale';
import { useResource } from '../shared/resource';
import { Fold } from './budget-fold';
import { everyDay, shareOf } from './budget-reckoning';
import { BUDGET } from './budget.words';

/** What the money of this period went to: each division adds up to the same. */
export function BudgetBreakdown() {
  const words = useLocale().words(BUDGET);
  return <Fold title={words.breakdown}>{() => <Asked />}</Fold>;
}

function Asked() {
  const words = useLocale().words(BUDGET);
  const [resource, retry] = useResource<BudgetBreakdownResponse>('/api/v1/budget/usage/breakdown');
  return (
    <Loaded resource={resource} retry={retry} lines={6}>
      {(data) => (data.total.requests === 0 ? <Empty>{words.nothingSpent}</Empty> : <Divisions breakdown={data} />)}
    </Loaded>
  );
}

function Divisions({ breakdown }: { readonly breakdown: BudgetBreakdownResponse }) {
  const locale = useLocale();
  const words = locale.words(BUDGET);
  const total = breakdown.total.cost_micros;
  const divisions = [
    [words.byProvider, words.provider, breakdown.by_provider],
    [words.byService, words.service, breakdown.by_service_type],
    [words.byModel, words.model, breakdown.by_model],
  ] as const;
  return (
    <>
      <Days breakdown={breakdown} />
      {divisions.map(([caption, head, rows]) => (
        <DataTable<NamedBudgetSliceResponse>
          key={caption}
          caption={caption}
          rows={rows}
          keyOf={({ name }) => name}
          columns={[
            {
              head,
              cell: ({ name }) => (rows === breakdown.by_service_type ? (words.services[name] ?? name) : name),
            },
            { head: words.requests, numeric: true, cell: ({ requests }) => locale.number(requests) },
            { head: words.tokens, numeric: true, cell: ({ tokens }) => locale.number(tokens) },
            {
              head: words.share,
              numeric: true,
              cell: ({ cost_micros: micros }) => locale.percent(shareOf(micros, total)),
            },
            { head: words.cost, numeric: true, cell: ({ cost_micros: micros }) => locale.dollars(micros) },
          ]}
        />
      ))}
      <DataTable<BudgetOperationResponse>
        caption={words.dearest}
        rows={breakdown.top_expensive_operations}
        keyOf={({ id }) => id}
        columns={operationColumns(locale)}
      />
    </>
  );
}

function Days({ breakdown }: { readonly breakdown: BudgetBreakdownResponse }) {
  const locale = useLocale();
  const words = locale.words(BUDGET);
  const days = everyDay(breakdown, breakdown.by_day);
  const total = locale.dollars(breakdown.total.cost_micros);
  return (
    <>
      <Bars
        label={words.chart(locale.number(days.length), total)}
        bars={days.map(({ date, cost_micros: micros }) => ({
          key: date,
          label: `${locale.utcDay(date)}: ${locale.dollars(micros)}`,
          value: micros,
        }))}
      />
      <DataTable
        caption={words.byDay}
        rows={days}
        keyOf={({ date }) => date}
        columns={[
          { head: words.day, cell: ({ date }) => locale.utcDay(date) },
          {
            head: words.requests,
            numeric: true,
            cell: ({ date }) => locale.number(breakdown.by_day.find((day) => day.date === date)?.requests ?? 0),
          },
          { head: words.cost, numeric: true, cell: ({ cost_micros: micros }) => locale.dollars(micros) },
        ]}
      />
    </>
  );
}

function operationColumns(locale: ReturnType<typeof useLocale>): readonly Column<BudgetOperationResponse>[] {
  const words = locale.words(BUDGET);
  return [
    { head: words.when, cell: ({ timestamp }) => <Moment at={timestamp} /> },
    { head: words.model, cell: ({ provider, model }) => `${provider} ${model}` },
    { head: words.operation, cell: ({ operation }) => operation },
    { head: words.tokens, numeric: true, cell: ({ tokens_used: tokens }) => locale.number(tokens) },
    {
      head: words.cost,
      numeric: true,
      cell: ({ cost_micros: micros, is_estimate: isEstimate }) => (
        <>
          {locale.dollars(micros)}
          {isEstimate && <span class="quiet"> ({words.estimate})</span>}
        </>
      ),
    },
  ];
}
