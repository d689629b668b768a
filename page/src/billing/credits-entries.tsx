import { useEffect, useRef, useState } from 'preact/hooks';
import type { CreditGrantResponse } from '#interfaces/http/credits/credit-balance.response';
import type {
  CreditTransactionListResponse,
  CreditTransactionResponse,
} from '#interfaces/http/credits/credit.response';
import { isCopied } from '../shared/clipboard';
import { announce } from '../shared/components/announcer';
import { Button } from '../shared/components/button';
import { DataTable } from '../shared/components/data-table';
import { Moment } from '../shared/components/moment';
import { Empty, Loaded } from '../shared/components/section';
import { useLocale } from '../shared/locale';
import { useResource } from '../shared/resource';
import { COMMON } from '../shared/words';
import { DIGITS, grantOf, pageOf, referenceOf } from './credits-reckoning';
import { CREDITS } from './credits.words';

const AT_ONCE = 8;

interface EntriesProps {
  /** By which an entry is told what paid it. */
  readonly grants: readonly CreditGrantResponse[];
}

/** Every movement of the credit, newest first. */
export function CreditEntries({ grants }: EntriesProps) {
  const locale = useLocale();
  const words = locale.words(CREDITS);
  const [offset, setOffset] = useState(0);
  const [total, setTotal] = useState(0);
  const [list, retry] = useResource<CreditTransactionListResponse>(
    `/api/v1/credits/transactions?limit=${AT_ONCE}&offset=${offset}`,
  );
  useEffect(() => {
    if (list.state === 'ready') setTotal(list.data.total);
  }, [list]);
  const page = pageOf(offset, AT_ONCE, total);
  return (
    <>
      <h3>{words.entries}</h3>
      <Loaded resource={list} retry={retry} lines={6}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty>{words.none}</Empty>
          ) : (
            <DataTable
              caption={words.entries}
              hideCaption
              keyOf={({ id }) => id}
              rows={data}
              columns={[
                { head: words.date, cell: (entry) => <Moment at={entry.created_at} as="day" /> },
                { head: words.what, cell: (entry) => <What entry={entry} entries={data} grants={grants} /> },
                {
                  head: words.amount,
                  numeric: true,
                  cell: (entry) => <bdi>{locale.signed(entry.amount, DIGITS)}</bdi>,
                },
                { head: words.after, numeric: true, cell: (entry) => locale.number(entry.balance_after, DIGITS) },
              ]}
            />
          )
        }
      </Loaded>
      {total > AT_ONCE && (
        <div class="row">
          <Button disabled={!page.hasNewer} onClick={() => setOffset(Math.max(0, offset - AT_ONCE))}>
            {words.newer}
          </Button>
          <span class="quiet">
            {words.range(locale.number(page.first), locale.number(page.last), locale.number(total))}
          </span>
          <Button disabled={!page.hasOlder} onClick={() => setOffset(offset + AT_ONCE)}>
            {words.older}
          </Button>
        </div>
      )}
    </>
  );
}

interface WhatProps extends EntriesProps {
  readonly entry: CreditTransactionResponse;
  readonly entries: readonly CreditTransactionResponse[];
}

/** What an entry is, in words; what it leads to and what paid it, when asked. */
function What({ entry, entries, grants }: WhatProps) {
  const locale = useLocale();
  const words = locale.words(CREDITS);
  const reference = referenceOf(entry.metadata);
  return (
    <div class="credit-what">
      <span>{words.types[entry.type]}</span>
      <span class="quiet" lang="en">
        {entry.description}
      </span>
      {entry.debt !== 0 && <span>{words.owed(locale.signed(entry.debt, DIGITS))}</span>}
      <details>
        <summary>{words.details}</summary>
        <p>
          <Moment at={entry.created_at} />
        </p>
        {reference && <Id name={words.references[reference.kind]} id={reference.id} />}
        {entry.paid_by.map(({ grant_id: id, credits }) => {
          const grant = grantOf(id, grants, entries);
          const amount = words.credits(locale.number(credits, DIGITS));
          return (
            <p key={id}>
              {grant
                ? words.paidBy(amount, `${words.types[grant.type]}, ${locale.day(grant.created_at)}`)
                : words.paidBy(amount, id)}
            </p>
          );
        })}
      </details>
    </div>
  );
}

function Id({ name, id }: { readonly name: string; readonly id: string }) {
  const words = useLocale().words(COMMON);
  const code = useRef<HTMLElement>(null);
  const copy = async (): Promise<void> => {
    if (await isCopied(id)) announce(words.copied);
    else if (code.current) getSelection()?.selectAllChildren(code.current);
  };
  return (
    <p>
      {name}: <code ref={code}>{id}</code>{' '}
      <Button kind="link" label={`${words.copy}: ${name} ${id}`} onClick={() => void copy()}>
        {words.copy}
      </Button>
    </p>
  );
}
