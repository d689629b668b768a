import { Section } from '../shared/components/section';
import { useResource } from '../shared/resource';

export function Devices() {
  const [resource, retry] = useResource<object>('/api/v1/devices');
  return (
    <Section id="devices" title="Devices" resource={resource} retry={retry}>
      {(data) => <code>{JSON.stringify(data).slice(0, 200)}</code>}
    </Section>
  );
}
