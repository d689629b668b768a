import { useEffect, useRef, useState } from 'preact/hooks';
import type { InvoiceListResponse, InvoiceResponse } from '#interfaces/http/billing/invoice.response';
import { Button } from '../shared/components/button';
import { type Column, DataTable } from '../shared/components/data-table';
import { Empty, Section } from '../shared/components/section';
import { type Locale, useLocale } from '../shared/locale';
import { useHost } from '../shared/opening';
import { type Resource, useResource } from '../shared/resource';
import { COMMON } from '../shared/words';
import { InvoiceAmount, InvoiceLinks, InvoiceStatus } from './invoices-parts';
import { INVOICES } from './invoices.words';
import './invoices.css';
import { rememberLeaving } from './plan-card-arrival';
import { PLAN_COMPARE } from './plan-compare.words';
import { PlanProblem } from './plan-card-problem';
import { usePortal } from './plan-card-ways';

const FIRST = 6;
const STEP = 20;
/** The most that the server hands out at once. */
const MOST = 100;

/** What was charged, for what, and where the documents are. */
export function Invoices() {
  const locale = useLocale();
  const words = locale.words(INVOICES);
  const [limit, setLimit] = useState(FIRST);
  const [asked, retry] = useResource<InvoiceListResponse>(`/api/v1/billing/invoices?limit=${limit}`);
  const invoices = useKept(asked);
  const portal = usePortal();
  const { leaveFor } = useHost();
  const count = useRef<HTMLSpanElement>(null);
  const shown = invoices.state === 'ready' ? invoices.data.data.length : 0;
  useEffect(() => {
    // "Show more" is gone when nothing is left to be shown, and the focus goes to what it said.
    if (limit > FIRST && document.activeElement === document.body) count.current?.focus();
  }, [shown]);

  const pay = ({ hosted_invoice_url: url }: InvoiceResponse): void => {
    if (url === null) return void portal.run(null);
    rememberLeaving('portal');
    leaveFor(url);
  };
  return (
    <Section id="invoices" title={words.title} resource={invoices} retry={retry}>
      {({ data, total, has_more }) => {
        if (data.length === 0) return <Empty>{words.empty}</Empty>;
        return (
          <>
            <DataTable
              caption={words.title}
              hideCaption
              rows={data}
              keyOf={({ id }) => id}
              columns={[
                ...columnsOf(locale, data),
                {
                  head: words.links,
                  numeric: true,
                  cell: (invoice) => <InvoiceLinks invoice={invoice} pay={pay} busy={portal.isRunning} />,
                },
              ]}
            />
            <PlanProblem problem={portal.problem} />
            {total > FIRST && (
              <div class="actions">
                {has_more && limit < MOST && (
                  <Button busy={asked.state === 'loading'} onClick={() => setLimit(Math.min(MOST, limit + STEP))}>
                    {locale.words(COMMON).more}
                  </Button>
                )}
                <span class="quiet" ref={count} tabIndex={-1}>
                  {locale.words(PLAN_COMPARE).of(locale.number(data.length), locale.number(total))}
                </span>
              </div>
            )}
          </>
        );
      }}
    </Section>
  );
}

/** What an invoice is for is a column only where the provider says it. */
function columnsOf(locale: Locale, invoices: readonly InvoiceResponse[]): readonly Column<InvoiceResponse>[] {
  const words = locale.words(INVOICES);
  return [
    { head: words.number, cell: ({ number }) => number ?? words.standing.draft },
    ...(invoices.some(({ description }) => description)
      ? [{ head: words.for, cell: ({ description }: InvoiceResponse) => <span lang="en">{description ?? '–'}</span> }]
      : []),
    { head: words.period, cell: ({ period_start, period_end }) => locale.range(period_start, period_end) },
    { head: words.status, cell: (invoice) => <InvoiceStatus invoice={invoice} /> },
    { head: words.amount, numeric: true, cell: (invoice) => <InvoiceAmount invoice={invoice} /> },
  ];
}

/** While more is asked for, what was there stays. */
function useKept<T>(asked: Resource<T>): Resource<T> {
  const last = useRef<Resource<T>>(asked);
  if (asked.state === 'ready') last.current = asked;
  const kept = last.current;
  if (kept.state !== 'ready' || asked.state === 'ready') return asked;
  return { ...kept, stale: asked.state === 'failed' ? asked.problem : null };
}
