import { Section } from '../shared/components/section';
import { useResource } from '../shared/resource';

export function UsageOverTime() {
  const [resource, retry] = useResource<object>('/api/v1/usage/trends');
  return (
    <Section id="usage-over-time" title="Usage over time" resource={resource} retry={retry}>
      {(data) => <code>{JSON.stringify(data).slice(0, 200)}</code>}
    </Section>
  );
}
