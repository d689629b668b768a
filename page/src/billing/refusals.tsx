import { Section } from '../shared/components/section';
import { useResource } from '../shared/resource';

export function Refusals() {
  const [resource, retry] = useResource<object>('/api/v1/usage/refusals');
  return (
    <Section id="refusals" title="Why was I stopped" resource={resource} retry={retry}>
      {(data) => <code>{JSON.stringify(data).slice(0, 200)}</code>}
    </Section>
  );
}
