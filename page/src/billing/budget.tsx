import { Section } from '../shared/components/section';
import { useResource } from '../shared/resource';

export function Budget() {
  const [resource, retry] = useResource<object>('/api/v1/budget/status');
  return (
    <Section id="budget" title="Budget" resource={resource} retry={retry}>
      {(data) => <code>{JSON.stringify(data).slice(0, 200)}</code>}
    </Section>
  );
}
