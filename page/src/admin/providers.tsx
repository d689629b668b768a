import type { CatalogProviderListResponse, CatalogProviderResponse } from '#interfaces/http/gateway/catalog.response';
import { Badge, type Tone } from '../shared/components/badge';
import { DataTable } from '../shared/components/data-table';
import { Moment } from '../shared/components/moment';
import { Empty, Section } from '../shared/components/section';
import { useLocale } from '../shared/locale';
import { useResource } from '../shared/resource';

const TONES: Readonly<Record<CatalogProviderResponse['status'], Tone>> = {
  operational: 'good',
  recovering: 'warn',
  down: 'bad',
};

/** Whom the gateway asks, whether it is left alone for a while, and how fast it answers. */
export function Providers() {
  const [resource, retry] = useResource<CatalogProviderListResponse>('/catalog/providers');
  const locale = useLocale();
  return (
    <Section id="providers" title="AI providers and their circuits" resource={resource} retry={retry} lines={6}>
      {({ data }) =>
        data.length === 0 ? (
          <Empty>No provider is configured.</Empty>
        ) : (
          <DataTable
            caption="Providers"
            hideCaption
            rows={data}
            keyOf={({ id }) => id}
            columns={[
              { head: 'Provider', cell: ({ id, sandbox }) => (sandbox ? `${id} (sandbox)` : id) },
              { head: 'Status', cell: ({ status }) => <Badge tone={TONES[status]}>{status}</Badge> },
              {
                head: 'Circuit',
                cell: ({ circuit, open_until }) => (
                  <>
                    {circuit.replace('_', ' ')}
                    {open_until && (
                      <>
                        {' until '}
                        <Moment at={open_until} />
                      </>
                    )}
                  </>
                ),
              },
              { head: 'Failures in a row', numeric: true, cell: (provider) => provider.failures_in_a_row },
              { head: 'Models refused', cell: (provider) => provider.refused_models.join(', ') || 'none' },
              {
                head: 'First byte, median',
                numeric: true,
                cell: ({ latency }) => (latency ? `${locale.number(latency.first_byte_p50_ms)} ms` : 'not asked yet'),
              },
            ]}
          />
        )
      }
    </Section>
  );
}
