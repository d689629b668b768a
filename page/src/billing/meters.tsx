import { Section } from '../shared/components/section';
import { useResource } from '../shared/resource';

export function Meters() {
  const [resource, retry] = useResource<object>('/api/v1/usage/current');
  return (
    <Section id="meters" title="This period" resource={resource} retry={retry}>
      {(data) => <code>{JSON.stringify(data).slice(0, 200)}</code>}
    </Section>
  );
}
