import { Section } from '../shared/components/section';
import { useResource } from '../shared/resource';

export function PlanCompare() {
  const [resource, retry] = useResource<object>('/api/v1/plans/compare');
  return (
    <Section id="plan-compare" title="Compare plans" resource={resource} retry={retry}>
      {(data) => <code>{JSON.stringify(data).slice(0, 200)}</code>}
    </Section>
  );
}
