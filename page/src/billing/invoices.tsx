import { Section } from '../shared/components/section';
import { useResource } from '../shared/resource';

export function Invoices() {
  const [resource, retry] = useResource<object>('/api/v1/billing/invoices');
  return (
    <Section id="invoices" title="Invoices" resource={resource} retry={retry}>
      {(data) => <code>{JSON.stringify(data).slice(0, 200)}</code>}
    </Section>
  );
}
