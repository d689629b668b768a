import { useEffect, useRef, useState } from 'preact/hooks';
import type { DeviceListResponse, DeviceResponse } from '#interfaces/http/accounts/account.response';
import type { CurrentUsageResponse } from '#interfaces/http/usage/current-usage.response';
import { Button } from '../shared/components/button';
import { DataTable } from '../shared/components/data-table';
import { Moment } from '../shared/components/moment';
import { Empty, Section } from '../shared/components/section';
import { useLocale } from '../shared/locale';
import { useResource } from '../shared/resource';
import { NewKey } from './devices-new-key';
import { Revocation } from './devices-revoke';
import { DEVICES } from './devices.words';
import './devices.css';

/** As many as the server gives at once: more than any plan has, so a second page is of revoked ones. */
const PAGE = 100;

export function Devices() {
  const locale = useLocale();
  const words = locale.words(DEVICES);
  const [offset, setOffset] = useState(0);
  const [resource, retry] = useResource<DeviceListResponse>(`/api/v1/devices?limit=${PAGE}&offset=${offset}`);
  const [usage] = useResource<CurrentUsageResponse>('/api/v1/usage/current');
  const [isCreating, setCreating] = useState(false);
  const [leaving, setLeaving] = useState<DeviceResponse | null>(null);
  const didRevoke = useRef(false);

  // With the row the button went that had the focus: keyboards go on at the section's name, not at the page's start.
  useEffect(() => {
    if (!didRevoke.current || document.activeElement !== document.body) return;
    didRevoke.current = false;
    const title = document.getElementById('devices-title');
    title?.setAttribute('tabindex', '-1');
    title?.focus();
  }, [resource]);

  const limit = usage.state === 'ready' ? usage.data.device_limit : null;
  return (
    <>
      <Section
        id="devices"
        title={words.title}
        resource={resource}
        retry={retry}
        aside={<Button onClick={() => setCreating(true)}>{words.create}</Button>}
      >
        {({ data, has_more: hasMore }) => {
          const active = data.filter(({ revoked_at: at }) => at === null);
          const revoked = data.filter(({ revoked_at: at }) => at !== null);
          return (
            <>
              <p class="quiet">
                {words.intro}{' '}
                {limit !== null && offset === 0 && !hasMore && (
                  <strong>{words.count(locale.number(active.length), locale.number(limit))}</strong>
                )}
              </p>
              {active.length === 0 ? (
                offset === 0 && <Empty>{words.empty}</Empty>
              ) : (
                <DeviceTable caption={words.active} devices={active} revoke={setLeaving} />
              )}
              {revoked.length > 0 && (
                <details>
                  <summary>{words.revokedOnes(locale.number(revoked.length))}</summary>
                  <DeviceTable caption={words.revokedOnes(locale.number(revoked.length))} devices={revoked} />
                </details>
              )}
              {(hasMore || offset > 0) && (
                <div class="actions">
                  {offset > 0 && <Button onClick={() => setOffset(offset - PAGE)}>{words.newer}</Button>}
                  {hasMore && <Button onClick={() => setOffset(offset + PAGE)}>{words.older}</Button>}
                </div>
              )}
            </>
          );
        }}
      </Section>
      {isCreating && <NewKey close={() => setCreating(false)} />}
      {leaving && (
        <Revocation
          device={leaving}
          close={(done) => {
            didRevoke.current = done;
            setLeaving(null);
          }}
        />
      )}
    </>
  );
}

interface DeviceTableProps {
  readonly caption: string;
  readonly devices: readonly DeviceResponse[];
  /** Not for those that were revoked. */
  readonly revoke?: (device: DeviceResponse) => void;
}

function DeviceTable({ caption, devices, revoke }: DeviceTableProps) {
  const words = useLocale().words(DEVICES);
  return (
    <DataTable<DeviceResponse>
      caption={caption}
      hideCaption
      rows={devices}
      keyOf={({ id }) => id}
      columns={[
        { head: words.name, cell: ({ name }) => <bdi>{name}</bdi> },
        { head: words.key, cell: ({ prefix, last_four: end }) => <code dir="ltr">{`${prefix}…${end}`}</code> },
        { head: words.created, cell: ({ created_at: at }) => <Moment at={at} as="date" /> },
        { head: words.seen, cell: ({ last_seen_at: at }) => (at === null ? words.neverUsed : <Moment at={at} />) },
        revoke
          ? {
              head: words.revoke,
              cell: (device) => (
                <Button kind="link" onClick={() => revoke(device)} label={words.revokeNamed(device.name)}>
                  {words.revoke}
                </Button>
              ),
            }
          : { head: words.revokedOn, cell: ({ revoked_at: at }) => at !== null && <Moment at={at} as="date" /> },
      ]}
    />
  );
}
