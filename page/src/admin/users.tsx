import { useEffect, useState } from 'preact/hooks';
import type {
  OverviewMeterResponse,
  OverviewSubscriptionResponse,
  UserOverviewResponse,
} from '#interfaces/http/admin/user-overview.response';
import { Badge, type Tone } from '../shared/components/badge';
import { DataTable } from '../shared/components/data-table';
import { Moment } from '../shared/components/moment';
import { Empty, Section } from '../shared/components/section';
import { type Locale, useLocale } from '../shared/locale';
import { usePaged } from './paged';
import { Pager } from './pager';

/** Typing is over when nothing was typed for so long. */
const TYPED_MS = 300;

const ORDERS = { newest: 'newest first', spend: 'most provider money first', email: 'by e-mail' } as const;

/** Everybody, with what they use and what they cost. */
export function Users() {
  const [typed, setTyped] = useState('');
  const [search, setSearch] = useState('');
  const [order, setOrder] = useState<string>('newest');
  const locale = useLocale();
  useEffect(() => {
    const pause = setTimeout(() => setSearch(typed.trim()), TYPED_MS);
    return () => clearTimeout(pause);
  }, [typed]);
  const paged = usePaged<UserOverviewResponse>('/api/v1/admin/overview/users', { search, order });
  return (
    <Section
      id="users"
      title="Users"
      resource={paged.resource}
      retry={paged.retry}
      lines={10}
      aside={
        <div class="controls">
          <label class="field">
            Search
            <input
              type="search"
              value={typed}
              maxLength={255}
              placeholder="a part of e-mail or name"
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </label>
          <label class="field">
            Order
            <select value={order} onChange={(event) => setOrder(event.currentTarget.value)}>
              {Object.entries(ORDERS).map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </select>
          </label>
        </div>
      }
    >
      {(list) => (
        <>
          {list.data.length === 0 ? (
            <Empty>Nobody is found by this.</Empty>
          ) : (
            <DataTable
              caption="Users"
              hideCaption
              rows={list.data}
              keyOf={({ id }) => id}
              columns={[
                { head: 'User', cell: (user) => <Who user={user} /> },
                { head: 'Plan', cell: (user) => <PlanOf user={user} /> },
                { head: 'Sessions', numeric: true, cell: ({ usage }) => meterText(usage.sessions, locale) },
                { head: 'Minutes', numeric: true, cell: ({ usage }) => meterText(usage.minutes, locale) },
                { head: 'Credit', numeric: true, cell: ({ credit }) => creditText(credit, locale) },
                { head: 'Provider budget', numeric: true, cell: (user) => <BudgetOf user={user} /> },
                {
                  head: 'Last active',
                  cell: ({ last_active_at: at }) => (at === null ? 'never' : <Moment at={at} as="day" />),
                },
              ]}
            />
          )}
          <Pager list={list} paged={paged} />
        </>
      )}
    </Section>
  );
}

function Who({ user }: { readonly user: UserOverviewResponse }) {
  return (
    <>
      <a href={`#/users/${user.id}`}>{user.email}</a>
      <br />
      <span class="quiet">{user.name}</span> {user.role === 'admin' && <Badge tone="info">admin</Badge>}{' '}
      {user.suspended_at !== null && <Badge tone="bad">suspended</Badge>}
    </>
  );
}

function PlanOf({ user }: { readonly user: UserOverviewResponse }) {
  return (
    <>
      {user.plan} {user.subscription && <SubscriptionBadge subscription={user.subscription} />}
    </>
  );
}

function SubscriptionBadge({ subscription }: { readonly subscription: OverviewSubscriptionResponse }) {
  const { status, dunning, review, cancel_at_period_end: ends } = subscription;
  if (review !== null) return <Badge tone="bad">{`review: ${review}`}</Badge>;
  const words = [status.replaceAll('_', ' '), ...(dunning === 'clear' ? [] : [dunning]), ...(ends ? ['ends'] : [])];
  const tone: Tone = dunning === 'clear' ? (status === 'active' || status === 'trialing' ? 'good' : 'quiet') : 'warn';
  return <Badge tone={tone}>{words.join(', ')}</Badge>;
}

const LEVELS: Readonly<Record<string, Tone>> = {
  green: 'good',
  yellow: 'info',
  orange: 'warn',
  red: 'bad',
  critical: 'bad',
};

function BudgetOf({ user: { budget } }: { readonly user: UserOverviewResponse }) {
  const locale = useLocale();
  if (budget === null) return <>none</>;
  return (
    <>
      {`${locale.dollars(budget.spent_micros)} of ${locale.dollars(budget.limit_micros)}`}{' '}
      <Badge tone={LEVELS[budget.level] ?? 'quiet'}>{budget.level}</Badge>
    </>
  );
}

/** Such as "119 + 12 held of 3,000". */
function meterText({ used, held, limit }: OverviewMeterResponse, locale: Locale): string {
  const amount = held > 0 ? `${locale.number(used)} + ${locale.number(held)} held` : locale.number(used);
  return limit === null ? amount : `${amount} of ${typeof limit === 'number' ? locale.number(limit) : limit}`;
}

function creditText(credit: UserOverviewResponse['credit'], locale: Locale): string {
  const { balance_micros: balance, held_micros: held, debt_micros: debt } = credit;
  const parts = [locale.dollars(balance)];
  if (held > 0) parts.push(`${locale.dollars(held)} held`);
  if (debt > 0) parts.push(`${locale.dollars(debt)} owed`);
  return parts.join(', ');
}
