import { Section } from '../shared/components/section';
import { useResource } from '../shared/resource';

export function Credits() {
  const [resource, retry] = useResource<object>('/user/balance');
  return (
    <Section id="credits" title="Credit" resource={resource} retry={retry}>
      {(data) => <code>{JSON.stringify(data).slice(0, 200)}</code>}
    </Section>
  );
}
