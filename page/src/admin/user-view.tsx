import { useEffect, useState } from 'preact/hooks';
import type { AdminUserResponse } from '#interfaces/http/admin/user-admin.response';
import type { TimelineEntryResponse, UserTimelineResponse } from '#interfaces/http/admin/user-timeline.response';
import { Badge } from '../shared/components/badge';
import { Button } from '../shared/components/button';
import { Moment } from '../shared/components/moment';
import { ProblemNote } from '../shared/components/problem';
import { Empty, Section } from '../shared/components/section';
import { type Locale, useLocale } from '../shared/locale';
import { useApi, useDeed, useResource } from '../shared/resource';

type Kind = TimelineEntryResponse['kind'];

/** What operators ask for together, by one word each. */
const GROUPS: Readonly<Record<string, readonly Kind[]>> = {
  everything: [],
  money: ['credit', 'payment', 'invoice', 'subscription'],
  usage: ['session', 'transcription', 'ai_request', 'reported_usage', 'period_reset'],
  'limits and budgets': ['refusal', 'budget_alert', 'budget_reset', 'notification'],
  access: ['device_created', 'device_revoked', 'page_session', 'audit'],
};

/** One user: who it is, and everything that happened in one line of time. */
export function UserView({ id }: { readonly id: string }) {
  const path = `/api/v1/admin/users/${encodeURIComponent(id)}`;
  const [user, retry] = useResource<AdminUserResponse>(path);
  return (
    <>
      <p>
        <a href="#/users">All users</a>
      </p>
      <Section id="user" title="User" resource={user} retry={retry} lines={4}>
        {(data) => (
          <dl class="facts">
            <dt>E-mail</dt>
            <dd>{data.email}</dd>
            <dt>Name</dt>
            <dd>{data.name}</dd>
            <dt>Plan</dt>
            <dd>{data.plan}</dd>
            <dt>Registered</dt>
            <dd>
              <Moment at={data.created_at} />
            </dd>
            <dt>Id</dt>
            <dd>
              <code>{data.id}</code>
            </dd>
            {data.suspended_at !== null && (
              <>
                <dt>Suspended</dt>
                <dd>
                  <Badge tone="bad">suspended</Badge> <Moment at={data.suspended_at} />
                </dd>
              </>
            )}
          </dl>
        )}
      </Section>
      <Timeline path={`${path}/timeline`} />
    </>
  );
}

function Timeline({ path }: { readonly path: string }) {
  const [group, setGroup] = useState('everything');
  const kinds = GROUPS[group]!.join(',');
  const address = `${path}?limit=50${kinds && `&kind=${kinds}`}`;
  const [first, retry] = useResource<UserTimelineResponse>(address);
  return (
    <Section
      id="timeline"
      title="Timeline"
      resource={first}
      retry={retry}
      lines={8}
      aside={
        <label class="field">
          Show
          <select value={group} onChange={(event) => setGroup(event.currentTarget.value)}>
            {Object.keys(GROUPS).map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
      }
    >
      {(data) => <Entries first={data} address={address} />}
    </Section>
  );
}

function Entries({ first, address }: { readonly first: UserTimelineResponse; readonly address: string }) {
  const api = useApi();
  const [older, setOlder] = useState<readonly UserTimelineResponse[]>([]);
  useEffect(() => setOlder([]), [first]);
  const last = older.at(-1) ?? first;
  const more = useDeed(async () => {
    const next = await api.get<UserTimelineResponse>(`${address}&before=${encodeURIComponent(last.next_before!)}`);
    setOlder((known) => [...known, next]);
  });
  const entries = [first, ...older].flatMap(({ data }) => data);
  if (entries.length === 0) return <Empty>Nothing of this kind happened to this user.</Empty>;
  return (
    <>
      <ol class="timeline">
        {entries.map((entry) => (
          <Entry key={`${entry.kind} ${entry.id}`} entry={entry} />
        ))}
      </ol>
      {last.next_before !== null && (
        <Button busy={more.isRunning} onClick={() => void more.run()}>
          Show older
        </Button>
      )}
      <ProblemNote problem={more.problem} />
    </>
  );
}

function Entry({ entry }: { readonly entry: TimelineEntryResponse }) {
  const locale = useLocale();
  return (
    <li>
      <Moment at={entry.at} />
      <span class="quiet">{entry.kind.replaceAll('_', ' ')}</span>
      <details>
        <summary>
          {entry.title} <strong>{amountOf(entry, locale)}</strong>
        </summary>
        <pre class="payload">{JSON.stringify({ id: entry.id, ...entry.facts, ...entry.links }, null, 2)}</pre>
      </details>
    </li>
  );
}

/** The money of an entry, in its own currency; nothing where none moved. */
function amountOf(
  { amount_minor: minor, currency, amount_micros: micros }: TimelineEntryResponse,
  locale: Locale,
): string {
  if (minor !== null && currency !== null) return locale.money(minor, currency);
  return micros === null ? '' : locale.dollars(micros);
}
